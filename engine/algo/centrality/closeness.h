#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/algo/centrality/direction.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kClosenessVersion = 1;

struct ClosenessOptions {
  PathDirection direction = PathDirection::kIn;

  absl::Status Validate() const { return absl::OkStatus(); }
};

struct ClosenessResult {
  std::vector<double> scores;  // by vertex, in [0, 1]
};

// Closeness after Wasserman and Faust, arcs counted as 1: with r other vertices at a finite
// distance, r / (sum of their distances) · r / (vertices - 1); 0 where r is 0.
// Errors: FailedPrecondition (MISSING_IN_ROWS), ResourceExhausted (MEMORY_LIMIT), those of
// Checkpoint. Cost: O(vertices · arcs) at worst, up to 64 searches share a pass.
// Paper: Wasserman, Faust, Social Network Analysis, 1994, section 5.2.2.
absl::StatusOr<ClosenessResult> Closeness(const CsrView& view, const ClosenessOptions& options,
                                          RunContext& run);

// Peak bytes of Closeness: 8 per vertex, 36 more per thread.
uint64_t EstimateCloseness(const CsrView& view, const ClosenessOptions& options, int threads);

// Relaxes all arcs until the distances stand still, vertex by vertex. O(vertices · longest distance
// · arcs). Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyCloseness(const CsrView& view, const ClosenessOptions& options,
                             const ClosenessResult& result);

}  // namespace halqa
