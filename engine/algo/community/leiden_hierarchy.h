#pragma once
// Communities inside communities.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kLeidenHierarchyVersion = 1;

struct LeidenHierarchyOptions {
  int levels = 3;            // [1, 16]
  double resolution = 1;     // [1e-9, 1e9]: of the first level
  double factor = 2;         // [1.01, 1000]: resolution of a level over that of the one above
  uint32_t divide_min = 10;  // communities of fewer vertices stay whole
  int iterations = 2;        // [1, 100]: runs of Leiden on each level
  uint64_t seed = 1;         // order in which vertices are visited

  absl::Status Validate() const;
};

struct HierarchyLevel {
  double resolution = 0;
  // By vertex: communities are numbered 0, 1, ... in the order of their smallest vertex.
  std::vector<uint32_t> communities;
  // By community: the one of the level above that it lies in; on the first level 0.
  std::vector<uint32_t> parents;
  double modularity = 0;  // at this level's resolution
};

struct LeidenHierarchyResult {
  std::vector<HierarchyLevel> levels;  // coarsest first, as many as asked for
};

// Nested communities of modularity at rising resolution: the first level is Leiden's; each later
// one divides every community by Leiden on the arcs inside it, charged as in the whole graph, and
// only where that gains modularity at the level's resolution. So every community is connected and
// lies inside one of the level above. The same bits for any number of threads.
// Errors: InvalidArgument naming the field; FailedPrecondition (NOT_SYMMETRIC); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Cost: one run of Leiden per level.
// Paper: Traag, Waltman, van Eck, Sci. Rep. 9, 2019; recursion as in Satuluri et al., KDD 2020.
absl::StatusOr<LeidenHierarchyResult> LeidenHierarchy(const CsrView& view,
                                                      const LeidenHierarchyOptions& options,
                                                      RunContext& run);

// Peak bytes, the result included: that of one Leiden, a copy of the rows and 8 bytes per vertex
// and level.
uint64_t EstimateLeidenHierarchy(const CsrView& view, const LeidenHierarchyOptions& options);

// Checks numbering, parents, that communities are connected, that each level's modularity is that
// of a direct sum and no less than that of the level above at the same resolution.
// Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyLeidenHierarchy(const CsrView& view, const LeidenHierarchyOptions& options,
                                   const LeidenHierarchyResult& result);

}  // namespace halqa
