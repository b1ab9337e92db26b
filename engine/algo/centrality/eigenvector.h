#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kEigenvectorVersion = 1;

struct EigenvectorOptions {
  double tolerance = 1e-9;  // [0, 1]: stop when the Euclidean change of a round is at most this
  int iterations = 1000;    // [1, 1000000]: most rounds; exactly this many with tolerance 0
  bool weighted = true;     // use weights, if the graph has any

  absl::Status Validate() const;
};

struct EigenvectorResult {
  std::vector<double> scores;  // by vertex, >= 0, Euclidean norm 1
  double eigenvalue = 0;
  int rounds = 0;
  double residual = 0;     // Euclidean change of the last round
  bool converged = false;  // residual <= tolerance
};

// Eigenvector centrality: an account is as important as its followers are together, x_v ∝ the sum
// of weight · x_u over arcs u -> v, for the largest eigenvalue. It is unique on strongly connected
// graphs; elsewhere this is the limit from equal scores, which gives 0 to all but the strongest
// parts. Without cycles there is nothing to converge to but the ends of the paths.
// Power iteration on A + (norm of Ax / 4) I: the shift makes bipartite graphs converge.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Not converging is not an error.
// Cost: O(arcs) per round; rounds grow as 1 / (1 - second / first eigenvalue).
// Paper: Bonacich, American Journal of Sociology 1987.
absl::StatusOr<EigenvectorResult> Eigenvector(const CsrView& view,
                                              const EigenvectorOptions& options, RunContext& run);

// Peak bytes of Eigenvector, its result included: 16 per vertex.
uint64_t EstimateEigenvector(const CsrView& view, const EigenvectorOptions& options);

// The Euclidean change of one more round, pushed along out-rows in extended precision, plus what
// the norm lacks to 1. Errors: InvalidArgument; DataLoss (VERIFY_FAILED) for a negative score.
absl::StatusOr<double> VerifyEigenvector(const CsrView& view, const EigenvectorOptions& options,
                                         const EigenvectorResult& result);

}  // namespace halqa
