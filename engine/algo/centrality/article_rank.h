#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kArticleRankVersion = 1;

struct ArticleRankOptions {
  double damping = 0.85;    // [0, 0.9999]
  double tolerance = 1e-9;  // [0, 1]: stop when the mean change of a round is at most this
  int iterations = 200;     // [1, 1000000]: most rounds; exactly this many with tolerance 0
  bool weighted = true;     // use weights, if the graph has any

  absl::Status Validate() const;
};

struct ArticleRankResult {
  std::vector<double> scores;  // by vertex, >= 1 - damping
  int rounds = 0;
  double residual = 0;     // mean change of the last round
  double error_bound = 0;  // mean distance to the truth, at most
  bool converged = false;  // residual <= tolerance
};

// ArticleRank: PageRank in which the mean out-weight is added to the divisor of each, so that
// followers who follow almost nobody count less: x_v = 1 - damping + damping · the sum of
// weight · x_u / (out-weight of u + mean out-weight) over arcs u -> v. Not normalised: mass is lost
// on purpose, and nothing of dangling vertices comes back.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Not converging is not an error.
// Cost: O(arcs) per round. Paper: Li, Willett, Aslib Proceedings 2009; error bound: a round
// contracts L1 distances by damping · largest share that a vertex passes on.
absl::StatusOr<ArticleRankResult> ArticleRank(const CsrView& view,
                                              const ArticleRankOptions& options, RunContext& run);

// Peak bytes of ArticleRank, its result included: 32 per vertex.
uint64_t EstimateArticleRank(const CsrView& view, const ArticleRankOptions& options);

// A proven bound on the mean distance of `scores` to the truth: one push along out-rows in extended
// precision. Errors: InvalidArgument.
absl::StatusOr<double> VerifyArticleRank(const CsrView& view, const ArticleRankOptions& options,
                                         absl::Span<const double> scores);

}  // namespace halqa
