#include <vector>

#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/sampled_betweenness.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<bool> VerifySampledBetweenness(const CsrView& view,
                                              const SampledBetweennessOptions& options,
                                              const SampledBetweennessResult& result,
                                              const std::vector<double>& exact) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (exact.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "exact", "one score per vertex expected");
  }
  HALQA_RETURN_IF_ERROR(VerifyBetweenness(view, {}, BetweennessResult{exact}));
  if (view.vertices < 2) return true;
  std::vector<bool> inside(view.vertices, false);
  const double rounding = 1e-12 * view.vertices * view.vertices;
  for (const BetweennessInterval& i : result.top) {
    inside[i.vertex] = true;
    if (exact[i.vertex] < i.low - rounding || exact[i.vertex] > i.high + rounding) return false;
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (!inside[v] && exact[v] > result.others_high + rounding) return false;
  }
  return true;
}

}  // namespace halqa
