// Closeness, harmonic centrality and HyperBall, each against its verifier on many tiny graphs, and
// the laws they keep.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/algo/centrality/closeness.h"
#include "engine/algo/centrality/harmonic.h"
#include "engine/algo/centrality/hyperball.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

constexpr PathDirection kDirections[] = {PathDirection::kIn, PathDirection::kOut,
                                         PathDirection::kTotal};

SmallGraph Random(uint32_t n, int arcs, bool undirected) {
  SmallGraph g;
  g.n = n;
  g.undirected = undirected;
  CounterRng rng(n, 6);
  for (int i = 0; i < arcs; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * n),
          static_cast<VertexIndex>(rng.Below(n)));
  }
  return g;
}

CsrView Flipped(CsrView view) {
  std::swap(view.out_offsets, view.in_offsets);
  std::swap(view.out_targets, view.in_sources);
  std::swap(view.out_weights, view.in_weights);
  return view;
}

TEST(Closeness, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const ClosenessOptions options{kDirections[seed % 3]};
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = Closeness(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << small.name;
    EXPECT_TRUE(VerifyCloseness(graph.View(), options, *got).ok()) << small.name;
  }
}

TEST(Harmonic, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    RunContext run(1 + static_cast<int>(seed % 2));
    for (const uint32_t k : {0u, 1u, static_cast<uint32_t>(2 + seed % 30)}) {
      const HarmonicOptions options{kDirections[seed % 3], k};
      const auto got = Harmonic(graph.View(), options, run);
      ASSERT_TRUE(got.ok()) << small.name;
      const absl::Status status = VerifyHarmonic(graph.View(), options, *got);
      EXPECT_TRUE(status.ok()) << small.name << " k " << k << status;
    }
  }
}

TEST(Harmonic, ManyRoundsAndBatches) {
  for (const bool undirected : {false, true}) {
    const Csr graph = Random(1500, 6000, undirected).Build();
    RunContext run(2);
    const auto all = *Harmonic(graph.View(), {PathDirection::kIn, 0}, run);
    const auto top = *Harmonic(graph.View(), {PathDirection::kIn, 20}, run);
    std::vector<double> sorted = all.scores;
    std::sort(sorted.rbegin(), sorted.rend());
    ASSERT_EQ(top.top.size(), 20u);
    for (size_t i = 0; i < 20; ++i) {
      EXPECT_DOUBLE_EQ(top.scores[top.top[i]], sorted[i]);
      EXPECT_DOUBLE_EQ(all.scores[top.top[i]], sorted[i]);
    }
    RunContext one(1), three(3);
    EXPECT_EQ(Harmonic(graph.View(), {PathDirection::kIn, 20}, one)->top, top.top);
    EXPECT_EQ(Harmonic(graph.View(), {PathDirection::kIn, 20}, three)->steps, top.steps);
  }
}

// The point of cutting: where few accounts have most followers, far fewer arcs are looked at.
TEST(Harmonic, CutsMostSearches) {
  SmallGraph g;
  g.n = 3000;
  g.undirected = true;
  CounterRng rng(2, 2);
  for (int i = 0; i < 9000; ++i) {
    const double x = rng.Uniform(), y = rng.Uniform();
    g.Add(static_cast<VertexIndex>(x * x * x * x * g.n), static_cast<VertexIndex>(y * y * g.n));
  }
  const Csr graph = g.Build();
  RunContext run(2);
  const auto top = *Harmonic(graph.View(), {PathDirection::kIn, 10}, run);
  const double all = static_cast<double>(graph.View().arcs()) * g.n;
  EXPECT_LT(static_cast<double>(top.steps), 0.2 * all) << static_cast<double>(top.steps) / all;
}

TEST(HyperBall, TinyGraphs) {
  double worst = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    HyperBallOptions options;
    options.direction = kDirections[seed % 3];
    options.register_bits = 4 + static_cast<int>(seed % 9);
    options.iterations = seed % 5 == 0 ? 2 : 1000;
    options.seed = seed;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = HyperBall(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << small.name;
    const auto error = VerifyHyperBall(graph.View(), options, *got);
    ASSERT_TRUE(error.ok()) << small.name << error.status();
    if (options.register_bits == 12 && got->converged) worst = std::max(worst, *error);
  }
  // Small counts are almost exact with many registers: only a collision costs one.
  EXPECT_LE(worst, 0.6);
}

TEST(HyperBall, ErrorsAreAsLargeAsPromised) {
  const Csr graph = Random(2000, 16000, false).Build();
  RunContext run(2);
  const auto exact = *Harmonic(graph.View(), {}, run);
  for (const int bits : {6, 8, 10}) {
    HyperBallOptions options;
    options.register_bits = bits;
    double squares = 0, bias = 0;
    int count = 0;
    for (options.seed = 1; options.seed <= 5; ++options.seed) {
      const auto got = *HyperBall(graph.View(), options, run);
      EXPECT_TRUE(got.converged);
      for (VertexIndex v = 0; v < 2000; ++v) {
        if (exact.scores[v] < 100) continue;
        const double error = got.scores[v] / exact.scores[v] - 1;
        squares += error * error;
        bias += error;
        ++count;
      }
    }
    ASSERT_GT(count, 1000);
    const double promised = 1.06 / std::sqrt(std::ldexp(1.0, bits));
    // Balls overlap, so that the errors of one seed go the same way: five draws, not `count`.
    EXPECT_LE(std::sqrt(squares / count), 2 * promised) << bits;
    EXPECT_LE(std::fabs(bias / count), 2 * promised) << bits;
  }
}

