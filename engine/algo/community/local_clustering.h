#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kLocalClusteringVersion = 1;

struct LocalClusteringOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

struct LocalClusteringResult {
  std::vector<double> coefficients;  // by vertex, in [0, 1]
  double mean = 0;                   // over all vertices
  uint64_t triangles = 0;            // of the undirected graph
};

// How much of a vertex's surroundings is joined, as LDBC Graphalytics (LCC) defines it: with N the
// different vertices joined to v in either direction, v excluded, the arcs from N to N divided by
// |N|·(|N| - 1); 0 where |N| < 2. On an undirected graph this is Watts and Strogatz's coefficient;
// on a directed one a mutual pair inside N counts twice. Self-loops and weights do not count.
// Errors: FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted (MEMORY_LIMIT); those of
// Checkpoint. Cost: as Triangles. Paper: Iosup et al., LDBC Graphalytics, PVLDB 2016; Watts,
// Strogatz, Nature 1998.
absl::StatusOr<LocalClusteringResult> LocalClustering(const CsrView& view,
                                                      const LocalClusteringOptions& options,
                                                      RunContext& run);

// Peak bytes, result included, 1/4 byte per vertex and thread not: 12 per arc and 16 per vertex;
// directed, 28 per arc of the undirected graph and 24 per vertex.
uint64_t EstimateLocalClustering(const CsrView& view, const LocalClusteringOptions& options,
                                 int threads);

// Counts by the definition: looks every pair of neighbours up. O(Σ degree² · log degree). Errors:
// DataLoss (VERIFY_FAILED).
absl::Status VerifyLocalClustering(const CsrView& view, const LocalClusteringResult& result);

}  // namespace halqa
