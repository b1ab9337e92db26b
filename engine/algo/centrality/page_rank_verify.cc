#include <cmath>

#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<double> VerifyPageRank(const CsrView& view, const PageRankOptions& options,
                                      absl::Span<const double> scores) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  if (scores.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "scores", "one score per vertex expected");
  }
  const uint32_t n = view.vertices;
  std::vector<long double> jump(n, options.teleport_sparse.empty() ? 1.0L : 0.0L);
  for (uint32_t v = 0; v < options.teleport.size(); ++v) jump[v] = options.teleport[v];
  for (const TeleportEntry& e : options.teleport_sparse) jump[e.vertex] += e.weight;
  long double total = 0;
  for (const long double w : jump) total += w;

  const long double d = options.damping;
  std::vector<long double> pushed(n, 0.0L);
  long double jumping = 0;  // a walk that is at u jumps with probability 1 - d, or surely
  for (uint32_t u = 0; u < n; ++u) {
    long double out = 0;
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      out += options.weighted ? view.OutWeight(a) : 1.0f;
    }
    jumping += out > 0 ? (1 - d) * scores[u] : static_cast<long double>(scores[u]);
    if (!(out > 0)) continue;
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const long double w = options.weighted ? view.OutWeight(a) : 1.0f;
      pushed[view.out_targets[a]] += d * scores[u] * w / out;
    }
  }
  long double residual = 0;
  long double sum = 0;
  for (uint32_t v = 0; v < n; ++v) {
    residual += std::fabs(pushed[v] + jumping * jump[v] / total - scores[v]);
    sum += scores[v];
  }
  // The walk keeps the mass it is given, so a sum that is not 1 is an error of its own.
  return static_cast<double>(residual / (1 - d) + (n > 0 ? std::fabs(sum - 1) : 0.0L));
}

}  // namespace halqa
