// Why a kernel is our own where Boost has one, on the same view, on one thread, with the same
// answer: it does less work, or is several times faster, or does what Boost's does not, at no more
// than twice its time. Prints the times; `./dev bench boost` measures them. What Boost does well
// enough runs through engine/bgl; docs/algorithms/boost.md has both lists.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/local_clustering.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/bgl/core_numbers.h"
#include "engine/bgl/references.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

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
  explicit BoostRatio(uint32_t n = 60000, int edges = 600000) {
    testing::SmallGraph g;
    g.n = n;
    g.weighted = true;
    g.undirected = true;
    CounterRng rng(2, 2);
    for (int i = 0; i < edges; ++i) {
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

// Less work: it looks at a part of the arcs, Boost's at all.
TEST_F(BoostRatio, Bfs) {
  std::vector<uint32_t> hops;
  const double boost = Seconds([&] { hops = bgl::Hops(view_, 0); });
  BfsResult got;
  ExpectFaster("bfs", Seconds([&] { got = *Bfs(view_, {{0}}, run_); }), boost);
  EXPECT_EQ(got.hops, hops);
  EXPECT_LT(got.arcs_examined, view_.arcs() / 2);
}

// No faster on one thread; it uses several, which Dijkstra's cannot, and stops when it is told to.
TEST_F(BoostRatio, Sssp) {
  std::vector<double> distances;
  const double boost = Seconds([&] { distances = bgl::Distances(view_, 0); });
  SsspResult got;
  ExpectFaster("sssp", Seconds([&] { got = *Sssp(view_, {{0}}, run_); }), boost, 2);
  EXPECT_EQ(got.distances, distances);
}

// Less work: it reads two arcs of most rows.
TEST_F(BoostRatio, WeakComponents) {
  std::vector<uint32_t> component;
  uint32_t count = 0;
  const double boost = Seconds([&] { count = bgl::Components(view_, &component); });
  WeakComponentsResult got;
  ExpectFaster("weak_components", Seconds([&] { got = *WeakComponents(view_, {}, run_); }), boost);
  EXPECT_EQ(got.components, count);
}

// Less work: half as many rounds to the same change. It also knows weights, where jumps land, and
// how wrong it is at most.
TEST_F(BoostRatio, PageRank) {
  PageRankOptions options;
  options.weighted = false;
  options.tolerance = 1e-9;
  bgl::PageRankReference reference;
  const double boost = Seconds([&] { reference = bgl::PageRank(view_, 1e-9, 1000); });
  PageRankResult got;
  ExpectFaster("page_rank", Seconds([&] { got = *PageRank(view_, options, run_); }), boost, 2);
  EXPECT_LT(got.rounds, 0.75 * reference.rounds);
  std::printf("%d rounds, Boost %d\n", got.rounds, reference.rounds);
}

// As fast. It counts both arcs of a mutual pair and no self-loops, and stops when it is told to.
TEST_F(BoostRatio, CoreNumbers) {
  CoreNumbersResult cores;
  const double boost = Seconds([&] { cores = *CoreNumbers(view_, {}, run_); });
  KCoreResult got;
  ExpectFaster("k_core", Seconds([&] { got = *KCore(view_, {CoreDegree::kIn}, run_); }), boost, 2);
}

class BoostRatioSmall : public BoostRatio {
 protected:
  BoostRatioSmall() : BoostRatio(1500, 15000) {}
};

// A little faster. It uses several threads and keeps no lists of predecessors, 56 bytes per arc.
TEST_F(BoostRatioSmall, Betweenness) {
  std::vector<double> pairs;
  const double boost = Seconds([&] { pairs = bgl::PairBetweenness(view_); });
  BetweennessResult got;
  ExpectFaster("betweenness", Seconds([&] { got = *Betweenness(view_, {}, run_); }), boost, 2);
  for (uint32_t v = 0; v < view_.vertices; ++v) EXPECT_NEAR(2 * got.scores[v], pairs[v], 1e-6);
}

// Less work: it looks at each triangle once, Boost's at all pairs of neighbours.
TEST_F(BoostRatioSmall, Clustering) {
  const double boost = Seconds([&] { (void)bgl::Clustering(view_); });
  ExpectFaster("clustering", Seconds([&] { (void)LocalClustering(view_, {}, run_); }), boost);
}

}  // namespace
}  // namespace halqa
