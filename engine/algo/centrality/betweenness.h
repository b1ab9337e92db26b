#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kBetweennessVersion = 1;

struct BetweennessOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

struct BetweennessResult {
  std::vector<double> scores;  // by vertex
};

// Betweenness: for every pair s -> t the share of the shortest paths that pass through v, ends not
// counted, summed and not divided by anything. Ordered pairs on directed graphs, each unordered
// pair once on symmetric ones; arcs count 1. Weighted distances: WeightedBetweenness in engine/bgl.
// Errors: ResourceExhausted (MEMORY_LIMIT; TOO_MANY_PATHS: more shortest paths between two vertices
// than a double can count, 1e308), those of Checkpoint. Cost: O(vertices · arcs).
// Paper: Brandes, J. Math. Sociology 2001, without lists of predecessors. Sources are dealt to a
// fixed number of sums, so that the answer does not depend on the number of threads.
absl::StatusOr<BetweennessResult> Betweenness(const CsrView& view,
                                              const BetweennessOptions& options, RunContext& run);

// Peak bytes of Betweenness: 136 per vertex, 24 more per thread.
uint64_t EstimateBetweenness(const CsrView& view, const BetweennessOptions& options, int threads);

// Counts paths by distance matrices: sigma(s, v) · sigma(v, t) where distances add up, for all
// triples. O(vertices³ + vertices · arcs · longest distance), 16 bytes per pair. Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifyBetweenness(const CsrView& view, const BetweennessOptions& options,
                               const BetweennessResult& result);

}  // namespace halqa
