#include <algorithm>
#include <cmath>

#include "engine/algo/centrality/harmonic.h"
#include "engine/algo/centrality/relaxed_distances.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

absl::Status Wrong(VertexIndex v, double got, double want) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                   absl::StrCat("harmonic of vertex ", v, " is ", got, ", not ", want));
}

}  // namespace

absl::Status VerifyHarmonic(const CsrView& view, const HarmonicOptions& options,
                            const HarmonicResult& result) {
  std::vector<double> want(view.vertices, 0);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (const uint32_t d : RelaxedDistances(view, options.direction, v)) {
      if (d != 0 && d != kNoVertex) want[v] += 1.0 / d;
    }
  }
  const double slack = 1e-12 * (1.0 + view.vertices);
  std::vector<bool> inside(view.vertices, options.k == 0);
  double least = 0;
  for (const VertexIndex v : result.top) {
    inside[v] = true;
    least = result.scores[v];
  }
  if (options.k > 0 && result.top.size() != std::min(options.k, view.vertices)) {
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "top has the wrong length");
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const bool right = inside[v] ? std::fabs(want[v] - result.scores[v]) <= slack
                                 : result.scores[v] == 0 && want[v] <= least + slack;
    if (!right) return Wrong(v, result.scores[v], want[v]);
  }
  return absl::OkStatus();
}

}  // namespace halqa
