#include "engine/bgl/weighted_betweenness.h"

#include <algorithm>
#include <boost/graph/betweenness_centrality.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/csr_graph.h"

namespace halqa {
namespace {

// Leaves Boost's loop, which has no other way out; caught in this file.
struct Stopped {
  absl::Status status;
};

// Weights that also count how often they are read: the only place where a run of Boost's algorithm
// can be watched.
class WatchedWeights {
 public:
  using key_type = CsrEdge;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;

  WatchedWeights(const CsrView& view, RunContext& run, uint64_t* reads)
      : view_(&view), run_(&run), reads_(reads) {}

  friend double get(const WatchedWeights& map, const CsrEdge& e) {
    if (++*map.reads_ % 65536 == 0) map.Checkpoint();
    return map.view_->OutWeight(e.arc);
  }

 private:
  void Checkpoint() const {
    // Every search reads every arc that it reaches about once or twice.
    const double all = 2.0 * static_cast<double>(view_->arcs()) * view_->vertices;
    absl::Status status = run_->Checkpoint(static_cast<double>(*reads_), all);
    if (!status.ok()) throw Stopped{std::move(status)};
  }

  const CsrView* view_;
  RunContext* run_;
  uint64_t* reads_;
};

absl::Status RunBoost(const CsrView& view, RunContext& run, std::vector<double>* scores) {
  uint64_t reads = 0;
  try {
    boost::brandes_betweenness_centrality(
        view, boost::centrality_map(boost::make_iterator_property_map(
                                        scores->begin(), get(boost::vertex_index, view)))
                  .weight_map(WatchedWeights(view, run, &reads)));
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WeightedBetweennessOptions::Validate(const CsrView& view) const {
  for (const float w : view.out_weights) {
    if (!(w > 0)) {
      return FieldError("BAD_WEIGHT", "weights",
                        absl::StrCat("an arc weighs ", w, "; distances must be above 0"));
    }
  }
  return absl::OkStatus();
}

uint64_t EstimateWeightedBetweenness(const CsrView& view, const WeightedBetweennessOptions&) {
  return uint64_t{view.vertices} * 128 + view.arcs() * 56;
}

absl::StatusOr<WeightedBetweennessResult> WeightedBetweenness(
    const CsrView& view, const WeightedBetweennessOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  const uint64_t bytes = EstimateWeightedBetweenness(view, options);
  if (run.memory_bytes_max() > 0 && bytes > run.memory_bytes_max()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                     absl::StrCat("needs ", bytes, " bytes, allowed are ", run.memory_bytes_max()));
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  WeightedBetweennessResult result;
  result.scores.assign(view.vertices, 0);
  if (view.vertices > 0) HALQA_RETURN_IF_ERROR(RunBoost(view, run, &result.scores));
  // Boost sees both arcs of an undirected edge, and so each pair twice.
  for (double& score : result.scores) score *= view.symmetric ? 0.5 : 1;
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

namespace {

using Rows = std::vector<std::vector<double>>;

Rows Distances(const CsrView& view) {
  const uint32_t n = view.vertices;
  Rows d(n, std::vector<double>(n, std::numeric_limits<double>::infinity()));
  for (VertexIndex u = 0; u < n; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      d[u][view.out_targets[a]] = view.OutWeight(a);
    }
    d[u][u] = 0;
  }
  for (VertexIndex k = 0; k < n; ++k) {
    for (VertexIndex i = 0; i < n; ++i) {
      for (VertexIndex j = 0; j < n; ++j) d[i][j] = std::min(d[i][j], d[i][k] + d[k][j]);
    }
  }
  return d;
}

bool Same(double a, double b) { return std::fabs(a - b) <= 1e-9 * (1 + std::fabs(a)); }

std::vector<double> PathsFrom(const CsrView& view, VertexIndex s, const std::vector<double>& d) {
  std::vector<VertexIndex> order(view.vertices);
  std::iota(order.begin(), order.end(), VertexIndex{0});
  std::sort(order.begin(), order.end(), [&](VertexIndex a, VertexIndex b) { return d[a] < d[b]; });
  std::vector<double> paths(view.vertices, 0.0);
  paths[s] = 1;
  for (const VertexIndex u : order) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const VertexIndex t = view.out_targets[a];
      if (t != u && std::isfinite(d[u]) && Same(d[u] + view.OutWeight(a), d[t])) {
        paths[t] += paths[u];
      }
    }
  }
  return paths;
}

}  // namespace

absl::Status VerifyWeightedBetweenness(const CsrView& view,
                                       const WeightedBetweennessResult& result) {
  const Rows d = Distances(view);
  Rows paths;
  for (VertexIndex s = 0; s < view.vertices; ++s) paths.push_back(PathsFrom(view, s, d[s]));
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    double want = 0;
    for (VertexIndex s = 0; s < view.vertices; ++s) {
      for (VertexIndex t = 0; t < view.vertices; ++t) {
        if (s == v || t == v || s == t || !std::isfinite(d[s][v] + d[v][t])) continue;
        if (Same(d[s][v] + d[v][t], d[s][t])) want += paths[s][v] * paths[v][t] / paths[s][t];
      }
    }
    want *= view.symmetric ? 0.5 : 1;
    if (std::fabs(want - result.scores[v]) <= 1e-9 * (1 + want)) continue;
    return MakeError(
        absl::StatusCode::kDataLoss, "VERIFY_FAILED",
        absl::StrCat("betweenness of vertex ", v, " is ", result.scores[v], ", not ", want));
  }
  return absl::OkStatus();
}

}  // namespace halqa
