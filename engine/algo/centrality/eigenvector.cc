#include "engine/algo/centrality/eigenvector.h"

#include <cmath>

#include "engine/algo/centrality/pull_loop.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"

namespace halqa {
namespace {

// One round: scores to (A + shift) scores, normalised.
absl::Status Round(PullLoop& loop, Array<double>& next, EigenvectorResult* result) {
  std::vector<double>& x = result->scores;
  HALQA_ASSIGN_OR_RETURN(const Tally product,
                         loop.Gather(x.data(), [&](VertexIndex v, double sum, Tally& t) {
                           next[v] = sum;
                           t.sum += sum * sum;
                         }));
  result->eigenvalue = std::sqrt(product.sum);
  result->residual = 0;
  ++result->rounds;
  if (product.sum == 0) return absl::OkStatus();  // an eigenvector of 0
  const double shift = result->eigenvalue / 4;
  HALQA_ASSIGN_OR_RETURN(const Tally shifted, loop.Scan([&](VertexIndex v, Tally& t) {
    next[v] += shift * x[v];
    t.sum += next[v] * next[v];
  }));
  const double scale = 1 / std::sqrt(shifted.sum);
  HALQA_ASSIGN_OR_RETURN(const Tally change, loop.Scan([&](VertexIndex v, Tally& t) {
    const double fresh = next[v] * scale;
    t.sum += (fresh - x[v]) * (fresh - x[v]);
    x[v] = fresh;
  }));
  result->residual = std::sqrt(change.sum);
  return absl::OkStatus();
}

}  // namespace

absl::Status EigenvectorOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  return RequireRange("iterations", iterations, 1, 1000000);
}

uint64_t EstimateEigenvector(const CsrView& view, const EigenvectorOptions&) {
  return WithSmallThings(16 * uint64_t{view.vertices});
}

absl::StatusOr<EigenvectorResult> Eigenvector(const CsrView& view,
                                              const EigenvectorOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateEigenvector(view, options)));
  EigenvectorResult result;
  result.converged = view.vertices == 0;
  result.scores.assign(view.vertices, 1 / std::sqrt(static_cast<double>(view.vertices)));
  Array<double> next(view.vertices);
  PullLoop loop(PullLoop::In(view, options.weighted), run, options.iterations);
  while (view.vertices > 0 && result.rounds < options.iterations && !result.converged) {
    HALQA_RETURN_IF_ERROR(Round(loop, next, &result));
    if (options.tolerance > 0) result.converged = result.residual <= options.tolerance;
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
