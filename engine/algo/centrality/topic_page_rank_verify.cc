#include <cmath>

#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::StatusOr<double> VerifyTopicPageRank(const CsrView& view, const TopicPageRankOptions& options,
                                           uint64_t topic, absl::Span<const double> vector) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  if (topic >= options.topics.size() || vector.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "vector", "no such topic, or not one score per vertex");
  }
  const long double d = options.damping;
  std::vector<long double> pushed(view.vertices, 0.0L);
  long double total = 0;
  for (const TeleportEntry& e : options.topics[topic]) total += e.weight;
  for (const TeleportEntry& e : options.topics[topic])
    pushed[e.vertex] += (1 - d) * e.weight / total;
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    long double out = 0;
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      out += options.weighted ? view.OutWeight(a) : 1.0f;
    }
    if (!(out > 0)) continue;
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const long double w = options.weighted ? view.OutWeight(a) : 1.0f;
      pushed[view.out_targets[a]] += d * vector[u] * w / out;
    }
  }
  long double residual = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) residual += std::fabs(pushed[v] - vector[v]);
  return static_cast<double>(residual / (1 - d));
}

}  // namespace halqa
