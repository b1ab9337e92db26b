#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kTrianglesVersion = 1;

struct TrianglesOptions {
  bool each = true;  // count for every vertex too, not only in the whole graph

  absl::Status Validate() const { return absl::OkStatus(); }
};

struct TrianglesResult {
  std::vector<uint64_t> counts;  // by vertex: triangles it is a corner of; empty without `each`
  uint64_t total = 0;            // triangles of the graph: a third of the sum of counts
  uint64_t wedges = 0;           // pairs of arcs looked at; depends on the graph only
};

// Sets of three vertices that are pairwise joined by an arc in either direction; self-loops do not
// count.
// Errors: FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted (MEMORY_LIMIT); those of
// Checkpoint.
// Cost: a renumbering by degree, then O(arcs^1.5): for each vertex the pairs of its neighbours of
// higher degree. Paper: Schank, Wagner, WEA 2005; Latapy, Theor. Comput. Sci. 2008 (compact-forward
// with marks, turned round so that the vertex of smallest degree is the one whose row is read).
absl::StatusOr<TrianglesResult> Triangles(const CsrView& view, const TrianglesOptions& options,
                                          RunContext& run);

// Peak bytes of Triangles, its result included, 1/4 byte per vertex and thread not: 12 per arc of
// the undirected graph and 16 per vertex, 8 more of each when it is directed.
uint64_t EstimateTriangles(const CsrView& view, const TrianglesOptions& options, int threads);

// Intersects the sorted neighbour lists of both ends of every edge. O(Σ degree²). Errors: DataLoss
// (VERIFY_FAILED).
absl::Status VerifyTriangles(const CsrView& view, const TrianglesOptions& options,
                             const TrianglesResult& result);

}  // namespace halqa
