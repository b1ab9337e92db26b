#pragma once
// Which account a hash means, in memory: every look-up in the store costs some microseconds.

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/store/keyed_hash.h"

namespace halqa::ingest {

// An open-addressed table of 16-byte slots: 96 bits of the hash and the account. The hashes are
// pseudo-random, so two of 10 million accounts agree in 96 bits with a probability of 6e-16.
// Memory: 21 to 43 bytes per account.
// Thread safety: one thread.
class IdCache {
 public:
  IdCache() : slots_(kSmallest) {}

  std::optional<AccountId> Find(const store::KeyedHash& hash) const {
    for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.account == kNoAccount) return std::nullopt;
      if (Same(slot, hash)) return slot.account;
    }
  }
  // Brings the slot of a hash closer; a Find some hundred instructions later does not wait.
  void Prefetch(const store::KeyedHash& hash) const { __builtin_prefetch(&slots_[Home(hash)]); }

  // Adds or replaces. REQUIRES: account != kNoAccount.
  void Insert(const store::KeyedHash& hash, AccountId account);
  void Erase(const store::KeyedHash& hash);

  // The table holds every account of the store: what it does not know does not exist.
  bool complete() const { return complete_; }
  void set_complete() { complete_ = true; }

  uint64_t size() const { return size_; }
  uint64_t bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t high = 0;
    uint32_t low = 0;
    AccountId account = kNoAccount;
  };
  static_assert(sizeof(Slot) == 16);
  static constexpr size_t kSmallest = 1024;

  static uint64_t HighOf(const store::KeyedHash& hash) {
    uint64_t v;
    std::memcpy(&v, hash.data(), 8);
    return v;
  }
  static uint32_t LowOf(const store::KeyedHash& hash) {
    uint32_t v;
    std::memcpy(&v, hash.data() + 8, 4);
    return v;
  }
  static bool Same(const Slot& slot, const store::KeyedHash& hash) {
    return slot.high == HighOf(hash) && slot.low == LowOf(hash);
  }
  size_t Home(const store::KeyedHash& hash) const { return HighOf(hash) & (slots_.size() - 1); }
  void Place(const Slot& slot);
  void Grow();

  std::vector<Slot> slots_;  // a power of two, at most three quarters full
  uint64_t size_ = 0;
  bool complete_ = false;
};

}  // namespace halqa::ingest
