#include "engine/discovery/counterfactual.h"

#include <algorithm>

#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::discovery {
namespace {

constexpr VertexIndex kBlock = 10000;
constexpr int kIterationsMax = 2000;

// One direction of the graph, without the rows and the neighbours that are gone.
absl::StatusOr<CsrRows> Kept(absl::Span<const uint64_t> offsets,
                             absl::Span<const VertexIndex> values, absl::Span<const float> weights,
                             const std::vector<bool>& gone, RunContext& run) {
  const auto n = static_cast<VertexIndex>(gone.size());
  CsrRows out;
  out.offsets = Array<uint64_t>(uint64_t{n} + 1);
  uint64_t arcs = 0;
  for (VertexIndex v = 0; v < n; ++v) {
    if (v % kBlock == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(v * 0.5, n));
    out.offsets[v] = arcs;
    if (gone[v]) continue;
    for (uint64_t a = offsets[v]; a < offsets[v + 1]; ++a) arcs += gone[values[a]] ? 0 : 1;
  }
  out.offsets[n] = arcs;
  out.values = Array<VertexIndex>(arcs);
  if (!weights.empty()) out.weights = Array<float>(arcs);
  uint64_t next = 0;
  for (VertexIndex v = 0; v < n; ++v) {
    if (v % kBlock == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(n * 0.5 + v * 0.5, n));
    if (gone[v]) continue;
    for (uint64_t a = offsets[v]; a < offsets[v + 1]; ++a) {
      if (gone[values[a]]) continue;
      out.values[next] = values[a];
      if (!weights.empty()) out.weights[next] = weights[a];
      ++next;
    }
  }
  return out;
}

absl::Status PageRankWithout(const CsrView& view, const std::vector<bool>& gone,
                             const WithoutOptions& options, RunContext& run, WithoutScores* out) {
  std::vector<double> teleport(gone.size()), start(gone.size());
  double left = 0;
  for (size_t v = 0; v < gone.size(); ++v) {
    teleport[v] = gone[v] ? 0 : 1;
    start[v] = gone[v] || options.page_rank.empty() ? 0 : options.page_rank[v];
    left += start[v];
  }
  PageRankOptions rank;
  rank.damping = options.damping;
  rank.tolerance = options.tolerance;
  rank.iterations = kIterationsMax;
  rank.teleport = teleport;
  if (left > 0) rank.start = start;
  HALQA_ASSIGN_OR_RETURN(PageRankResult result, PageRank(view, rank, run));
  out->page_rank = std::move(result.scores);
  out->page_rank_l1_error_bound = result.l1_error_bound;
  return absl::OkStatus();
}

absl::Status TopicWithout(const CsrView& view, const std::vector<bool>& gone,
                          const WithoutOptions& options, RunContext& run, WithoutScores* out) {
  TopicPageRankOptions topic;
  topic.damping = options.damping;
  topic.tolerance = options.tolerance;
  topic.iterations = kIterationsMax;
  topic.topics.emplace_back();
  for (const TeleportEntry& seed : options.seeds) {
    if (!gone[seed.vertex] && seed.weight > 0) topic.topics[0].push_back(seed);
  }
  out->topic.resize(gone.size());
  if (topic.topics[0].empty()) return absl::OkStatus();  // nobody names the topic any more
  HALQA_ASSIGN_OR_RETURN(TopicPageRankResult result, TopicPageRank(view, topic, run));
  out->topic = std::move(result.vectors[0]);
  out->topic_l1_error_bound = result.l1_error_bounds[0];
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Csr> WithoutVertices(const CsrView& graph, const std::vector<bool>& gone,
                                    RunContext& run) {
  HALQA_RETURN_IF_ERROR(RequireInRows(graph));
  if (gone.size() != graph.vertices) {
    return FieldError("LENGTH_MISMATCH", "gone", "one value per vertex expected");
  }
  RunContext first = run.Part(0, 0.5);
  HALQA_ASSIGN_OR_RETURN(
      CsrRows out, Kept(graph.out_offsets, graph.out_targets, graph.out_weights, gone, first));
  RunContext second = run.Part(0.5, 1);
  HALQA_ASSIGN_OR_RETURN(CsrRows in,
                         Kept(graph.in_offsets, graph.in_sources, graph.in_weights, gone, second));
  return Csr(std::move(out), std::move(in));
}

uint64_t EstimateWithout(const CsrView& graph, const WithoutOptions& options) {
  const uint64_t n = graph.vertices;
  const uint64_t copy = graph.arcs() * (graph.weighted() ? 16 : 8) + 16 * n;
  return WithSmallThings(copy + n * (16 + 40 + (options.seeds.empty() ? 0 : 40)));
}

absl::StatusOr<WithoutScores> ScoresWithout(const CsrView& graph, const std::vector<bool>& gone,
                                            const WithoutOptions& options, RunContext& run) {
  if (std::find(gone.begin(), gone.end(), false) == gone.end()) {
    return FieldError("NOBODY_LEFT", "without", "every account would be gone");
  }
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateWithout(graph, options)));
  RunContext copy = run.Part(0, 0.2);
  HALQA_ASSIGN_OR_RETURN(const Csr reduced, WithoutVertices(graph, gone, copy));
  WithoutScores out;
  RunContext first = run.Part(0.2, 0.6);
  HALQA_RETURN_IF_ERROR(PageRankWithout(reduced.View(), gone, options, first, &out));
  if (options.seeds.empty()) return out;
  RunContext rest = run.Part(0.6, 1);
  HALQA_RETURN_IF_ERROR(TopicWithout(reduced.View(), gone, options, rest, &out));
  return out;
}

}  // namespace halqa::discovery
