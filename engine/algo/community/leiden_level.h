#pragma once
// One level of Leiden: the graph at that level, its partition, and the three steps.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa::internal {

// A symmetric graph whose rows need not be sorted. Exactly one of `floats`, `doubles` is set, or
// none (all weights 1). Level 0 borrows the caller's rows, the others own theirs.
struct LevelGraph {
  uint32_t n = 0;
  absl::Span<const uint64_t> offsets;
  absl::Span<const uint32_t> targets;
  absl::Span<const float> floats;
  absl::Span<const double> doubles;
  Array<double> degree;  // weight of each row
  double total = 0;      // of all rows

  Array<uint64_t> own_offsets;
  Array<uint32_t> own_targets;
  Array<double> own_weights;
};

// Communities are named by numbers below the graph's n.
struct Partition {
  Array<uint32_t> of;    // by vertex
  Array<double> degree;  // by community
  Array<uint32_t> size;  // by community, in vertices of this level
  uint32_t count = 0;    // communities that are not empty
};

// Sums weights by community over one row; made for thousands of small rows.
// Invariants: 1. all slots are free between rows.
class NeighbourWeights {
 public:
  struct Slot {
    uint32_t community;
    double weight;
  };
  static constexpr uint32_t kFree = 0xffffffffu;

  // REQUIRES: at most `distinct` different communities until Clear.
  void Prepare(uint64_t distinct) {
    const int bits = std::max(3, static_cast<int>(std::bit_width(2 * distinct - 1)));
    if ((uint64_t{1} << bits) > slots_.size()) {
      slots_.resize(uint64_t{1} << bits, Slot{kFree, 0});
      used_.resize(slots_.size());
    }
    shift_ = 32 - bits;
    mask_ = (uint64_t{1} << bits) - 1;
  }
  void Add(uint32_t community, double weight) {
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
  double Of(uint32_t community) const {
    uint64_t s = Home(community);
    while (slots_[s].community != community) {
      if (slots_[s].community == kFree) return 0;
      s = (s + 1) & mask_;
    }
    return slots_[s].weight;
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
  uint64_t Home(uint32_t community) const { return (community * 0x9e3779b1u) >> shift_; }
  std::vector<Slot> slots_;
  std::vector<uint32_t> used_;  // places of the first count_ slots in use
  uint64_t count_ = 0;
  int shift_ = 29;
  uint64_t mask_ = 7;
};

// Fills degree and total. Cost: O(arcs), no time for unit weights.
absl::Status SumDegrees(LevelGraph* graph, RunContext& run, const Progress& progress);

// Fills degree, size and count from `of`.
void SumPartition(const LevelGraph& graph, Partition* partition);

struct MoveOptions {
  double resolution = 1;
  uint64_t seed = 0;  // of the visiting order
};
struct MoveResult {
  double gain = 0;  // of modularity
  uint64_t moves = 0;
};
// Moves vertices to the best neighbouring community, or out of all, until none gains; only
// neighbours of moved vertices are visited again.
absl::Status MoveVertices(const LevelGraph& graph, const MoveOptions& options, RunContext& run,
                          const Progress& progress, Partition* partition, MoveResult* result);

// Splits every community into well connected, connected parts: part[v] is a number below `*parts`,
// parts numbered by their first vertex.
absl::Status RefinePartition(const LevelGraph& graph, const Partition& partition, double resolution,
                             RunContext& run, const Progress& progress, Array<uint32_t>* part,
                             uint32_t* parts);

// The graph of the parts: weights between them are summed, inside them become self-loops.
absl::Status Aggregate(const LevelGraph& graph, const Array<uint32_t>& part, uint32_t parts,
                       RunContext& run, const Progress& progress, LevelGraph* result);

}  // namespace halqa::internal
