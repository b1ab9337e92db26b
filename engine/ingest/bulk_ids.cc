#include "engine/ingest/bulk_ids.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/checksum.h"

namespace halqa::ingest {

HashedId IdTable::Hashed(absl::string_view id) { return {id, Checksum64(id)}; }

void IdTable::Prefetch(absl::Span<const HashedId> ids) const {
  if (slots_.empty()) return;
  const uint64_t mask = slots_.size() - 1;
  for (const HashedId& id : ids) __builtin_prefetch(&slots_[id.hash & mask]);
  // The first slot is nearly always the one; a wrong guess only costs the miss it should save.
  auto guess = [&](const HashedId& id) { return slots_[id.hash & mask].id; };
  for (const HashedId& id : ids) {
    if (guess(id) != kFree) __builtin_prefetch(&names_[guess(id)]);
  }
  for (const HashedId& id : ids) {
    if (guess(id) != kFree) __builtin_prefetch(name(guess(id)).data());
  }
}

size_t IdTable::Locate(const HashedId& id) const {
  const uint64_t mask = slots_.size() - 1;
  const auto tag = static_cast<uint32_t>(id.hash >> 32);
  for (uint64_t at = id.hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.id == kFree || (slot.tag == tag && name(slot.id) == id.id)) return at;
  }
}

std::optional<uint32_t> IdTable::Find(const HashedId& id) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[Locate(id)];
  return slot.id == kFree ? std::nullopt : std::optional<uint32_t>(slot.id);
}

uint32_t IdTable::Intern(const HashedId& id) {
  if (uint64_t{8} * (names_.size() + 1) > uint64_t{5} * slots_.size()) Grow();
  Slot& slot = slots_[Locate(id)];
  if (slot.id == kFree) {
    slot = {static_cast<uint32_t>(id.hash >> 32), size()};
    names_.push_back(Keep(id.id));
  }
  return slot.id;
}

void IdTable::Grow() {
  slots_.assign(std::max<size_t>(1024, 2 * slots_.size()), Slot());
  const uint64_t mask = slots_.size() - 1;
  for (uint32_t i = 0; i < size(); ++i) {
    const HashedId id = Hashed(name(i));
    uint64_t at = id.hash & mask;
    while (slots_[at].id != kFree) at = (at + 1) & mask;
    slots_[at] = {static_cast<uint32_t>(id.hash >> 32), i};
  }
}

uint64_t IdTable::Keep(absl::string_view id) {
  HALQA_CHECK(id.size() < (uint64_t{1} << kLengthBits));
  if (block_used_ + id.size() > kBlockChars) {
    blocks_.push_back(std::make_unique<char[]>(kBlockChars));
    block_used_ = 0;
  }
  const uint64_t place = ((blocks_.size() - 1) << kBlockBits) + block_used_;
  std::copy(id.begin(), id.end(), blocks_.back().get() + block_used_);
  block_used_ += id.size();
  return (place << kLengthBits) | id.size();
}

}  // namespace halqa::ingest
