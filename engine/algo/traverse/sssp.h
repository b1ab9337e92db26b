#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kSsspVersion = 1;

struct SsspOptions {
  // Where paths start; at least one, each a vertex; repeated ones count once.
  std::vector<VertexIndex> sources;
  // [0, 1e300]: width of the first step, in the unit of the weights; 0 = twice the mean weight
  // divided by the mean degree. Any width gives the same answer.
  double delta = 0;

  // Errors: InvalidArgument (SOURCE_REQUIRED, VERTEX_OUT_OF_RANGE, OPTION_OUT_OF_RANGE).
  absl::Status Validate(const CsrView& view) const;
};

struct SsspResult {
  std::vector<double> distances;  // by vertex, from the nearest source; infinity = unreachable
  uint64_t reached = 0;           // vertices, sources included
  int steps = 0;                  // widenings of the circle of finished vertices
  uint64_t arcs_relaxed = 0;      // depends on `delta` and, by a little, on the threads
};

// The least sum of weights (1 each without weights) along arcs from any source to each vertex. The
// sums are taken from the source on, in double; rounding never falls, so the least one does not
// depend on the order of work.
// Steps as in delta-stepping, with one list of open vertices instead of buckets: all vertices
// nearer than a threshold are relaxed until none improves, then the threshold rises; it rises by
// more where a step finds little to do.
// Errors: InvalidArgument (Validate); ResourceExhausted (MEMORY_LIMIT); those of Checkpoint.
// Cost: O(arcs) per step in theory, little more than O(vertices + arcs) in practice.
// Paper: Meyer, Sanders, Δ-stepping, J. Algorithms 2003; Dong, Gu, Sun, Zhang, SPAA 2021.
absl::StatusOr<SsspResult> Sssp(const CsrView& view, const SsspOptions& options, RunContext& run);

// Peak bytes of Sssp, its result included: 21 per vertex.
uint64_t EstimateSssp(const CsrView& view, const SsspOptions& options);

// Checks that no arc offers a shorter way and that every distance is offered by an arc from a
// vertex that is itself explained, which only the least sums obey. O(arcs). Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifySssp(const CsrView& view, const SsspOptions& options, const SsspResult& result);

}  // namespace halqa
