#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kWeightedClosenessVersion = 1;

struct WeightedClosenessOptions {
  bool out = false;  // distances from the vertex along arcs, instead of to it

  // InvalidArgument (BAD_WEIGHT) for an arc of weight 0; FailedPrecondition (MISSING_IN_ROWS).
  absl::Status Validate(const CsrView& view) const;
};

struct WeightedClosenessResult {
  std::vector<double> closeness;  // by vertex: reached² / (sum of distances · (vertices - 1))
  std::vector<double> harmonic;   // by vertex: sum of 1 / distance
};

// Closeness and harmonic centrality with weights as distances, all above 0: as Closeness and
// Harmonic in engine/algo, by one search of Boost's for each vertex. The same bits for any number
// of threads.
// Errors: as Validate; ResourceExhausted (MEMORY_LIMIT); those of Checkpoint; a search is left
// after at most 32768 arcs when the run must stop. Cost: O(vertices · arcs · log vertices): for
// small graphs. Paper: Dijkstra, 1959; Wasserman, Faust, 1994; Boldi, Vigna, 2014.
absl::StatusOr<WeightedClosenessResult> WeightedCloseness(const CsrView& view,
                                                          const WeightedClosenessOptions& options,
                                                          RunContext& run);

// Peak bytes on `threads` threads, result included.
uint64_t EstimateWeightedCloseness(const CsrView& view, const WeightedClosenessOptions& options,
                                   int threads);

// Distances by Floyd and Warshall. O(vertices³). Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyWeightedCloseness(const CsrView& view, const WeightedClosenessOptions& options,
                                     const WeightedClosenessResult& result);

}  // namespace halqa
