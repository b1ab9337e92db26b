#pragma once
// One level of Louvain and Leiden: the graph at that level, its partition, and the steps from one
// level to the next.

#include <algorithm>
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
  // What the quality charges for keeping two vertices together: the product of their masses. The
  // weight of the row for modularity, the number of original vertices for CPM.
  Array<double> mass;
  // What the levels hold beside this graph, for the memory that the run may use.
  uint64_t bytes_beside = 0;

  Array<uint64_t> own_offsets;
  Array<uint32_t> own_targets;
  Array<float> own_floats;
  Array<double> own_doubles;

  uint64_t own_bytes() const {
    return own_offsets.bytes() + own_targets.bytes() + own_floats.bytes() + own_doubles.bytes();
  }
};

// Asks for what a row will gather: its neighbours are anywhere. Long rows overlap by themselves.
template <typename T>
void PrefetchRow(const LevelGraph& graph, const T* by_vertex, uint32_t v) {
  constexpr uint64_t kAhead = 48;
  const uint64_t begin = graph.offsets[v];
  const uint64_t end = std::min(graph.offsets[v + 1], begin + kAhead);
  for (uint64_t a = begin; a < end; ++a) __builtin_prefetch(by_vertex + graph.targets[a]);
}

// Communities are named by numbers below the graph's n.
struct Partition {
  Array<uint32_t> of;    // by vertex
  Array<double> mass;    // by community
  Array<uint32_t> size;  // by community, in vertices of this level
  uint32_t count = 0;    // communities that are not empty
};

// Vertices grouped by a number below `groups`, ascending inside a group.
struct Groups {
  Array<uint64_t> first;    // groups + 1
  Array<uint32_t> members;  // vertices
};
Groups GroupBy(absl::Span<const uint32_t> of, uint32_t groups);

// Runs of groups with about kBlockArcs arcs each: boundaries, first 0, last the number of groups.
std::vector<uint32_t> GroupBlocks(const LevelGraph& graph, const Groups& groups);

// Renames labels below their number to 0, 1, ... by first vertex. Returns how many there are.
uint32_t Renumber(absl::Span<uint32_t> labels);

// Connected pieces (by positive weight) of the sets of equal label: each vertex gets the first
// vertex of its piece.
Array<uint32_t> ConnectedPieces(const LevelGraph& graph, absl::Span<const uint32_t> of);

// Who is told how far a step is, and whether it has to stop: the run itself, or, for a part that a
// worker thread does inside a step, only the second.
class Pacer {
 public:
  Pacer(RunContext& run, const Progress& progress) : run_(run), progress_(progress) {}
  // For worker threads. The error that the run then ends with is that of its next checkpoint.
  static Pacer Inside(RunContext& run) {
    Pacer pacer(run, {});
    pacer.inside_ = true;
    return pacer;
  }
  absl::Status Tick(double share);
  RunContext& run() { return run_; }
  int threads() const { return inside_ ? 1 : run_.threads(); }

 private:
  RunContext& run_;
  Progress progress_;
  bool inside_ = false;
};

// Fills mass, size and count from `of`.
void SumPartition(const LevelGraph& graph, Partition* partition);

struct MoveOptions {
  double rate = 1;       // price of mass · mass
  double least = 0;      // a move must gain more, in weight
  double stop_gain = 0;  // ends when a round gained less, in weight; 0: only when none gains
  uint64_t seed = 0;     // of the visiting order
};
struct MoveResult {
  double gain = 0;  // of w(v, own community) - rate · mass · mass of the rest, summed over moves
  uint64_t moves = 0;
};
// Moves vertices to the best neighbouring community, or out of all, until none gains (or
// stop_gain); only neighbours of moved vertices are visited again. Vertices choose in batches, side
// by side, from the state before the batch; then the choices of a batch are carried out one after
// another, each weighed again where the batch has changed what it rests on. So each move gains, and
// the same moves are made by any number of threads.
absl::Status MoveVertices(const LevelGraph& graph, const MoveOptions& options, Pacer pacer,
                          Partition* partition, MoveResult* result);

// Splits every community into parts that are connected by positive weight: part[v] is a number
// below `*parts`, parts numbered by their first vertex. Inside each community, alone, vertices
// move from parts of one to the best neighbouring part until none gains, in an order that `seed`
// decides: another split gives the next run something to find.
absl::Status RefinePartition(const LevelGraph& graph, const Partition& partition, double rate,
                             uint64_t seed, RunContext& run, const Progress& progress,
                             Array<uint32_t>* part, uint32_t* parts);

// The graph of the parts: weights between them are summed, inside them become self-loops.
absl::Status Aggregate(const LevelGraph& graph, absl::Span<const uint32_t> part, uint32_t parts,
                       RunContext& run, const Progress& progress, LevelGraph* result);

}  // namespace halqa::internal
