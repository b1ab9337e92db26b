// Exact and sampled betweenness against their verifiers on many tiny graphs, and laws.

#include "engine/algo/centrality/betweenness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/algo/centrality/sampled_betweenness.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

TEST(Betweenness, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = Betweenness(graph.View(), {}, run);
    ASSERT_TRUE(got.ok()) << small.name;
    const absl::Status status = VerifyBetweenness(graph.View(), {}, *got);
    EXPECT_TRUE(status.ok()) << small.name << status;
  }
}

TEST(Betweenness, Laws) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const std::vector<VertexIndex> order = testing::MixedOrder(small.n, seed);
    RunContext run(2);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    CsrView flipped = graph.View();
    std::swap(flipped.out_offsets, flipped.in_offsets);
    std::swap(flipped.out_targets, flipped.in_sources);
    const auto got = Betweenness(graph.View(), {}, run),
               moved = Betweenness(renamed.View(), {}, run);
    const auto back = Betweenness(flipped, {}, run);
    for (uint32_t i = 0; i < small.n; ++i) {
      EXPECT_NEAR(got->scores[order[i]], moved->scores[i], 1e-9) << small.name;
      EXPECT_NEAR(got->scores[i], back->scores[i], 1e-9) << small.name;
    }
  }
}

// All pairs are those of all sources; several sources are the sum of each alone.
TEST(Betweenness, OfSomeSources) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto whole = Betweenness(graph.View(), {}, run);
    std::vector<double> sum(small.n, 0);
    for (VertexIndex s = 0; s < small.n; ++s) {
      const VertexIndex source[] = {s};
      const auto got = Betweenness(graph.View(), {source}, run);
      for (uint32_t v = 0; v < small.n; ++v) sum[v] += got->scores[v];
    }
    for (uint32_t v = 0; v < small.n; ++v) {
      EXPECT_NEAR(sum[v] * (small.undirected ? 0.5 : 1), whole->scores[v], 1e-9) << small.name;
    }
    const VertexIndex some[] = {small.n - 1, 0, small.n / 2, 0};
    const auto got = Betweenness(graph.View(), {some}, run);
    const absl::Status status = VerifyBetweenness(graph.View(), {some}, *got);
    EXPECT_TRUE(status.ok()) << small.name << status;
    const VertexIndex wrong[] = {small.n};
    EXPECT_EQ(ErrorReason(Betweenness(graph.View(), {wrong}, run).status()), "VERTEX_OUT_OF_RANGE");
  }
}

TEST(Betweenness, PathsThatCannotBeCounted) {
  SmallGraph ladder;  // diamonds in a row: 2^1100 paths
  ladder.n = 3 * 1100 + 1;
  for (uint32_t i = 0; i < 1100; ++i) {
    ladder.Add(3 * i, 3 * i + 1);
    ladder.Add(3 * i, 3 * i + 2);
    ladder.Add(3 * i + 1, 3 * i + 3);
    ladder.Add(3 * i + 2, 3 * i + 3);
  }
  RunContext run(2);
  const Csr graph = ladder.Build();
  EXPECT_EQ(ErrorReason(Betweenness(graph.View(), {}, run).status()), "TOO_MANY_PATHS");
}

TEST(Betweenness, VerifierSeesAWrongAnswer) {
  const Csr graph = MakeSmallGraph(21).Build();
  RunContext run(1);
  auto got = *Betweenness(graph.View(), {}, run);
  got.scores[0] += 1e-3;
  EXPECT_EQ(ErrorReason(VerifyBetweenness(graph.View(), {}, got)), "VERIFY_FAILED");
}

TEST(SampledBetweenness, IntervalsHoldTheTruthAsOftenAsPromised) {
  int missed = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    SampledBetweennessOptions options;
    options.epsilon = 0.1;
    options.delta = 0.3;
    options.k = 1 + static_cast<uint32_t>(seed % 30);
    options.seed = seed;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto exact = Betweenness(graph.View(), {}, run);
    const auto got = SampledBetweenness(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    EXPECT_LE(got->half_width, options.epsilon);
    const auto holds = VerifySampledBetweenness(graph.View(), options, *got, exact->scores);
    ASSERT_TRUE(holds.ok()) << small.name << holds.status();
    missed += *holds ? 0 : 1;
  }
  // 0.3 · 2000 are promised; the union bound leaves far fewer.
  EXPECT_LE(missed, 60);
}

// Each shortest path of a pair as often as the others: with 40,000 samples a grid's centre is known
// well, and so is a vertex that only one of three equal paths passes.
TEST(SampledBetweenness, PathsAreUniform) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    if (small.n < 3) continue;
    const Csr graph = small.Build();
    SampledBetweennessOptions options;
    options.epsilon = 0.01;
    RunContext run(2);
    const auto exact = Betweenness(graph.View(), {}, run);
    const auto got = SampledBetweenness(graph.View(), options, run);
    const double pairs = small.n * (small.n - 1.0) * (small.undirected ? 0.5 : 1);
    for (const BetweennessInterval& i : got->top) {
      const double p = exact->scores[i.vertex] / pairs;
      const double deviation = std::sqrt(p * (1 - p) / static_cast<double>(got->samples));
      EXPECT_NEAR(i.estimate / pairs, p, 5 * deviation + 1e-12) << small.name;
    }
  }
}

TEST(SampledBetweenness, SameTopForAnyThreads) {
  SmallGraph g;
  g.n = 3000;
  CounterRng rng(1, 1);
  for (int i = 0; i < 15000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n));
  }
  const Csr graph = g.Build();
  RunContext one(1), two(2), three(3);
  const auto a = SampledBetweenness(graph.View(), {}, one);
  const auto b = SampledBetweenness(graph.View(), {}, two);
  const auto c = SampledBetweenness(graph.View(), {}, three);
  EXPECT_EQ(a->scores, b->scores);
  EXPECT_EQ(a->scores, c->scores);
  EXPECT_EQ(a->samples, b->samples);
  EXPECT_EQ(a->top.size(), 100u);
  const auto exact = Betweenness(graph.View(), {}, two);
  const double pairs = g.n * (g.n - 1.0);
  for (const BetweennessInterval& i : a->top) {
    EXPECT_LE(std::fabs(i.estimate - exact->scores[i.vertex]), 0.01 * pairs);
  }
  SampledBetweennessOptions options;
  options.epsilon = 0;
  EXPECT_EQ(ErrorReason(SampledBetweenness(graph.View(), options, one).status()),
            "OPTION_OUT_OF_RANGE");
}

}  // namespace
}  // namespace halqa
