#pragma once
// Distances for verifiers: all arcs are relaxed until nothing changes. Shares nothing with the
// searches of the kernels.

#include <cstdint>
#include <vector>

#include "engine/algo/centrality/direction.h"

namespace halqa {

// Distances between every vertex and `v`, in arcs; kNoVertex where there is no path.
inline std::vector<uint32_t> RelaxedDistances(const CsrView& view, PathDirection direction,
                                              VertexIndex v) {
  std::vector<uint32_t> distance(view.vertices, kNoVertex);
  distance[v] = 0;
  auto relax = [&](VertexIndex from, VertexIndex to) {
    if (distance[from] == kNoVertex || distance[from] + 1 >= distance[to]) return false;
    distance[to] = distance[from] + 1;
    return true;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (VertexIndex u = 0; u < view.vertices; ++u) {
      for (const VertexIndex w : view.Out(u)) {  // in-rows are left to the kernels
        if (direction != PathDirection::kIn) changed |= relax(u, w);
        if (direction != PathDirection::kOut) changed |= relax(w, u);
      }
    }
  }
  return distance;
}

}  // namespace halqa
