#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kStrongComponentsVersion = 1;

struct StrongComponentsOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

struct StrongComponentsResult {
  std::vector<VertexIndex> labels;  // by vertex: the smallest vertex of its component
  uint32_t components = 0;
};

// The largest sets in which every vertex reaches every other along arcs. Boost's Tarjan with an
// explicit stack: a path of millions of vertices does not overflow.
// Errors: ResourceExhausted (MEMORY_LIMIT), those of Checkpoint. Cost: O(vertices + arcs), one
// thread. Paper: Tarjan, 1972; Nuutila, 1994.
absl::StatusOr<StrongComponentsResult> StrongComponents(const CsrView& view,
                                                        const StrongComponentsOptions& options,
                                                        RunContext& run);

// The most bytes that it may need, result included: 18 per vertex and a stack of 40 (60 to 120 as
// it grows) for each vertex of the longest search path. Where the run may use less it begins all
// the same, and stops (MEMORY_LIMIT) when the path gets too long.
uint64_t EstimateStrongComponents(const CsrView& view, const StrongComponentsOptions& options);

// Searches forwards and backwards from every label. O(components · arcs). Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifyStrongComponents(const CsrView& view, const StrongComponentsResult& result);

}  // namespace halqa
