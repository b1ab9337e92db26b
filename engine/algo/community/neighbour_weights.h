#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace halqa::internal {

// Sums weights by community over one row; made for millions of small rows. `Sum` is uint32_t where
// all weights are 1, else double.
// Invariants: 1. all slots are free between rows.
template <typename Sum>
class NeighbourWeights {
 public:
  static constexpr uint32_t kFree = 0xffffffffu;

  // REQUIRES: at most `distinct` different communities until Clear, none before, all below
  // `universe`. Where the table is as large as the universe, each has a slot of its own.
  void Prepare(uint64_t distinct, uint64_t universe) {
    const int bits = BitsFor(distinct, universe);
    if ((uint64_t{1} << bits) > slots_.size()) {
      slots_.resize(uint64_t{1} << bits, Slot{kFree, 0});
      used_.resize(slots_.size());
    }
    mask_ = (uint64_t{1} << bits) - 1;
    factor_ = universe <= mask_ + 1 ? 1 : 0x9e3779b1u;
    shift_ = universe <= mask_ + 1 ? 0 : 32 - bits;
  }
  void Add(uint32_t community, Sum weight) {
    uint64_t s = Home(community);
    for (;;) {
      Slot& slot = slots_[s];
      if (slot.community == community) {
        slot.weight += weight;
        return;
      }
      if (slot.community == kFree) {
        slot = {community, weight};
        used_[count_++] = static_cast<uint32_t>(s);
        return;
      }
      s = (s + 1) & mask_;
    }
  }
  // Calls fn(community, weight) in the order of first Add.
  template <typename Fn>
  void ForEach(Fn fn) const {
    for (uint64_t i = 0; i < count_; ++i) fn(slots_[used_[i]].community, slots_[used_[i]].weight);
  }
  uint64_t size() const { return count_; }
  void Clear() {
    for (uint64_t i = 0; i < count_; ++i) slots_[used_[i]].community = kFree;
    count_ = 0;
  }

 private:
  struct Slot {
    uint32_t community;
    Sum weight;
  };

 public:
  // The most bytes of a table that is prepared for so many and was for fewer before: while it
  // grows, one of its arrays is there in the former size too.
  static uint64_t BytesFor(uint64_t distinct, uint64_t universe) {
    return (sizeof(Slot) + sizeof(uint32_t) * 3 / 2) << BitsFor(distinct, universe);
  }

 private:
  static int BitsFor(uint64_t distinct, uint64_t universe) {
    const uint64_t wanted = std::min(2 * distinct, std::max<uint64_t>(universe, 1));
    return std::max(3, static_cast<int>(std::bit_width(wanted - 1)));
  }
  uint64_t Home(uint32_t community) const { return (community * factor_) >> shift_; }
  std::vector<Slot> slots_;
  std::vector<uint32_t> used_;  // places of the first count_ slots in use
  uint64_t count_ = 0;
  uint32_t factor_ = 0x9e3779b1u;
  int shift_ = 29;
  uint64_t mask_ = 7;
};

}  // namespace halqa::internal
