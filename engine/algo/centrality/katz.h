#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kKatzVersion = 1;

struct KatzOptions {
  // [0, 1e9]: what one more arc of a walk costs; must be below 1 / (largest eigenvalue). 0: 0.85 /
  // (an upper bound of it), or 0.85 / (mean weight of an arc) where that is less: without cycles
  // any alpha would do.
  double alpha = 0;
  double tolerance = 1e-9;  // [0, 1]: stop when no score changes by more than this · the largest
  int iterations = 1000;    // [1, 1000000]: most rounds, of the bound and of the scores each
  bool weighted = true;     // use weights, if the graph has any

  absl::Status Validate() const;
};

struct KatzResult {
  std::vector<double> scores;                      // by vertex, >= 1
  double alpha = 0;                                // the one that was used
  double eigenvalue_low = 0, eigenvalue_high = 0;  // proven bounds of the largest eigenvalue
  int rounds = 0;                                  // of the scores
  double residual = 0;                             // largest change of the last round
  double error_bound = 0;  // no score is farther from the truth, rounding apart
  bool converged = false;
};

// Katz centrality: the weighted number of walks that end at v, those of j arcs times alpha^j, the
// walk without arcs included: x_v = 1 + alpha · the sum of weight · x_u over arcs u -> v.
// Before the first round alpha · (largest eigenvalue) < 1 is proven, by a positive z with
// alpha · Az <= theta · z, theta < 1 (Collatz, Wielandt); the same z bounds the error.
// Errors: InvalidArgument naming the field; InvalidArgument (ALPHA_TOO_LARGE, keys eigenvalue_low,
// eigenvalue_high) when alpha is at least 1 / (largest eigenvalue) or so near that `iterations`
// rounds cannot tell; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted (MEMORY_LIMIT); those
// of Checkpoint. Cost: O(arcs) per round; about ln(tolerance) / ln(alpha · eigenvalue) rounds.
// Paper: Katz, Psychometrika 1953; Collatz, Math. Z. 1942; Wielandt, Math. Z. 1950.
absl::StatusOr<KatzResult> Katz(const CsrView& view, const KatzOptions& options, RunContext& run);

// Peak bytes of Katz, its result included: 24 per vertex.
uint64_t EstimateKatz(const CsrView& view, const KatzOptions& options);

// The largest difference between a score and 1 + what is pushed to it along out-rows in extended
// precision, relative to the largest score. Errors: InvalidArgument.
absl::StatusOr<double> VerifyKatz(const CsrView& view, const KatzOptions& options,
                                  const KatzResult& result);

}  // namespace halqa
