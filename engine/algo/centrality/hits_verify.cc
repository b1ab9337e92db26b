#include <cmath>

#include "engine/algo/centrality/hits.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

long double ChangeTo(std::vector<long double> fresh, const std::vector<double>& old) {
  long double sum = 0;
  for (const long double x : fresh) sum += x;
  long double change = 0;
  for (size_t v = 0; v < old.size(); ++v) {
    change += std::fabs((sum > 0 ? fresh[v] / sum : 0.0L) - old[v]);
  }
  return change;
}

}  // namespace

absl::StatusOr<double> VerifyHits(const CsrView& view, const HitsOptions& options,
                                  const HitsResult& result) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (result.authorities.size() != view.vertices || result.hubs.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "authorities", "one score per vertex expected");
  }
  std::vector<long double> authorities(view.vertices, 0.0L), hubs(view.vertices, 0.0L);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const long double w = options.weighted ? view.OutWeight(a) : 1.0f;
      authorities[view.out_targets[a]] += w * result.hubs[u];
      hubs[u] += w * result.authorities[view.out_targets[a]];
    }
  }
  return static_cast<double>(ChangeTo(std::move(authorities), result.authorities) +
                             ChangeTo(std::move(hubs), result.hubs));
}

}  // namespace halqa