TEST(HyperBall, ReachOfEachHop) {
  SmallGraph star;
  star.n = 11;
  for (uint32_t v = 1; v < 11; ++v) star.Add(v, 0);
  const Csr graph = star.Build();
  HyperBallOptions options;
  options.register_bits = 12;
  RunContext run(1);
  const auto got = *HyperBall(graph.View(), options, run);
  ASSERT_EQ(got.reach.size(), 3u);
  for (int hop = 0; hop < 3; ++hop) {
    EXPECT_NEAR(got.reach[hop][0], 11, 0.5);
    EXPECT_NEAR(got.reach[hop][1], 1, 0.01);
  }
  EXPECT_NEAR(got.pairs[0], 11, 0.5);
  EXPECT_NEAR(got.pairs[1], 21, 0.5);
  EXPECT_NEAR(got.scores[0], 10, 0.5);
  EXPECT_EQ(got.scores[1], 0);
  options.register_bits = 3;
  EXPECT_EQ(ErrorReason(HyperBall(graph.View(), options, run).status()), "OPTION_OUT_OF_RANGE");
}

TEST(DistanceLaws, TransposingSwapsTheDirections) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Csr graph = MakeSmallGraph(seed).Build();
    const CsrView flipped = Flipped(graph.View());
    RunContext run(1);
    EXPECT_EQ(Closeness(graph.View(), {PathDirection::kIn}, run)->scores,
              Closeness(flipped, {PathDirection::kOut}, run)->scores);
    EXPECT_EQ(Harmonic(graph.View(), {PathDirection::kIn, 0}, run)->scores,
              Harmonic(flipped, {PathDirection::kOut, 0}, run)->scores);
    HyperBallOptions in, out;
    out.direction = PathDirection::kOut;
    EXPECT_EQ(HyperBall(graph.View(), in, run)->scores, HyperBall(flipped, out, run)->scores);
  }
}

TEST(DistanceLaws, RelabellingMovesTheAnswers) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const std::vector<VertexIndex> order = testing::MixedOrder(small.n, seed);
    RunContext run(1);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    const auto close = Closeness(graph.View(), {}, run),
               close2 = Closeness(renamed.View(), {}, run);
    const auto harm = Harmonic(graph.View(), {}, run), harm2 = Harmonic(renamed.View(), {}, run);
    for (uint32_t i = 0; i < small.n; ++i) {
      EXPECT_EQ(close->scores[order[i]], close2->scores[i]) << small.name;
      EXPECT_EQ(harm->scores[order[i]], harm2->scores[i]) << small.name;
    }
  }
}

TEST(DistanceLaws, DisjointUnionKeepsHarmonicAndScalesCloseness) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const SmallGraph a = MakeSmallGraph(seed), b = MakeSmallGraph(seed + 36);
    SmallGraph both = a;
    both.n = a.n + b.n;
    for (size_t i = 0; i < b.u.size(); ++i) {
      both.Add(a.n + b.u[i], a.n + b.v[i], b.weighted ? b.w[i] : 1);
    }
    const Csr part = a.Build(), whole = both.Build();
    RunContext run(1);
    const auto harmonic = Harmonic(part.View(), {}, run),
               harmonic2 = Harmonic(whole.View(), {}, run);
    const auto close = Closeness(part.View(), {}, run), close2 = Closeness(whole.View(), {}, run);
    for (uint32_t v = 0; v < a.n; ++v) {
      EXPECT_EQ(harmonic->scores[v], harmonic2->scores[v]);
      EXPECT_NEAR(close->scores[v] * (a.n - 1.0), close2->scores[v] * (both.n - 1.0), 1e-12);
    }
  }
}

TEST(DistanceVerifiers, SeeAWrongAnswer) {
  const Csr graph = MakeSmallGraph(21).Build();
  RunContext run(1);
  auto closeness = *Closeness(graph.View(), {}, run);
  auto harmonic = *Harmonic(graph.View(), {}, run);
  auto balls = *HyperBall(graph.View(), {}, run);
  closeness.scores[0] += 1e-6;
  harmonic.scores[0] += 1e-6;
  balls.scores[0] += 1e-6;
  EXPECT_EQ(ErrorReason(VerifyCloseness(graph.View(), {}, closeness)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyHarmonic(graph.View(), {}, harmonic)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyHyperBall(graph.View(), {}, balls).status()), "VERIFY_FAILED");
}

TEST(DistanceVerifiers, InRowsAreAskedForWhenNeeded) {
  const Csr graph = MakeSmallGraph(5).Build();
  CsrView view = graph.View();
  view.in_offsets = {};
  view.in_sources = {};
  RunContext run(1);
  EXPECT_EQ(ErrorReason(Closeness(view, {}, run).status()), "MISSING_IN_ROWS");
  EXPECT_EQ(ErrorReason(Harmonic(view, {}, run).status()), "MISSING_IN_ROWS");
  EXPECT_EQ(ErrorReason(HyperBall(view, {}, run).status()), "MISSING_IN_ROWS");
  EXPECT_TRUE(Closeness(view, {PathDirection::kOut}, run).ok());
}

}  // namespace
}  // namespace halqa
