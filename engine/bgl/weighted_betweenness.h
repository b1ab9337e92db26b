#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kWeightedBetweennessVersion = 1;

struct WeightedBetweennessOptions {
  // InvalidArgument (BAD_WEIGHT) for an arc of weight 0.
  absl::Status Validate(const CsrView& view) const;
};

struct WeightedBetweennessResult {
  std::vector<double> scores;  // by vertex
};

// Betweenness with weights as distances, found by Boost; counted as Betweenness in engine/algo
// counts. Weights must be above 0; paths are equally short when the sums of their weights are the
// same double. Errors: InvalidArgument (BAD_WEIGHT); ResourceExhausted (MEMORY_LIMIT); those of
// Checkpoint. Cost: O(vertices · arcs · log vertices), one
// thread: for small graphs. Paper: Brandes, J. Math. Sociology 2001.
absl::StatusOr<WeightedBetweennessResult> WeightedBetweenness(
    const CsrView& view, const WeightedBetweennessOptions& options, RunContext& run);

// Peak bytes, result included: 54 per vertex, 8 more without in-rows, 8 per arc, and what Boost's
// heap may take.
uint64_t EstimateWeightedBetweenness(const CsrView& view,
                                     const WeightedBetweennessOptions& options);

// Distances by Floyd and Warshall, paths counted by rising distance, all triples. O(vertices³).
// Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyWeightedBetweenness(const CsrView& view,
                                       const WeightedBetweennessResult& result);

}  // namespace halqa
