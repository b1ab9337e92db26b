// Why a kernel is our own where Boost has one: on the same view, on one thread, with the same
// answer, it must be faster. Prints by how much. What Boost does well enough runs through
// engine/bgl.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/page_rank.hpp>
#include <cstdio>
#include <ctime>
#include <functional>

#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/bgl/csr_graph.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

template <typename T>
auto ByVertex(std::vector<T>& values, const CsrView& view) {
  return boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, view));
}

// Best of three, on the core.
double Seconds(const std::function<void()>& fn) {
  auto now = [] {
    struct timespec t {};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  double best = 1e300;
  for (int i = 0; i < 3; ++i) {
    const double start = now();
    fn();
    best = std::min(best, now() - start);
  }
  return best;
}

void ExpectFaster(const char* what, double ours, double boost, double slack = 1) {
  std::printf("%-16s ours %8.2f ms, Boost %8.2f ms: %.1f x\n", what, 1e3 * ours, 1e3 * boost,
              boost / ours);
  EXPECT_LT(ours, slack * boost) << what << ": use Boost's then";
}

class BoostRatio : public ::testing::Test {
 protected:
  BoostRatio() {
    testing::SmallGraph g;
    g.n = 60000;
    g.weighted = true;
    g.undirected = true;
    CounterRng rng(2, 2);
    for (int i = 0; i < 600000; ++i) {
      const double u = rng.Uniform(), v = rng.Uniform();
      g.Add(static_cast<VertexIndex>(u * u * g.n), static_cast<VertexIndex>(v * v * g.n),
            static_cast<float>(rng.Uniform()));
    }
    graph_ = g.Build();
    view_ = graph_.View();
  }
  Csr graph_;
  CsrView view_;
  RunContext run_{1};
};

TEST_F(BoostRatio, Bfs) {
  std::vector<uint32_t> hops;
  const double boost = Seconds([&] {
    hops.assign(view_.vertices, kNoVertex);
    hops[0] = 0;
    boost::breadth_first_search(view_, VertexIndex{0},
                                boost::visitor(boost::make_bfs_visitor(boost::record_distances(
                                    ByVertex(hops, view_), boost::on_tree_edge()))));
  });
  BfsResult got;
  ExpectFaster("bfs", Seconds([&] { got = *Bfs(view_, {{0}}, run_); }), boost);
  EXPECT_EQ(got.hops, hops);
}

TEST_F(BoostRatio, Sssp) {
  std::vector<double> distance(view_.vertices);
  const double boost = Seconds([&] {
    boost::dijkstra_shortest_paths(
        view_, VertexIndex{0},
        boost::distance_map(ByVertex(distance, view_)).distance_inf(HUGE_VAL));
  });
  // Little faster on one thread; it also uses several, and stops when it is told to.
  SsspResult got;
  ExpectFaster("sssp", Seconds([&] { got = *Sssp(view_, {{0}}, run_); }), boost, 1.5);
  EXPECT_EQ(got.distances, distance);
}

TEST_F(BoostRatio, WeakComponents) {
  std::vector<uint32_t> component(view_.vertices);
  uint32_t count = 0;
  const double boost = Seconds([&] {
    count = static_cast<uint32_t>(boost::connected_components(view_, ByVertex(component, view_)));
  });
  WeakComponentsResult got;
  ExpectFaster("weak_components", Seconds([&] { got = *WeakComponents(view_, {}, run_); }), boost);
  EXPECT_EQ(got.components, count);
}

// The same number of rounds of each; Boost's knows no tolerance in that form and no weights.
TEST_F(BoostRatio, PageRank) {
  PageRankOptions options;
  options.weighted = false;
  options.tolerance = 0;
  options.iterations = 20;
  std::vector<double> rank(view_.vertices), other(view_.vertices);
  const double boost = Seconds([&] {
    boost::graph::page_rank(view_, ByVertex(rank, view_), boost::graph::n_iterations(20), 0.85,
                            view_.vertices, ByVertex(other, view_));
  });
  ExpectFaster("page_rank", Seconds([&] { (void)PageRank(view_, options, run_); }), boost);
}

}  // namespace
}  // namespace halqa
