#include "engine/ingest/id_cache.h"

#include <utility>

#include "engine/base/check.h"

namespace halqa::ingest {

void IdCache::Place(const Slot& slot) {
  size_t i = slot.high & (slots_.size() - 1);
  while (slots_[i].account != kNoAccount) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = slot;
}

void IdCache::Grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.account != kNoAccount) Place(slot);
  }
}

void IdCache::Insert(const store::KeyedHash& hash, AccountId account) {
  HALQA_CHECK(account != kNoAccount);
  for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].account == kNoAccount) break;
    if (!Same(slots_[i], hash)) continue;
    slots_[i].account = account;
    return;
  }
  if ((size_ + 1) * 4 > slots_.size() * 3) Grow();
  Place({HighOf(hash), LowOf(hash), account});
  ++size_;
}

void IdCache::Erase(const store::KeyedHash& hash) {
  const size_t mask = slots_.size() - 1;
  size_t i = Home(hash);
  for (; !Same(slots_[i], hash) || slots_[i].account == kNoAccount; i = (i + 1) & mask) {
    if (slots_[i].account == kNoAccount) return;
  }
  slots_[i] = {};
  --size_;
  // The rest of the chain may have passed over the slot that is free now.
  for (i = (i + 1) & mask; slots_[i].account != kNoAccount; i = (i + 1) & mask) {
    Place(std::exchange(slots_[i], Slot{}));
  }
}

}  // namespace halqa::ingest
