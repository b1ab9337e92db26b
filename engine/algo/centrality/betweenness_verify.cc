#include <cmath>

#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/relaxed_distances.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

struct Paths {
  std::vector<std::vector<uint32_t>> distance;  // from, to
  std::vector<std::vector<long double>> count;
};

// paths(s, t) is the sum of paths(s, u) over arcs u -> t with distance(s, u) + 1 = distance(s, t);
// by rising distance.
Paths CountPaths(const CsrView& view) {
  Paths p;
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    p.distance.push_back(RelaxedDistances(view, PathDirection::kOut, s));
    const std::vector<uint32_t>& d = p.distance.back();
    std::vector<long double> count(view.vertices, 0.0L);
    count[s] = 1;
    for (uint32_t level = 0; level < view.vertices; ++level) {
      for (VertexIndex u = 0; u < view.vertices; ++u) {
        if (d[u] != level) continue;
        for (const VertexIndex t : view.Out(u)) count[t] += d[t] == level + 1 ? count[u] : 0.0L;
      }
    }
    p.count.push_back(std::move(count));
  }
  return p;
}

}  // namespace

absl::Status VerifyBetweenness(const CsrView& view, const BetweennessOptions& options,
                               const BetweennessResult& result) {
  const Paths p = CountPaths(view);
  std::vector<uint32_t> times(view.vertices, options.sources.empty() ? 1 : 0);
  for (const VertexIndex s : options.sources) ++times[s];
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    long double want = 0;
    for (VertexIndex s = 0; s < view.vertices; ++s) {
      if (s == v || p.distance[s][v] == kNoVertex) continue;
      for (VertexIndex t = 0; t < view.vertices; ++t) {
        if (t == s || t == v || p.distance[v][t] == kNoVertex) continue;
        if (p.distance[s][v] + p.distance[v][t] != p.distance[s][t]) continue;
        want += times[s] * p.count[s][v] * p.count[v][t] / p.count[s][t];
      }
    }
    if (view.symmetric && options.sources.empty()) want /= 2;
    if (!(std::fabs(static_cast<double>(want) - result.scores[v]) <= 1e-9 * (1 + want))) {
      return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                       absl::StrCat("betweenness of vertex ", v, " is ", result.scores[v], ", not ",
                                    static_cast<double>(want)));
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
