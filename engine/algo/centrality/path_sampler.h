#pragma once
// One shortest path between two vertices, each with the same probability: breadth-first searches
// from both ends that meet in the middle.

#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/run_context.h"
#include "engine/graph/array.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// Thread safety: one thread at a time.
// Invariants: 1. between two samples all distances are kNoVertex.
class PathSampler {
 public:
  static constexpr uint64_t kBytesPerVertex = 32;
  enum class Outcome { kPath, kNoPath, kStopped, kTooManyPaths };

  explicit PathSampler(const CsrView& view);

  // Leaves the vertices strictly between `s` and `t` on the path in inner(). REQUIRES: s != t,
  // in-rows.
  Outcome Sample(VertexIndex s, VertexIndex t, CounterRng& rng, const RunContext& run);
  const std::vector<VertexIndex>& inner() const { return inner_; }

 private:
  // One end: `order` holds what was found, its last level from `level` on.
  struct Side {
    Array<uint32_t> distance;
    Array<double> paths;
    Array<VertexIndex> order;
    uint64_t level = 0, found = 0;
    uint64_t arcs = 0;  // of the last level
    bool forwards = true;
  };

  absl::Span<const VertexIndex> Row(const Side& side, VertexIndex v) const {
    return side.forwards ? view_.Out(v) : view_.In(v);
  }
  void Begin(Side* side, VertexIndex v);
  void Find(Side* side, VertexIndex v, uint32_t distance);
  // Expands the last level of `side`. Arcs to what `other` has found are crossings.
  bool Expand(Side* side, const Side& other, CounterRng& rng, const RunContext& run);
  // A crossing of `paths` paths; becomes the chosen one in proportion.
  void Cross(VertexIndex near, VertexIndex far, double paths, CounterRng& rng);
  // From v back to where `side` began, each step in proportion to the paths through it.
  void Walk(const Side& side, VertexIndex v, CounterRng& rng);
  void End(Side* side);

  const CsrView& view_;
  Side sides_[2];
  double crossing_paths_ = 0;
  VertexIndex chosen_[2] = {};  // the crossing's end on the expanded side, on the other
  std::vector<VertexIndex> inner_;
};

}  // namespace halqa
