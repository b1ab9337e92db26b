#pragma once
// The graph as every kernel sees it: compressed sparse rows, both directions, 32-bit vertices.

#include <cstdint>

#include "absl/types/span.h"
#include "engine/base/ids.h"

namespace halqa {

// A non-owning view of an immutable graph. u -> v means u follows (or engages) v.
//
// Thread safety: immutable.
// Invariants:
// 1. out_offsets has vertices + 1 entries, starts at 0, never falls, ends at out_targets.size();
// in_* likewise.
// 2. Each row is sorted by neighbour; no (u, v) stands twice; self-loops are allowed.
// 3. The in-rows hold exactly the transposed out-rows, weights included; they may be absent
// (in_offsets empty).
// 4. Weights are absent (all 1) or one finite float >= 0 per arc, in row order.
struct CsrView {
  uint32_t vertices = 0;
  absl::Span<const uint64_t> out_offsets;
  absl::Span<const VertexIndex> out_targets;
  absl::Span<const float> out_weights;
  absl::Span<const uint64_t> in_offsets;
  absl::Span<const VertexIndex> in_sources;
  absl::Span<const float> in_weights;
  // True when every arc has its reverse of equal weight (an undirected graph, each edge stored
  // twice).
  bool symmetric = false;

  uint64_t arcs() const { return out_targets.size(); }
  bool has_in() const { return !in_offsets.empty(); }
  bool weighted() const { return !out_weights.empty(); }

  uint64_t OutDegree(VertexIndex v) const { return out_offsets[v + 1] - out_offsets[v]; }
  uint64_t InDegree(VertexIndex v) const { return in_offsets[v + 1] - in_offsets[v]; }
  absl::Span<const VertexIndex> Out(VertexIndex v) const {
    return out_targets.subspan(out_offsets[v], OutDegree(v));
  }
  absl::Span<const VertexIndex> In(VertexIndex v) const {
    return in_sources.subspan(in_offsets[v], InDegree(v));
  }
  float OutWeight(uint64_t arc) const { return out_weights.empty() ? 1.0f : out_weights[arc]; }
  float InWeight(uint64_t arc) const { return in_weights.empty() ? 1.0f : in_weights[arc]; }
};

}  // namespace halqa
