#include <algorithm>
#include <cmath>

#include "engine/algo/centrality/article_rank.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<double> VerifyArticleRank(const CsrView& view, const ArticleRankOptions& options,
                                         absl::Span<const double> scores) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (scores.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "scores", "one score per vertex expected");
  }
  if (view.vertices == 0) return 0.0;
  std::vector<long double> out(view.vertices, 0.0L);
  long double total = 0;
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      out[u] += options.weighted ? view.OutWeight(a) : 1.0f;
    }
    total += out[u];
  }
  const long double mean = total / view.vertices;
  const long double d = options.damping;
  std::vector<long double> pushed(view.vertices, 1 - d);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      if (mean == 0) continue;
      const long double w = options.weighted ? view.OutWeight(a) : 1.0f;
      pushed[view.out_targets[a]] += d * w * scores[u] / (out[u] + mean);
    }
  }
  long double residual = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) residual += std::fabs(pushed[v] - scores[v]);
  return static_cast<double>(residual / (1 - d) / view.vertices);
}

}  // namespace halqa
