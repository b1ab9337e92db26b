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

// Peak bytes, result included; an upper bound: the stack is as deep as the longest search path.
uint64_t EstimateStrongComponents(const CsrView& view, const StrongComponentsOptions& options);

// Searches forwards and backwards from every label. O(components · arcs). Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifyStrongComponents(const CsrView& view, const StrongComponentsResult& result);

}  // namespace halqa
