#pragma once
// From edge arrays to a graph, and from one graph to another.

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"

namespace halqa {

// Edge i goes sources[i] -> targets[i] with weights[i] (weights empty = all 1).
struct EdgeArrays {
  absl::Span<const VertexIndex> sources;
  absl::Span<const VertexIndex> targets;
  absl::Span<const float> weights;
};

// What becomes of an edge that is given more than once. Without weights it is one arc either way.
enum class DuplicateEdges { kSumWeights, kKeepFirst };

struct BuildOptions {
  uint32_t vertices = 0;  // all ids must be smaller
  DuplicateEdges duplicates = DuplicateEdges::kSumWeights;
  bool keep_self_loops = true;
  // Every edge goes both ways (a self-loop once); {u, v} and {v, u} are then the same edge.
  bool undirected = false;
  bool in_rows = true;

  absl::Status Validate(const EdgeArrays& edges) const;
};

// The graph of the edges: rows sorted, each pair once. The same bits for every number of threads.
// Errors: InvalidArgument with the field vertices, sources or weights (lengths differ; the id of an
// edge is too large: VERTEX_OUT_OF_RANGE; a weight is negative or not finite: BAD_WEIGHT); those of
// Checkpoint. Cost: O(edges + vertices), about 30 ns per edge and core for both directions; scratch
// 8 bytes per edge (12 weighted) beside one more copy of a direction.
absl::StatusOr<Csr> BuildCsr(const EdgeArrays& edges, const BuildOptions& options, RunContext& run);

// Peak bytes of BuildCsr, its result included.
uint64_t EstimateBuildCsr(uint64_t edges, bool weighted, const BuildOptions& options);

// The graph with its in-rows, found by transposing the out-rows. Cost: one copy of both directions.
absl::StatusOr<Csr> WithInRows(const CsrView& view, RunContext& run);

// A + Aᵀ as a symmetric weighted graph: an arc between u and v weighs w(u→v) + w(v→u), a self-loop
// twice its weight. Community detection runs on this. Errors: FailedPrecondition (MISSING_IN_ROWS);
// those of Checkpoint. Cost: O(arcs), a merge of two sorted rows per vertex.
absl::StatusOr<Csr> Symmetrised(const CsrView& view, RunContext& run);

// The order of vertices by in-degree, largest first, the smaller index first among equals: place i
// holds the vertex that becomes i. Kernels that gather by index run on graphs in this order.
// Errors: FailedPrecondition (MISSING_IN_ROWS).
absl::StatusOr<std::vector<VertexIndex>> InDegreeOrder(const CsrView& view);

// The same graph with vertex order[i] renamed to i, both directions. Errors: InvalidArgument
// (NOT_A_PERMUTATION); those of Checkpoint. Cost: as two transpositions.
absl::StatusOr<Csr> Relabelled(const CsrView& view, absl::Span<const VertexIndex> order,
                               RunContext& run);

// Checks every invariant of CsrView, weights and transposition included. Slow; for tests and
// `check`. Errors: DataLoss (CSR_INVALID) saying which one fails and where.
absl::Status ValidateCsr(const CsrView& view);

}  // namespace halqa
