#pragma once
// Breadth-first searches from up to 64 vertices at once, one bit each: what they have in common is
// read once (Then, Kaufmann, Chirigati, Hoang-Vu, Pham, Kemper, Neumann, Vo, PVLDB 2014).

#include <cstdint>

#include "engine/algo/centrality/direction.h"
#include "engine/base/run_context.h"
#include "engine/graph/array.h"

namespace halqa {

// Thread safety: one thread at a time.
// Invariants: 1. between two runs all masks are 0.
class BatchSearch {
 public:
  static constexpr uint32_t kWidth = 64;
  static constexpr uint64_t kBytesPerVertex = 36;

  BatchSearch(const CsrView& view, PathDirection direction);

  // Searches from the vertices [first, last) and calls level(d, counts) for d = 1, 2, ... where
  // counts[i] vertices lie at distance d from first + i, not all 0. Returns early, with levels
  // missing, when `run` must stop. REQUIRES: last - first <= kWidth.
  template <typename Level>
  void Run(VertexIndex first, VertexIndex last, const RunContext& run, const Level& level) {
    Start(first, last);
    for (uint32_t d = 1; Advance(run); ++d) level(d, counts_);
    Clear();
  }

 private:
  void Start(VertexIndex first, VertexIndex last);
  // Finds the next level and counts it; false when there is none or the run must stop.
  bool Advance(const RunContext& run);
  bool Spread(const RunContext& run);  // false when the run must stop, as Settle
  bool Settle(const RunContext& run);
  void Clear();
  // Counts 1 for each bit: 64 numbers side by side, their binary digits in digit_.
  void Count(uint64_t bits);
  void See(VertexIndex v, uint64_t bits) {
    if (seen_[v] == 0) touched_[touched_count_++] = v;
    seen_[v] |= bits;
  }

  const CsrView& view_;
  const PathDirection direction_;
  Array<uint64_t> seen_, now_, next_;  // a bit per search
  Array<VertexIndex> front_, coming_, touched_;
  uint32_t front_count_ = 0, coming_count_ = 0, touched_count_ = 0;
  uint32_t counts_[kWidth] = {};
  uint64_t digit_[32] = {};  // counts below 2^32
  uint32_t digits_ = 0;      // used
};

}  // namespace halqa
