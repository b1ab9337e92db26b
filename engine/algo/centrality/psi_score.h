#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kPsiScoreVersion = 1;

struct PsiScoreOptions {
  // How often each account posts, and passes on what it saw, per unit of time (which one does not
  // matter): finite, >= 0, one per vertex; empty: posting_rate, reposting_rate for all.
  absl::Span<const double> posting, reposting;
  double posting_rate = 0.15;    // [1e-9, 1e9]
  double reposting_rate = 0.85;  // [0, 1e9]
  double tolerance = 1e-9;       // [0, 1]: stop when the change of a round, per vertex, is at most
                                 // this
  int iterations = 1000;         // [1, 1000000]: most rounds; exactly this many with tolerance 0

  absl::Status Validate(const CsrView& view) const;
};

struct PsiScoreResult {
  std::vector<double> scores;  // by vertex, in [0, 1]; their sum is at most 1
  int rounds = 0;
  double residual = 0;        // change of the last round, per vertex
  double l1_error_bound = 0;  // of the scores; infinite when some account sees only accounts that
                              // never post: a circle of such keeps `converged` false, though the
                              // scores stand still
  bool converged = false;     // residual <= tolerance
};

// The psi-score: the mean share that the posts of v have on the walls of all accounts, where an
// account posts itself, or passes on a post from its feed, a random one of what those that it
// follows posted or passed on. With equal rates and no dangling vertices it is PageRank with
// damping reposting / (posting + reposting). A silent account (both rates 0) has an empty wall,
// which counts as 0. Weights of arcs are not used.
// Errors: InvalidArgument naming the field (LENGTH_MISMATCH, BAD_WEIGHT, OPTION_OUT_OF_RANGE);
// FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted (MEMORY_LIMIT); those of Checkpoint. Not
// converging is not an error. Cost: O(arcs) per round; one solve for all origins.
// Paper: Giovanidis, Baynat, Magnien, Vendeville, IEEE/ACM Trans. Netw. 2021; one solve: Arhachoui,
// Bautista, Danisch, Giovanidis, ASONAM 2022 (Power-psi). The mean is over all vertices, v
// included.
absl::StatusOr<PsiScoreResult> PsiScore(const CsrView& view, const PsiScoreOptions& options,
                                        RunContext& run);

// Peak bytes of PsiScore, its result included: 32 per vertex.
uint64_t EstimatePsiScore(const CsrView& view, const PsiScoreOptions& options);

// The L1 distance of `scores` to those found origin by origin: the shares of one account on all
// feeds by rounds of their own. O(vertices · arcs) per round. Errors: InvalidArgument.
absl::StatusOr<double> VerifyPsiScore(const CsrView& view, const PsiScoreOptions& options,
                                      absl::Span<const double> scores);

}  // namespace halqa
