#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kPageRankVersion = 2;

struct TeleportEntry {
  VertexIndex vertex = 0;
  double weight = 0;
};

struct PageRankOptions {
  double damping = 0.85;    // [0, 0.9999]: probability of following an arc
  double tolerance = 1e-9;  // [0, 1]: stop when the L1 change of a round is at most this; 0 = never
  int iterations = 200;     // [1, 1000000]: most rounds; exactly this many with tolerance 0
  bool weighted = true;     // walk arcs in proportion to their weights, if the graph has any
  // Where a jump lands: one weight >= 0 per vertex, or entries (repeated vertices add up); not
  // both, sum > 0. Neither: everywhere alike.
  absl::Span<const double> teleport;
  absl::Span<const TeleportEntry> teleport_sparse;
  // Where the walk starts, one weight >= 0 per vertex, sum > 0; empty: the jump distribution. A
  // former result makes a warm start.
  absl::Span<const double> start;

  absl::Status Validate(const CsrView& view) const;
};

struct PageRankResult {
  std::vector<double> scores;  // by vertex, sum 1
  int rounds = 0;
  double residual = 0;        // L1 change of the last round
  double l1_error_bound = 0;  // no true score vector is farther away, in L1
  bool converged = false;     // residual <= tolerance
};

// PageRank: the stationary distribution of a walk that follows an arc with probability `damping`
// and jumps otherwise; where no arc leaves (or all weights are 0), it always jumps.
// Rounds by pull, each followed by Anderson's mixing of the last two; the start is the share of the
// arcs where tolerance >= 1e-5 and jumps go everywhere. Gathers floats while the change is above
// 1e-5, then, after one round in double, differences as floats; the bound counts all rounding. With
// tolerance 0 plain rounds in double from the jump distribution. The same bits for any number of
// threads.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS);
// ResourceExhausted (MEMORY_LIMIT); those of Checkpoint. Not converging is not an error.
// Cost: O(arcs) per round, one gather per arc; usually far fewer rounds than the
// 1 + ln(tolerance / 2) / ln(damping) of plain ones, at worst about twice as many.
// Paper: Page, Brin, Motwani, Winograd, 1999; Walker, Ni, Anderson Acceleration, SIAM J. Numer.
// Anal. 2011; error bound: contraction of the Google matrix in L1.
absl::StatusOr<PageRankResult> PageRank(const CsrView& view, const PageRankOptions& options,
                                        RunContext& run);

// Peak bytes of PageRank, its result included: 32 per vertex, 40 with a jump distribution.
uint64_t EstimatePageRank(const CsrView& view, const PageRankOptions& options);

// A proven bound on the L1 distance of `scores` (any vector of length n) to the true PageRank: one
// push pass over the out-rows in extended precision, residual / (1 - damping). Errors:
// InvalidArgument.
absl::StatusOr<double> VerifyPageRank(const CsrView& view, const PageRankOptions& options,
                                      absl::Span<const double> scores);

}  // namespace halqa
