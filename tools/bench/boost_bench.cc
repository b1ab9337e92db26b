#include "tools/bench/boost_bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/local_clustering.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/core_numbers.h"
#include "engine/bgl/references.h"
#include "engine/graph/builder.h"
#include "tools/bench/generate.h"
#include "tools/bench/stopwatch.h"

namespace halqa::bench {
namespace {

// What one side computed; numbers, so that any two can be compared.
using Answer = std::vector<double>;

template <typename T>
Answer Numbers(const std::vector<T>& values) {
  return Answer(values.begin(), values.end());
}

struct Pair {
  std::string kernel;
  const CsrView* view;
  std::function<absl::StatusOr<Answer>(const CsrView&, RunContext&)> ours;
  std::function<Answer(const CsrView&)> boost;
};

absl::StatusOr<Answer> OurHops(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const BfsResult got, Bfs(view, {{0}}, run));
  return Numbers(got.hops);
}

absl::StatusOr<Answer> OurDistances(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(SsspResult got, Sssp(view, {{0}}, run));
  return std::move(got.distances);
}

// Labels differ in names, so the number is compared.
absl::StatusOr<Answer> OurComponents(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const WeakComponentsResult got, WeakComponents(view, {}, run));
  return Answer{static_cast<double>(got.components)};
}

Answer BoostComponents(const CsrView& view) {
  std::vector<uint32_t> components;
  return {static_cast<double>(bgl::Components(view, &components))};
}

// Boost loses what dangling vertices hold, so only who is first is compared.
template <typename Ranks>
Answer First(const Ranks& ranks) {
  return {static_cast<double>(std::max_element(ranks.begin(), ranks.end()) - ranks.begin())};
}

// 20 rounds of each, or as many as each takes to a change of 1e-9.
template <bool kTwenty>
absl::StatusOr<Answer> OurRanks(const CsrView& view, RunContext& run) {
  PageRankOptions options;
  options.weighted = false;
  options.tolerance = kTwenty ? 0 : 1e-9;
  options.iterations = kTwenty ? 20 : 1000;
  HALQA_ASSIGN_OR_RETURN(const PageRankResult got, PageRank(view, options, run));
  return First(got.scores);
}

template <bool kTwenty>
Answer BoostRanks(const CsrView& view) {
  return First(kTwenty ? bgl::PageRank(view, 0, 20).ranks : bgl::PageRank(view, 1e-9, 1000).ranks);
}

absl::StatusOr<Answer> OurCores(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const KCoreResult got, KCore(view, {CoreDegree::kIn}, run));
  return Numbers(got.cores);
}

Answer BoostCores(const CsrView& view) {
  RunContext run(1);
  return Numbers(CoreNumbers(view, {}, run)->cores);
}

absl::StatusOr<Answer> OurBetweenness(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(BetweennessResult got, Betweenness(view, {}, run));
  for (double& score : got.scores) score *= 2;  // Boost takes each pair both ways
  return std::move(got.scores);
}

absl::StatusOr<Answer> OurClustering(const CsrView& view, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(LocalClusteringResult got, LocalClustering(view, {}, run));
  return std::move(got.coefficients);
}

bool Same(const Answer& a, const Answer& b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i) {
    same = a[i] == b[i] || std::fabs(a[i] - b[i]) <= 1e-9 * (1 + std::fabs(a[i]));
  }
  return same;
}

// The same graph with weights of (0, 1].
absl::StatusOr<Csr> Weighted(const CsrView& view, RunContext& run) {
  std::vector<VertexIndex> u, v;
  std::vector<float> w;
  CounterRng rng(5, 5);
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    for (const VertexIndex t : view.Out(s)) {
      if (t < s) continue;
      u.push_back(s);
      v.push_back(t);
      w.push_back(static_cast<float>(1 - rng.Uniform()));
    }
  }
  BuildOptions options;
  options.vertices = view.vertices;
  options.undirected = true;
  return BuildCsr({u, v, w}, options, run);
}

absl::StatusOr<double> OurSeconds(const Pair& pair, int threads, Answer* answer) {
  RunContext run(threads);
  const Stopwatch watch(threads);
  HALQA_ASSIGN_OR_RETURN(*answer, pair.ours(*pair.view, run));
  return watch.Seconds();
}

absl::Status Compare(const Pair& pair, int rounds, const std::string& graph) {
  double ours = HUGE_VAL, boost = HUGE_VAL, two_threads = HUGE_VAL;
  for (int i = 0; i < rounds; ++i) {
    Answer mine;
    HALQA_ASSIGN_OR_RETURN(const double one, OurSeconds(pair, 1, &mine));
    const Stopwatch watch(1);
    const Answer theirs = pair.boost(*pair.view);
    boost = std::min(boost, watch.Seconds());
    HALQA_ASSIGN_OR_RETURN(const double two, OurSeconds(pair, 2, &mine));
    ours = std::min(ours, one);
    two_threads = std::min(two_threads, two);
    if (Same(mine, theirs)) continue;
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                     absl::StrCat(pair.kernel, ": Boost says something else"));
  }
  std::printf("| %s | %s | %.2f | %.2f | %.1f | %.2f |\n", pair.kernel.c_str(), graph.c_str(),
              1e3 * ours, 1e3 * boost, boost / ours, 1e3 * two_threads);
  std::fflush(stdout);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunBoostBench(const BoostBenchOptions& o) {
  RunContext run;
  HALQA_ASSIGN_OR_RETURN(const Csr large, Generate(o.graph, run));
  HALQA_ASSIGN_OR_RETURN(const Csr small, Generate(o.small_graph, run));
  HALQA_ASSIGN_OR_RETURN(const Csr weights, Weighted(large.View(), run));
  const CsrView big = large.View(), little = small.View(), weighted = weights.View();
  const std::vector<Pair> pairs = {
      {"bfs", &big, OurHops, [](const CsrView& g) { return Numbers(bgl::Hops(g, 0)); }},
      {"sssp", &weighted, OurDistances, [](const CsrView& g) { return bgl::Distances(g, 0); }},
      {"weak_components", &big, OurComponents, BoostComponents},
      {"page_rank, 20 rounds", &big, OurRanks<true>, BoostRanks<true>},
      {"page_rank to 1e-9", &big, OurRanks<false>, BoostRanks<false>},
      {"k_core", &big, OurCores, BoostCores},
      {"betweenness", &little, OurBetweenness, bgl::PairBetweenness},
      {"local_clustering", &little, OurClustering, bgl::Clustering}};
  std::puts(
      "| kernel | graph | ours, ms | Boost, ms | ratio | ours, 2 threads, ms |\n"
      "|---|---|---|---|---|---|");
  for (const Pair& pair : pairs) {
    HALQA_RETURN_IF_ERROR(Compare(pair, o.rounds, pair.view == &little ? o.small_graph : o.graph));
  }
  return absl::OkStatus();
}

}  // namespace halqa::bench
