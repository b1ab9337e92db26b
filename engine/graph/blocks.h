#pragma once
// Blocks of rows that depend on the graph only, and a loop over blocks that keeps the promises of
// RunContext: cancel, deadline and progress between blocks.

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"

namespace halqa {

inline constexpr uint64_t kBlockVertices = 8192;
inline constexpr uint64_t kBlockArcs = 1 << 18;

// Splits the rows [0, offsets.size() - 1) into runs of at most kBlockVertices rows and, but for a
// single long row, kBlockArcs arcs. Returns the boundaries: blocks + 1 values, first 0, last n.
// Empty rows only: {0, ...}; n = 0: {0}. Cost: O(blocks · log n).
std::vector<uint32_t> RowBlocks(absl::Span<const uint64_t> offsets);

// Where a part of a run stands inside the whole of it, in any unit.
struct Progress {
  double done = 0;   // before this part
  double part = 1;   // this part
  double total = 1;  // the whole run
};

// Calls fn(block) once for each block in [0, blocks) on at most run.threads() threads. The calling
// thread works too and calls run.Checkpoint between its blocks (at least once). Returns the
// checkpoint's error after all threads have stopped; some blocks are then not done. fn must not
// throw.
absl::Status CheckedBlocks(RunContext& run, uint64_t blocks, const Progress& progress,
                           const std::function<void(uint64_t block)>& fn);

}  // namespace halqa
