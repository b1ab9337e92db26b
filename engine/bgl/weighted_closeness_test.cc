#include "engine/bgl/weighted_closeness.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

bool HasZero(const CsrView& view) {
  for (const float w : view.out_weights) {
    if (!(w > 0)) return true;
  }
  return false;
}

TEST(WeightedCloseness, TinyGraphs) {
  int refused = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    RunContext run(1 + static_cast<int>(seed % 3));
    for (const bool out : {false, true}) {
      const auto got = WeightedCloseness(graph.View(), {out}, run);
      if (HasZero(graph.View())) {
        EXPECT_EQ(ErrorReason(got.status()), "BAD_WEIGHT") << small.name;
        ++refused;
        continue;
      }
      ASSERT_TRUE(got.ok()) << small.name << got.status();
      const absl::Status status = VerifyWeightedCloseness(graph.View(), {out}, *got);
      EXPECT_TRUE(status.ok()) << small.name << status;
    }
  }
  EXPECT_GT(refused, 10);
}

SmallGraph Large() {
  SmallGraph g;
  g.n = 600;
  g.weighted = true;
  CounterRng rng(3, 3);
  for (int i = 0; i < 6000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Below(g.n)), static_cast<VertexIndex>(rng.Below(g.n)),
          static_cast<float>(1 + rng.Below(9)));
  }
  return g;
}

// Distances twice as long: half of either. And any number of threads says the same.
TEST(WeightedCloseness, ScalesAndKeepsItsBits) {
  SmallGraph g = Large();
  const Csr graph = g.Build();
  for (float& w : g.w) w *= 2;
  const Csr longer = g.Build();
  RunContext one(1), three(3);
  const auto a = WeightedCloseness(graph.View(), {}, one);
  const auto b = WeightedCloseness(graph.View(), {}, three);
  const auto c = WeightedCloseness(longer.View(), {}, three);
  EXPECT_EQ(a->closeness, b->closeness);
  EXPECT_EQ(a->harmonic, b->harmonic);
  for (uint32_t v = 0; v < g.n; ++v) {
    EXPECT_EQ(a->closeness[v], 2 * c->closeness[v]);
    EXPECT_EQ(a->harmonic[v], 2 * c->harmonic[v]);
  }
}

TEST(WeightedCloseness, StopsAndRefuses) {
  const Csr graph = Large().Build();
  RunContext whole(1);
  ASSERT_TRUE(WeightedCloseness(graph.View(), {}, whole).ok());
  ASSERT_GT(whole.checkpoints(), 3u);
  for (uint64_t k = 1; k <= whole.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_EQ(ErrorReason(WeightedCloseness(graph.View(), {}, run).status()), "CANCELLED") << k;
  }
  CsrView out_only = graph.View();
  out_only.in_offsets = {};
  RunContext run(1);
  EXPECT_EQ(ErrorReason(WeightedCloseness(out_only, {}, run).status()), "MISSING_IN_ROWS");
  EXPECT_TRUE(WeightedCloseness(out_only, {true}, run).ok());
}

}  // namespace
}  // namespace halqa
