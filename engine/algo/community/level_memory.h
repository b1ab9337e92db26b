#pragma once
// What the levels of Louvain and Leiden need.

#include <cstdint>

#include "engine/base/memory.h"
#include "engine/graph/csr_view.h"

namespace halqa::internal {

// Bytes that are there whatever is found: labels, places and masses of the vertices, the partition,
// its groups and parts, the mover's flags and order, the list of empty communities.
inline uint64_t LevelsLeastBytes(const CsrView& view) {
  return WithSmallThings(96 * uint64_t{view.vertices});
}

// The most bytes that they may need: no pair of vertices shares a part, so that the rows of the
// next level, in blocks that have grown by doubling and in one piece, have all arcs again, beside
// those of this level.
inline uint64_t LevelsMostBytes(const CsrView& view) {
  return LevelsLeastBytes(view) + 42 * view.arcs();
}

}  // namespace halqa::internal
