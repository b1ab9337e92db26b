#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kMaxFlowVersion = 1;

struct MaxFlowOptions {
  std::vector<VertexIndex> sources, targets;  // at least one each, none in both

  // InvalidArgument (SOURCE_REQUIRED, TARGET_REQUIRED, VERTEX_OUT_OF_RANGE, SOURCE_IS_TARGET).
  absl::Status Validate(const CsrView& view) const;
};

struct MaxFlowResult {
  double flow = 0;  // from all sources to all targets; in the unit of the weights
  // By vertex: 1 on the sources' side of the smallest cut, 0 on the other. Of all smallest cuts the
  // one nearest to the sources.
  std::vector<uint32_t> source_side;
  double cut_weight = 0;  // of the arcs from side 1 to side 0: `flow` up to rounding
  uint64_t cut_arcs = 0;
};

// The largest flow along arcs from the sources to the targets when no arc carries more than its
// weight, and the arcs that hold it back: how strong the ties are by which one side's attention
// reaches the other. An undirected edge carries its weight either way. Found by Boost.
// Errors: InvalidArgument as Validate; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint, which is called after every 32768 looks at an arc.
// Cost: a few passes over the arcs where few paths matter, O(vertices² · arcs · cut) at worst; one
// thread. Paper: Boykov, Kolmogorov, PAMI 2004.
absl::StatusOr<MaxFlowResult> MaxFlow(const CsrView& view, const MaxFlowOptions& options,
                                      RunContext& run);

// Peak bytes, result included; an upper bound: a mutual pair shares its two places.
uint64_t EstimateMaxFlow(const CsrView& view, const MaxFlowOptions& options);

// Shortest augmenting paths in a matrix of capacities. O(vertices³ · arcs), 8 bytes per pair.
// Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyMaxFlow(const CsrView& view, const MaxFlowOptions& options,
                           const MaxFlowResult& result);

}  // namespace halqa
