#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kLabelPropagationVersion = 1;

struct LabelPropagationOptions {
  int iterations = 10;  // [0, 100000]: exactly so many rounds, fewer only where none would change

  absl::Status Validate() const;
};

struct LabelPropagationResult {
  std::vector<VertexIndex> labels;  // by vertex: the vertex that the label was born at
  int rounds = 0;                   // that were run
  bool converged = false;           // the last round changed nothing
};

// Communities by label propagation as LDBC Graphalytics defines it (CDLP): labels begin as the
// vertices themselves; in each round, all at once, a vertex takes the label that is most frequent
// among its neighbours, the smallest of those. In a directed graph out- and in-neighbours count,
// one that is both twice; weights do not count; a vertex without neighbours keeps its label.
// "Smallest" is by vertex number: LDBC's answers ask for a graph whose numbers ascend with its ids.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS);
// ResourceExhausted (MEMORY_LIMIT); those of Checkpoint. Cost: O(arcs) per round.
// Paper: Raghavan, Albert, Kumara, 2007; Iosup et al., PVLDB 9(13), 2016.
absl::StatusOr<LabelPropagationResult> LabelPropagation(const CsrView& view,
                                                        const LabelPropagationOptions& options,
                                                        RunContext& run);

// Peak bytes of LabelPropagation, its result included: 8 per vertex, and tables of 24 per neighbour
// of the largest neighbourhood, one per thread.
uint64_t EstimateLabelPropagation(const CsrView& view, const LabelPropagationOptions& options,
                                  int threads);

// Counts with an ordered map, round by round. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyLabelPropagation(const CsrView& view, const LabelPropagationOptions& options,
                                    const LabelPropagationResult& result);

}  // namespace halqa
