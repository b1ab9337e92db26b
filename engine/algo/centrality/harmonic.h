#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/algo/centrality/direction.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kHarmonicVersion = 1;

struct HarmonicOptions {
  PathDirection direction = PathDirection::kIn;
  // 0: the score of every vertex. Above: only the k largest are found, by searches that stop as
  // soon as they cannot win.
  uint32_t k = 0;

  absl::Status Validate() const { return absl::OkStatus(); }
};

struct HarmonicResult {
  std::vector<double> scores;    // by vertex; with k > 0 exact in `top`, 0 elsewhere
  std::vector<VertexIndex> top;  // with k > 0: the k largest, or all there are, largest first
  uint64_t steps = 0;            // with k > 0: arcs that the searches looked at
};

// Harmonic centrality: the sum of 1 / distance over all other vertices, arcs counted as 1, plain
// (not divided by anything); a vertex without a path adds 0.
// With k > 0 a tie at the k-th place goes to the vertex with more steps from it, then to the
// smaller index. Errors: FailedPrecondition (MISSING_IN_ROWS), ResourceExhausted (MEMORY_LIMIT),
// those of Checkpoint. Cost: O(vertices · arcs) at worst; up to 64 searches share a pass, and with
// k > 0 most searches end in their first levels.
// Paper: Marchiori, Latora, 2000; Boldi, Vigna, Internet Mathematics 2014; k > 0: Bergamini,
// Borassi, Crescenzi, Marino, Meyerhenke, TKDD 2019, the cut searches (BFScut). We run rounds of 64
// searches against one threshold, so that the answer does not depend on the number of threads.
absl::StatusOr<HarmonicResult> Harmonic(const CsrView& view, const HarmonicOptions& options,
                                        RunContext& run);

// Peak bytes of Harmonic: 8 per vertex, 36 more per thread; with k > 0
// 16 per vertex, 8 more per thread.
uint64_t EstimateHarmonic(const CsrView& view, const HarmonicOptions& options, int threads);

// Relaxes all arcs until the distances stand still, vertex by vertex; with k > 0 no vertex outside
// `top` may beat one inside. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyHarmonic(const CsrView& view, const HarmonicOptions& options,
                            const HarmonicResult& result);

}  // namespace halqa
