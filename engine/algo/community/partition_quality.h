#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

struct PartitionQuality {
  uint32_t communities = 0;
  double modularity = 0;  // at resolution 1
  double coverage = 0;    // share of the weight that lies inside communities, in [0, 1]
  // Conductance of the communities, each counted once; see Conductance in quality.h.
  double conductance_mean = 0, conductance_median = 0, conductance_largest = 0;
};

// How good a partition is, in one pass on all threads: the same bits for any number of them.
// REQUIRES: every label below view.vertices. Errors: FailedPrecondition (NOT_SYMMETRIC),
// InvalidArgument (LENGTH_MISMATCH), ResourceExhausted (MEMORY_LIMIT), those of Checkpoint.
// Cost: O(vertices + arcs). Paper: Newman, Girvan, 2004; Leskovec and others, 2009; coverage:
// Brandes and others, 2008.
absl::StatusOr<PartitionQuality> MeasurePartition(const CsrView& view,
                                                  absl::Span<const uint32_t> labels,
                                                  RunContext& run);

// Peak bytes: 33 per vertex.
uint64_t EstimateMeasurePartition(const CsrView& view);

}  // namespace halqa
