#pragma once
// The one loop behind triangles and local clustering: every triangle of the undirected graph under
// a view, seen once.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa::internal {

enum class LinkCount {
  kTotal,      // triangles, total alone
  kTriangles,  // triangles of each vertex
  // Arcs between the neighbours of each vertex: one or two per triangle. For directed graphs; on a
  // symmetric one it is twice the triangles.
  kArcs,
};

struct LinkResult {
  std::vector<uint64_t> links;    // by vertex; empty with kTotal
  std::vector<uint32_t> degrees;  // by vertex: different neighbours, itself excluded; kArcs only
  uint64_t triangles = 0;         // in the whole graph
  uint64_t wedges = 0;            // pairs looked at; depends on the graph only
};

// Numbers the vertices by degree, largest first. Then, for each vertex v, marks the neighbours in
// front of v and looks each neighbour u behind v up: what stands in u's row before v and is marked
// closes a triangle. So each triangle is met at its middle vertex, and a pair of arcs is looked at
// from its last vertex only, which has the smallest degree.
// Errors: FailedPrecondition (MISSING_IN_ROWS), those of Checkpoint.
absl::StatusOr<LinkResult> CountLinks(const CsrView& view, LinkCount what, RunContext& run);

// Peak bytes of CountLinks, its result included. On a directed graph with more than 512 Ki arcs the
// mutual ones, which count once, are estimated by a sample of the rows. Cost: O(vertices).
uint64_t EstimateLinks(const CsrView& view, LinkCount what, int threads);

}  // namespace halqa::internal
