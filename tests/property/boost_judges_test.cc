// Boost.Graph on the same view judges our kernels.

#include <gtest/gtest.h>

#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/page_rank.hpp>
#include <cmath>

#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/weak_components.h"
#include "engine/bgl/core_numbers.h"
#include "engine/bgl/csr_graph.h"
#include "engine/bgl/strong_components.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

template <typename T>
auto ByVertex(std::vector<T>& values, const CsrView& view) {
  return boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, view));
}

TEST(BoostJudges, PageRankUnweighted) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    for (uint32_t v = 0; v < small.n; ++v) small.Add(v, (v + 1) % small.n);  // none dangling
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    std::vector<double> rank(g.vertices), other(g.vertices);
    boost::graph::page_rank(g, ByVertex(rank, g), boost::graph::n_iterations(400), 0.85, g.vertices,
                            ByVertex(other, g));
    double sum = 0;
    for (const double r : rank) sum += r;
    PageRankOptions options;
    options.weighted = false;
    options.tolerance = 1e-13;
    options.iterations = 1000;
    RunContext run(1);
    const auto got = PageRank(g, options, run);
    for (uint32_t v = 0; v < g.vertices; ++v) EXPECT_NEAR(got->scores[v], rank[v] / sum, 1e-11);
  }
}

TEST(BoostJudges, ComponentsAndCores) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    RunContext run(2);
    const auto strong = StrongComponents(g, {}, run);
    EXPECT_TRUE(VerifyStrongComponents(g, *strong).ok()) << small.name;
    const auto cores = CoreNumbers(g, {}, run);
    EXPECT_TRUE(VerifyCoreNumbers(g, *cores).ok()) << small.name;
    bool loops = false;
    for (size_t i = 0; i < small.u.size(); ++i) loops |= small.u[i] == small.v[i];
    if (!loops) {
      EXPECT_EQ(KCore(g, {CoreDegree::kIn}, run)->cores, cores->cores) << small.name;
    }

    const Csr both = *Symmetrised(g, run);
    const CsrView s = both.View();
    std::vector<uint32_t> component(g.vertices);
    const auto count =
        static_cast<uint32_t>(boost::connected_components(s, ByVertex(component, s)));
    const auto weak = WeakComponents(g, {}, run);
    EXPECT_EQ(weak->components, count);
    for (uint32_t v = 0; v < g.vertices; ++v) {
      EXPECT_EQ(component[v], component[weak->labels[v]]) << small.name;
    }
    EXPECT_EQ(StrongComponents(s, {}, run)->labels, weak->labels) << small.name;
  }
}

TEST(BoostJudges, BetweennessOfAPathAndAStar) {
  SmallGraph path;
  path.n = 5;
  path.undirected = true;
  for (uint32_t v = 0; v + 1 < 5; ++v) path.Add(v, v + 1);
  const Csr graph = path.Build();
  const CsrView g = graph.View();
  std::vector<double> centrality(5);
  boost::brandes_betweenness_centrality(g, ByVertex(centrality, g));
  const double want[] = {0, 6, 8, 6, 0};  // every ordered pair
  for (int v = 0; v < 5; ++v) EXPECT_DOUBLE_EQ(centrality[v], want[v]);
}

TEST(BoostJudges, Betweenness) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    std::vector<double> want(g.vertices);
    boost::brandes_betweenness_centrality(g, ByVertex(want, g));
    RunContext run(2);
    const auto got = Betweenness(g, {}, run);
    for (uint32_t v = 0; v < g.vertices; ++v) {
      EXPECT_NEAR(got->scores[v], want[v] * (g.symmetric ? 0.5 : 1), 1e-9) << small.name;
    }
  }
}

TEST(BoostJudges, WeightsReachDijkstra) {
  SmallGraph g;
  g.n = 3;
  g.weighted = true;
  g.Add(0, 1, 5);
  g.Add(0, 2, 1);
  g.Add(2, 1, 1.5);
  const Csr graph = g.Build();
  const CsrView view = graph.View();
  std::vector<double> distance(3);
  boost::dijkstra_shortest_paths(view, 0u, boost::distance_map(ByVertex(distance, view)));
  EXPECT_EQ(distance, (std::vector<double>{0, 2.5, 1}));
}

}  // namespace
}  // namespace halqa
