#pragma once
// From out-rows that arrive in pieces, as a scan of the store gives them, to a graph whose vertices
// are numbered by in-degree: no edge array, no copy of the graph in the first numbering.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"

namespace halqa {

// The out-rows of neighbouring vertices. Row i is targets[starts[i], starts[i + 1]), ascending.
struct RowPiece {
  std::vector<uint64_t> starts;  // one more than rows
  LargeVector<VertexIndex> targets;
  LargeVector<float> weights;  // empty = all 1
};

// All rows: piece p holds those of the vertices [p << shift, min(vertices, (p + 1) << shift)).
struct RowPieces {
  static constexpr int kShift = 15;

  explicit RowPieces(uint32_t vertex_count)
      : vertices(vertex_count),
        pieces((uint64_t{vertex_count} + (uint64_t{1} << kShift) - 1) >> kShift) {}
  absl::Span<const VertexIndex> Row(VertexIndex v) const {
    const RowPiece& piece = pieces[v >> kShift];
    const uint32_t i = v & ((1u << kShift) - 1);
    return {piece.targets.data() + piece.starts[i], piece.starts[i + 1] - piece.starts[i]};
  }
  uint64_t arcs() const {
    uint64_t count = 0;
    for (const RowPiece& piece : pieces) count += piece.targets.size();
    return count;
  }

  uint32_t vertices;
  std::vector<RowPiece> pieces;
};

struct OrderedGraph {
  Csr graph;                       // both directions
  std::vector<VertexIndex> order;  // place i: which vertex of the rows became vertex i
};

// How many rows name each vertex. Errors: InvalidArgument (VERTEX_OUT_OF_RANGE) naming the arc;
// those of Checkpoint. Cost: about 2 ns per arc and core; 4 bytes per vertex and thread.
absl::StatusOr<std::vector<uint32_t>> InDegrees(const RowPieces& rows, RunContext& run);

// Numbers the vertices by in-degree, largest first, the smaller index first among equals, and
// builds both directions. Equal to BuildCsr, InDegreeOrder and Relabelled one after the other, bit
// for bit, at any number of threads. Consumes the rows.
// REQUIRES: each row strictly ascending; `in_degrees` are those of the rows. Errors: those of
// Checkpoint. Cost: two scatters, about 20 ns per arc and core; peak 16 bytes per arc (24
// weighted), result included.
absl::StatusOr<OrderedGraph> OrderByInDegree(RowPieces rows, absl::Span<const uint32_t> in_degrees,
                                             RunContext& run);

}  // namespace halqa
