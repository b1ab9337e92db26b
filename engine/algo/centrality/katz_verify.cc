#include <algorithm>
#include <cmath>

#include "engine/algo/centrality/katz.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<double> VerifyKatz(const CsrView& view, const KatzOptions& options,
                                  const KatzResult& result) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (result.scores.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "scores", "one score per vertex expected");
  }
  std::vector<long double> pushed(view.vertices, 1.0L);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const long double w = options.weighted ? view.OutWeight(a) : 1.0f;
      pushed[view.out_targets[a]] += result.alpha * w * result.scores[u];
    }
  }
  long double worst = 0;
  long double largest = 1;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    worst = std::max(worst, std::fabs(pushed[v] - result.scores[v]));
    largest = std::max(largest, static_cast<long double>(result.scores[v]));
  }
  return static_cast<double>(worst / largest);
}

}  // namespace halqa
