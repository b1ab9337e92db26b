#include "engine/algo/community/leiden.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

// `parts` communities of `size` vertices, ids mixed up; `inside` and `outside` edges per vertex.
SmallGraph Planted(uint32_t parts, uint32_t size, int inside, int outside,
                   std::vector<uint32_t>* truth) {
  SmallGraph g;
  g.n = parts * size;
  g.undirected = true;
  CounterRng rng(parts, size);
  std::vector<VertexIndex> name(g.n);
  for (uint32_t i = 0; i < g.n; ++i) name[i] = i;
  for (uint32_t i = g.n; i > 1; --i) std::swap(name[i - 1], name[rng.Below(i)]);
  truth->resize(g.n);
  for (uint32_t i = 0; i < g.n; ++i) {
    (*truth)[name[i]] = i / size;
    for (int e = 0; e < inside; ++e) {
      g.Add(name[i], name[i / size * size + rng.Below(size)]);
    }
    for (int e = 0; e < outside; ++e) g.Add(name[i], name[rng.Below(g.n)]);
  }
  return g;
}

TEST(Leiden, TinyGraphsKeepEveryPromise) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr directed = small.Build();
    RunContext run(1);
    const Csr graph = *Symmetrised(directed.View(), run);
    for (const double resolution : {0.3, 1.0, 3.0}) {
      LeidenOptions options;
      options.resolution = resolution;
      options.seed = seed;
      options.iterations = seed % 2 == 0 ? 1 : 20;
      options.keep_levels = true;
      const auto got = Leiden(graph.View(), options, run);
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_TRUE(VerifyLeiden(graph.View(), options, *got).ok())
          << small.name << " " << VerifyLeiden(graph.View(), options, *got);
      EXPECT_EQ(DisconnectedCommunities(graph.View(), got->communities), 0u);
      RunContext two(2);
      EXPECT_EQ(Leiden(graph.View(), options, two)->communities, got->communities);
    }
  }
}

TEST(Leiden, FindsPlantedCommunities) {
  std::vector<uint32_t> truth;
  const Csr graph = Planted(60, 200, 6, 2, &truth).Build();
  RunContext run(2), one(1);
  LeidenOptions options;
  const auto got = Leiden(graph.View(), options, run);
  ASSERT_TRUE(got.ok());
  EXPECT_GE(*AdjustedMutualInformation(got->communities, truth), 0.97);
  EXPECT_GE(got->modularity, *Modularity(graph.View(), truth, 1) - 1e-3);
  EXPECT_TRUE(VerifyLeiden(graph.View(), options, *got).ok());
  EXPECT_EQ(Leiden(graph.View(), options, one)->communities, got->communities);
  options.start = got->communities;
  const auto warm = Leiden(graph.View(), options, run);
  EXPECT_GE(warm->modularity, got->modularity - 1e-12);
  EXPECT_TRUE(VerifyLeiden(graph.View(), options, *warm).ok());
}

TEST(Leiden, RefusesWhatItCannotDo) {
  RunContext run(1);
  const Csr directed = MakeSmallGraph(5).Build();
  EXPECT_EQ(ErrorReason(Leiden(directed.View(), {}, run).status()), "NOT_SYMMETRIC");
  const Csr graph = *Symmetrised(directed.View(), run);
  LeidenOptions options;
  options.resolution = 0;
  EXPECT_EQ(ErrorDetails(Leiden(graph.View(), options, run).status())["field"], "resolution");
  const std::vector<uint32_t> start(directed.View().vertices, 1000);
  options = {};
  options.start = start;
  EXPECT_EQ(ErrorDetails(Leiden(graph.View(), options, run).status())["field"], "start");
}

TEST(Quality, KnownAgreements) {
  const std::vector<uint32_t> a = {0, 0, 1, 1}, b = {0, 0, 1, 2}, renamed = {7, 7, 3, 3};
  EXPECT_DOUBLE_EQ(*AdjustedRandIndex(a, renamed), 1);
  EXPECT_NEAR(*AdjustedMutualInformation(a, renamed), 1, 1e-12);
  EXPECT_NEAR(*AdjustedRandIndex(a, b), 0.5714285714285714, 1e-12);
  EXPECT_NEAR(*AdjustedMutualInformation(a, b), 0.5714285714285715, 1e-9);
  const std::vector<uint32_t> together = {1, 1, 1, 1}, apart = {0, 1, 2, 3};
  EXPECT_DOUBLE_EQ(*AdjustedRandIndex(together, together), 1);
  EXPECT_DOUBLE_EQ(*AdjustedRandIndex(together, apart), 0);
  EXPECT_NEAR(*AdjustedMutualInformation(together, apart), 0, 1e-12);
}

TEST(Quality, RandomLabelsScoreNothing) {
  CounterRng rng(1, 1);
  std::vector<uint32_t> a(3000), b(3000);
  for (auto& x : a) x = static_cast<uint32_t>(rng.Below(300));
  for (auto& x : b) x = static_cast<uint32_t>(rng.Below(40));
  EXPECT_NEAR(*AdjustedMutualInformation(a, b), 0, 0.02);
  EXPECT_NEAR(*AdjustedRandIndex(a, b), 0, 0.01);
}

}  // namespace
}  // namespace halqa
