#include "engine/bgl/weighted_betweenness.h"

#include <algorithm>
#include <boost/graph/betweenness_centrality.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/watched_graph.h"
#include "engine/graph/array.h"

namespace halqa {
namespace {

using Offsets = absl::Span<const uint64_t>;

// Where each vertex's in-arcs would begin: the view's own offsets, or counted into `room`.
Offsets InOffsets(const CsrView& view, Array<uint64_t>* room) {
  if (view.has_in()) return view.in_offsets;
  *room = Array<uint64_t>(uint64_t{view.vertices} + 1, 0);
  for (const VertexIndex v : view.out_targets) ++(*room)[v + 1];
  for (VertexIndex v = 0; v < view.vertices; ++v) (*room)[v + 1] += (*room)[v];
  return room->span();
}

// By vertex, the arcs over which it is reached on shortest paths: at most its in-arcs, so that they
// have a fixed place each. Boost's own choice is a vector per vertex.
class ReachedOver {
 public:
  // What Boost takes for the container of one vertex.
  class Row {
   public:
    using iterator = const WatchedArc*;
    Row(ReachedOver* all, VertexIndex v) : all_(all), v_(v) {}
    void clear() { all_->count_[v_] = 0; }
    void push_back(WatchedArc arc) { Arcs()[all_->count_[v_]++] = arc; }
    iterator begin() const { return Arcs(); }
    iterator end() const { return Arcs() + all_->count_[v_]; }

   private:
    WatchedArc* Arcs() const { return all_->arcs_.data() + all_->first_[v_]; }
    ReachedOver* all_;
    VertexIndex v_;
  };

  ReachedOver(const CsrView& view, Watch* watch)
      : first_(InOffsets(view, &own_)), arcs_(view.arcs()), count_(view.vertices), watch_(watch) {}

  // Boost comes here for each vertex before each search, and going back through what was reached.
  Row At(VertexIndex v) {
    watch_->Look();
    return Row(this, v);
  }

 private:
  Array<uint64_t> own_;
  const Offsets first_;
  Array<WatchedArc> arcs_;
  Array<uint32_t> count_;
  Watch* const watch_;
};

struct ReachedOverMap {
  using key_type = VertexIndex;
  using value_type = ReachedOver::Row;
  using reference = ReachedOver::Row;
  using category = boost::lvalue_property_map_tag;
  ReachedOver* all;
  ReachedOver::Row operator[](VertexIndex v) const { return all->At(v); }
};

// Weights that also count how often they are read.
struct WatchedWeights {
  using key_type = WatchedArc;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;
  const CsrView* view;
  Watch* watch;

  friend double get(const WatchedWeights& map, WatchedArc e) {
    map.watch->Look();
    return map.view->OutWeight(e.arc);
  }
};

absl::Status RunBoost(const CsrView& view, RunContext& run, std::vector<double>* scores) {
  // Each search reads every arc that it reaches about once or twice, and every vertex.
  Watch watch(run, 3.0 * (static_cast<double>(view.arcs()) + view.vertices) * view.vertices);
  const WatchedGraph graph{&view, &watch};
  ReachedOver reached(view, &watch);
  Array<double> distance(view.vertices), dependency(view.vertices);
  Array<uint64_t> paths(view.vertices);
  const auto index = get(boost::vertex_index, graph);
  auto map = [&](auto* values) { return boost::make_iterator_property_map(values, index); };
  try {
    boost::brandes_betweenness_centrality(graph, map(scores->data()), boost::dummy_property_map(),
                                          ReachedOverMap{&reached}, map(distance.data()),
                                          map(dependency.data()), map(paths.data()), index,
                                          WatchedWeights{&view, &watch});
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
  // Scores, distances, dependencies, paths and the rows' beginnings and ends; Boost's stack,
  // colours and places in the heap; the heap, which holds a vertex at most once.
  const uint64_t n = view.vertices;
  const uint64_t ours = n * (4 * 8 + 4 + (view.has_in() ? 0 : 8)) + 8 * view.arcs();
  return WithSmallThings(ours + n * (4 + 8) + n / 4 + GrownVector(n, 4));
}

absl::StatusOr<WeightedBetweennessResult> WeightedBetweenness(
    const CsrView& view, const WeightedBetweennessOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateWeightedBetweenness(view, options)));
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
