#pragma once
// How good a partition is, and how alike two of them are.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// Modularity of a partition: Σ_c [w(c, c) / W - resolution · (k(c) / W)²] with W the sum of all arc
// weights, w(c, c) of those inside c and k(c) the weight of the rows of c. Every undirected edge is
// two arcs and a self-loop one, as the rows hold them. 0 for a graph without weight.
// REQUIRES: view.symmetric, one label per vertex. Errors: FailedPrecondition (NOT_SYMMETRIC),
// InvalidArgument (LENGTH_MISMATCH). Cost: O(vertices + arcs).
// Paper: Newman, Girvan, 2004; resolution: Reichardt, Bornholdt, 2006.
absl::StatusOr<double> Modularity(const CsrView& view, absl::Span<const uint32_t> labels,
                                  double resolution);

// CPM quality of a partition: Σ_c [e(c) - resolution · n(c) (n(c) - 1) / 2] with e(c) the weight of
// the edges inside c (a self-loop once) and n(c) its number of vertices. Errors and cost: as
// Modularity. Paper: Traag, Van Dooren, Nesterov, 2011.
absl::StatusOr<double> CpmQuality(const CsrView& view, absl::Span<const uint32_t> labels,
                                  double resolution);

struct ConductanceResult {
  std::vector<double> by_community;  // communities in the order of their smallest vertex
  double mean = 0;                   // of them, each counted once
  double largest = 0;
};
// Conductance: the weight of the arcs that leave a community over the weight of its rows or of all
// other rows, whichever is less; in [0, 1], small is good, 0 where either has no weight. Errors and
// cost: as Modularity. Paper: Leskovec, Lang, Dasgupta, Mahoney, 2009.
absl::StatusOr<ConductanceResult> Conductance(const CsrView& view,
                                              absl::Span<const uint32_t> labels);

// Agreement of two partitions of the same vertices, 1 if equal up to names and 0 on average for
// independent ones. ARI: Hubert, Arabie, 1985. AMI: Vinh, Epps, Bailey, 2010, normalised by the
// mean entropy. Two partitions that both put everything together, or everything apart, agree: 1.
// Errors: InvalidArgument (LENGTH_MISMATCH).
// Cost: O(n log n); AMI also O(sum over pairs of communities of the smaller size).
absl::StatusOr<double> AdjustedRandIndex(absl::Span<const uint32_t> a,
                                         absl::Span<const uint32_t> b);
absl::StatusOr<double> AdjustedMutualInformation(absl::Span<const uint32_t> a,
                                                 absl::Span<const uint32_t> b);

// Number of communities whose vertices are not connected by arcs of positive weight inside it.
// REQUIRES: labels below view.vertices, one per vertex.
uint32_t DisconnectedCommunities(const CsrView& view, absl::Span<const uint32_t> labels);

}  // namespace halqa
