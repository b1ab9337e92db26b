#include "engine/algo/centrality/top_page_rank.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;

TEST(TopPageRank, EnclosesTheTrueScoresOnEveryShape) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const auto small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    CounterRng rng(seed, 9);
    const std::vector<TeleportEntry> source = {{static_cast<VertexIndex>(rng.Below(small.n)), 1},
                                               {static_cast<VertexIndex>(rng.Below(small.n)), 2}};
    TopPageRankOptions options;
    options.source = source;
    options.k = 1 + static_cast<uint32_t>(rng.Below(6));
    RunContext run(1);
    const auto got = TopPageRank(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(got->complete) << small.name;
    const absl::Status verified = VerifyTopPageRank(graph.View(), options, *got);
    EXPECT_TRUE(verified.ok()) << small.name << verified;
  }
}

// Uneven degrees, dangling vertices; large enough to sweep.
Csr Larger() {
  testing::SmallGraph g;
  g.n = 3000;
  g.weighted = true;
  CounterRng rng(8, 8);
  for (int i = 0; i < 30000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Below(g.n)), static_cast<float>(rng.Uniform()));
  }
  return g.Build();
}

TEST(TopPageRank, WhatALimitLeavesIsStillCertified) {
  const Csr graph = Larger();
  const std::vector<TeleportEntry> source = {{5, 1}, {17, 3}};
  TopPageRankOptions options;
  options.source = source;
  options.k = 20;
  uint64_t last_steps = 0;
  double last_residual = 1;
  for (const uint64_t steps : {1u, 1000u, 300'000u, 3'000'000u}) {
    options.steps_max = steps;
    RunContext run(1);
    const auto got = TopPageRank(graph.View(), options, run);
    ASSERT_TRUE(got.ok());
    EXPECT_TRUE(VerifyTopPageRank(graph.View(), options, *got).ok());
    EXPECT_GE(got->steps, last_steps);
    EXPECT_LE(got->residual, last_residual);
    last_steps = got->steps;
    last_residual = got->residual;
  }
  options.steps_max = 0;
  options.residual_max = 1e-15;
  RunContext run(1);
  const auto exact = TopPageRank(graph.View(), options, run);
  EXPECT_EQ(exact->certified, 20u);
  EXPECT_TRUE(exact->complete);
}

TEST(TopPageRank, TheCertificateIsNoEmptyWord) {
  const Csr graph = Larger();
  const std::vector<TeleportEntry> source = {{5, 1}};
  TopPageRankOptions options;
  options.source = source;
  options.residual_max = 1;
  RunContext run(1);
  auto got = *TopPageRank(graph.View(), options, run);
  ASSERT_FALSE(got.top.empty());
  got.top[0].score += 0.5;
  EXPECT_EQ(ErrorReason(VerifyTopPageRank(graph.View(), options, got)), "VERIFY_FAILED");
}

TEST(TopPageRank, RefusesWhatItCannotDo) {
  const Csr graph = Larger();
  TopPageRankOptions options;
  RunContext run(1);
  EXPECT_EQ(ErrorReason(TopPageRank(graph.View(), options, run).status()), "BAD_WEIGHT");
  const std::vector<TeleportEntry> far = {{3000, 1}};
  options.source = far;
  EXPECT_EQ(ErrorReason(TopPageRank(graph.View(), options, run).status()), "VERTEX_OUT_OF_RANGE");
  const std::vector<TeleportEntry> near = {{1, 1}};
  options.source = near;
  options.k = 0;
  EXPECT_EQ(ErrorReason(TopPageRank(graph.View(), options, run).status()), "OPTION_OUT_OF_RANGE");
}

}  // namespace
}  // namespace halqa
