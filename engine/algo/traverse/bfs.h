#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kBfsVersion = 1;

struct BfsOptions {
  // Where the search starts, all at once; at least one, each a vertex; repeated ones count once.
  std::vector<VertexIndex> sources;

  // Errors: InvalidArgument (SOURCE_REQUIRED, VERTEX_OUT_OF_RANGE) naming the field.
  absl::Status Validate(const CsrView& view) const;
};

struct BfsResult {
  std::vector<uint32_t> hops;  // by vertex: arcs from the nearest source; kNoVertex = unreachable
  uint64_t reached = 0;        // vertices, sources included
  uint32_t depth = 0;          // the most hops
  uint64_t arcs_examined = 0;  // how much work it was; depends on the graph only
};

// The fewest arcs from any source to each vertex, along the direction of arcs. Pushes from small
// frontiers; pulls into what is left when a frontier is large and in-rows are there.
// Errors: InvalidArgument (Validate); ResourceExhausted (MEMORY_LIMIT); those of Checkpoint.
// Cost: O(vertices + arcs), with in-rows usually a small part of the arcs.
// Paper: Beamer, Asanović, Patterson, Direction-Optimizing BFS, SC 2012.
absl::StatusOr<BfsResult> Bfs(const CsrView& view, const BfsOptions& options, RunContext& run);

// Peak bytes of Bfs, its result included: 8 per vertex, and three bits with in-rows.
uint64_t EstimateBfs(const CsrView& view, const BfsOptions& options);

// Checks the law that only hops obey: sources are at 0, no arc climbs by more than one, and each
// other reached vertex has an arc from one hop less. One pass over the out-rows. Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifyBfs(const CsrView& view, const BfsOptions& options, const BfsResult& result);

}  // namespace halqa
