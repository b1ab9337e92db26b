#pragma once
// Along which arcs a distance is measured.

#include <cstdint>

#include "engine/algo/kernel.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// kIn: distances to the vertex along arcs (how far its followers are); kOut: from it; kTotal:
// ignoring directions. All three are one on a symmetric graph.
enum class PathDirection { kIn, kOut, kTotal };

inline bool SearchesIn(const CsrView& view, PathDirection direction) {
  return direction == PathDirection::kIn || (direction == PathDirection::kTotal && !view.symmetric);
}
inline bool SearchesOut(PathDirection direction) { return direction != PathDirection::kIn; }

// FailedPrecondition (MISSING_IN_ROWS) when a search would need rows that are not there.
inline absl::Status RequireRowsFor(const CsrView& view, PathDirection direction) {
  return SearchesIn(view, direction) ? RequireInRows(view) : absl::OkStatus();
}

// Calls fn(u) for every u that a search steps to from v; one that is there both ways comes twice.
template <typename Fn>
inline void ForEachStep(const CsrView& view, PathDirection direction, VertexIndex v, const Fn& fn) {
  if (SearchesIn(view, direction)) {
    for (const VertexIndex u : view.In(v)) fn(u);
  }
  if (SearchesOut(direction)) {
    for (const VertexIndex u : view.Out(v)) fn(u);
  }
}
inline uint64_t StepCount(const CsrView& view, PathDirection direction, VertexIndex v) {
  return (SearchesIn(view, direction) ? view.InDegree(v) : 0) +
         (SearchesOut(direction) ? view.OutDegree(v) : 0);
}

}  // namespace halqa
