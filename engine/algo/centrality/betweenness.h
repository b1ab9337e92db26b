#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kBetweennessVersion = 1;

struct BetweennessOptions {
  // Only the pairs that start here, one that stands twice twice; empty: all pairs.
  absl::Span<const VertexIndex> sources;

  absl::Status Validate(const CsrView& view) const;
};

struct BetweennessResult {
  std::vector<double> scores;  // by vertex
};

// Betweenness: for every pair s -> t the share of the shortest paths that pass through v, ends not
// counted, summed and not divided by anything. Ordered pairs on directed graphs, each unordered
// pair once on symmetric ones, unless `sources` says where pairs start; arcs count 1. Weighted
// distances: WeightedBetweenness in engine/bgl. Errors: ResourceExhausted (MEMORY_LIMIT;
// TOO_MANY_PATHS: more shortest paths between two vertices than a double can count, 1e308),
// InvalidArgument (VERTEX_OUT_OF_RANGE), those of Checkpoint. Cost: O(sources · arcs); several
// sources share the threads, one takes one. Paper: Brandes, J. Math. Sociology 2001, without lists
// of predecessors. Sources are dealt to a fixed number of sums, so that the answer does not depend
// on the number of threads.
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
