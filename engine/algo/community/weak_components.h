#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kWeakComponentsVersion = 1;

struct WeakComponentsOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

struct WeakComponentsResult {
  std::vector<VertexIndex> labels;  // by vertex: the smallest vertex of its component
  uint32_t components = 0;
};

// The parts of the graph that are connected when directions are ignored. Needs no in-rows, but
// with them it reads only a few arcs of the largest component.
// Errors: ResourceExhausted (MEMORY_LIMIT), those of Checkpoint.
// Cost: O(vertices + arcs · α), usually far fewer arcs. Paper: Sutton, Ben-Nun, Barak, Afforest,
// IPDPS 2018; labels are made the smallest vertex by always hooking the larger root.
absl::StatusOr<WeakComponentsResult> WeakComponents(const CsrView& view,
                                                    const WeakComponentsOptions& options,
                                                    RunContext& run);

// Peak bytes of WeakComponents, its result included: 4 per vertex.
uint64_t EstimateWeakComponents(const CsrView& view, const WeakComponentsOptions& options);

// Breadth-first search over both directions. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyWeakComponents(const CsrView& view, const WeakComponentsResult& result);

}  // namespace halqa
