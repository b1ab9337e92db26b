#include "engine/ingest/bulk_ids.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/checksum.h"

namespace halqa::ingest {

HashedId IdTable::Hashed(absl::string_view id) { return {id, Checksum64(id), kFree}; }

void IdTable::Prefetch(absl::Span<HashedId> ids) const {
  if (slots_.empty()) return;
  const uint64_t mask = slots_.size() - 1;
  for (const HashedId& id : ids) __builtin_prefetch(&slots_[id.hash & mask]);
  for (HashedId& id : ids) {
    const auto tag = static_cast<uint32_t>(id.hash >> 32);
    uint64_t at = id.hash & mask;
    while (slots_[at].id != kFree && slots_[at].tag != tag) at = (at + 1) & mask;
    id.guess = slots_[at].id;
    if (id.guess != kFree) __builtin_prefetch(&names_[id.guess]);
  }
  for (const HashedId& id : ids) {
    if (id.guess == kFree) continue;
    const absl::string_view text = name(id.guess);
    __builtin_prefetch(text.data());
    __builtin_prefetch(text.data() + text.size() - 1);
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
  const uint32_t found = Lookup(id);
  return found == kFree ? std::nullopt : std::optional<uint32_t>(found);
}

uint32_t IdTable::Intern(const HashedId& id) {
  if (id.guess != kFree && name(id.guess) == id.id) return id.guess;
  if (uint64_t{8} * (names_.size() + 1) > uint64_t{5} * slots_.size()) Grow();
  Slot& slot = slots_[Locate(id)];
  if (slot.id == kFree) {
    slot = {static_cast<uint32_t>(id.hash >> 32), size()};
    names_.push_back(Keep(id.id));
  }
  return slot.id;
}

void IdTable::Grow() {
  slots_ = Array<Slot>(std::max<uint64_t>(1024, 2 * slots_.size()), Slot{0, kFree});
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
    blocks_.emplace_back(kBlockChars);
    block_used_ = 0;
  }
  const uint64_t place = ((blocks_.size() - 1) << kBlockBits) + block_used_;
  std::copy(id.begin(), id.end(), blocks_.back().data() + block_used_);
  block_used_ += id.size();
  return (place << kLengthBits) | id.size();
}

}  // namespace halqa::ingest
