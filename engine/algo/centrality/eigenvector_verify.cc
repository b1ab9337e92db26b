#include <cmath>

#include "engine/algo/centrality/eigenvector.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<double> VerifyEigenvector(const CsrView& view, const EigenvectorOptions& options,
                                         const EigenvectorResult& result) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (result.scores.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "scores", "one score per vertex expected");
  }
  if (view.vertices == 0) return 0.0;
  std::vector<long double> next(view.vertices, 0.0L);
  long double squares = 0;
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    const long double x = result.scores[u];
    if (!(x >= 0)) {
      return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "a negative score");
    }
    squares += x * x;
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      next[view.out_targets[a]] += x * (options.weighted ? view.OutWeight(a) : 1.0f);
    }
  }
  long double product = 0;
  for (const long double y : next) product += y * y;
  const long double norm_error = std::fabs(std::sqrt(squares) - 1);
  if (product == 0) return static_cast<double>(norm_error);
  const long double shift = std::sqrt(product) / 4;
  long double shifted = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    next[v] += shift * result.scores[v];
    shifted += next[v] * next[v];
  }
  long double change = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const long double d = next[v] / std::sqrt(shifted) - result.scores[v];
    change += d * d;
  }
  return static_cast<double>(std::sqrt(change) + norm_error);
}

}  // namespace halqa
