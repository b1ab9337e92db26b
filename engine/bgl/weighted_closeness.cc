#include "engine/bgl/weighted_closeness.h"

#include <algorithm>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <cmath>
#include <limits>

#include "absl/numeric/bits.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/csr_graph.h"
#include "engine/bgl/watch.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr double kFar = std::numeric_limits<double>::infinity();

// Leaves a search on whatever thread it runs; the next checkpoint says why.
struct Left {};

class AskingWeights {
 public:
  using key_type = CsrEdge;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;
  AskingWeights(const CsrView& view, const RunContext& run, uint64_t* reads)
      : view_(&view), run_(&run), reads_(reads) {}
  friend double get(const AskingWeights& map, const CsrEdge& e) {
    if (++*map.reads_ % 65536 == 0 && map.run_->ShouldStop()) throw Left();
    return map.view_->OutWeight(e.arc);
  }

 private:
  const CsrView* view_;
  const RunContext* run_;
  uint64_t* reads_;
};

// The graph with its arcs turned round.
CsrView Turned(const CsrView& view) {
  CsrView turned = view;
  std::swap(turned.out_offsets, turned.in_offsets);
  std::swap(turned.out_targets, turned.in_sources);
  std::swap(turned.out_weights, turned.in_weights);
  return turned;
}

// Sums over `distances`, in the order of the vertices.
void Score(const std::vector<double>& distances, VertexIndex v, WeightedClosenessResult* result) {
  double reached = 0, sum = 0, inverse = 0;
  for (VertexIndex u = 0; u < distances.size(); ++u) {
    if (u == v || !std::isfinite(distances[u])) continue;
    reached += 1;
    sum += distances[u];
    inverse += 1 / distances[u];
  }
  const double others = static_cast<double>(distances.size()) - 1;
  result->closeness[v] = reached > 0 ? reached / sum * reached / others : 0;
  result->harmonic[v] = inverse;
}

// Searches from the vertices [begin, end).
void SearchBlock(const CsrView& view, const RunContext& run, VertexIndex begin, VertexIndex end,
                 WeightedClosenessResult* result) {
  std::vector<double> distances(view.vertices);
  uint64_t reads = 0;
  try {
    for (VertexIndex v = begin; v < end && !run.ShouldStop(); ++v) {
      boost::dijkstra_shortest_paths(
          view, v,
          boost::distance_map(
              boost::make_iterator_property_map(distances.begin(), get(boost::vertex_index, view)))
              .distance_inf(kFar)
              .weight_map(AskingWeights(view, run, &reads)));
      Score(distances, v, result);
    }
  } catch (const Left&) {
  }
}

}  // namespace

absl::Status WeightedClosenessOptions::Validate(const CsrView& view) const {
  for (const float w : view.out_weights) {
    if (w > 0) continue;
    return FieldError("BAD_WEIGHT", "weights",
                      absl::StrCat("an arc weighs ", w, "; distances must be above 0"));
  }
  if (out || view.has_in() || view.vertices == 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                   "this algorithm reads in-rows; build the graph with them");
}

uint64_t EstimateWeightedCloseness(const CsrView& view, const WeightedClosenessOptions&,
                                   int threads) {
  // Both scores; per thread distances, colours of two bits, places in the heap, and the heap, which
  // doubles.
  const uint64_t n = view.vertices;
  const uint64_t each = 16 * n + n / 4 + 6 * absl::bit_ceil(n) + 8192;
  return 16 * n + static_cast<uint64_t>(threads) * each;
}

absl::StatusOr<WeightedClosenessResult> WeightedCloseness(const CsrView& view,
                                                          const WeightedClosenessOptions& options,
                                                          RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(
      RequireMemory(run, EstimateWeightedCloseness(view, options, run.threads())));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  const CsrView graph = options.out ? view : Turned(view);
  WeightedClosenessResult result;
  result.closeness.assign(view.vertices, 0);
  result.harmonic.assign(view.vertices, 0);
  // About a million arcs, or one search.
  const uint64_t each = std::max<uint64_t>(1, (uint64_t{1} << 20) / (view.arcs() + 64));
  const uint64_t blocks = (view.vertices + each - 1) / each;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks, {0, 1, 1}, [&](uint64_t b) {
    const auto end = std::min<uint64_t>(view.vertices, (b + 1) * each);
    SearchBlock(graph, run, static_cast<VertexIndex>(b * each), static_cast<VertexIndex>(end),
                &result);
  }));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

absl::Status VerifyWeightedCloseness(const CsrView& view, const WeightedClosenessOptions& options,
                                     const WeightedClosenessResult& result) {
  const uint32_t n = view.vertices;
  std::vector<std::vector<double>> d(n, std::vector<double>(n, kFar));
  for (VertexIndex u = 0; u < n; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const VertexIndex t = view.out_targets[a];
      (options.out ? d[u][t] : d[t][u]) = view.OutWeight(a);
    }
  }
  for (VertexIndex k = 0; k < n; ++k) {
    for (VertexIndex i = 0; i < n; ++i) {
      for (VertexIndex j = 0; j < n; ++j) d[i][j] = std::min(d[i][j], d[i][k] + d[k][j]);
    }
  }
  for (VertexIndex v = 0; v < n; ++v) {
    long double reached = 0, sum = 0, inverse = 0;
    for (VertexIndex u = 0; u < n; ++u) {
      if (u == v || !std::isfinite(d[v][u])) continue;
      reached += 1;
      sum += d[v][u];
      inverse += 1 / static_cast<long double>(d[v][u]);
    }
    const auto want = static_cast<double>(reached > 0 ? reached * reached / sum / (n - 1) : 0);
    const bool near = std::fabs(want - result.closeness[v]) <= 1e-9 * (1 + want) &&
                      std::fabs(static_cast<double>(inverse) - result.harmonic[v]) <=
                          1e-9 * (1 + static_cast<double>(inverse));
    if (near) continue;
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", absl::StrCat("vertex ", v));
  }
  return absl::OkStatus();
}

}  // namespace halqa
