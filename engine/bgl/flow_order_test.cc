// Max flow and ordering, by Boost: tiny graphs against other methods, laws, stops.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/bgl/max_flow.h"
#include "engine/bgl/reverse_cuthill_mckee.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

constexpr uint64_t kGraphs = 2160;

MaxFlowOptions Ends(const CsrView& g, uint64_t seed) {
  MaxFlowOptions options;
  CounterRng rng(seed, 17);
  for (VertexIndex v = 0; v < g.vertices; ++v) {
    const uint64_t end = rng.Below(v < 2 ? 2 : 6);
    if (v == 0 || (v > 1 && end == 0)) options.sources.push_back(v);
    if (v == 1 || (v > 1 && end == 1)) options.targets.push_back(v);
  }
  return options;
}

double CutWeight(const CsrView& g, uint32_t side) {
  double weight = 0;
  for (VertexIndex v = 0; v < g.vertices; ++v) {
    for (uint64_t a = g.out_offsets[v]; a < g.out_offsets[v + 1]; ++a) {
      if ((side >> v & 1) == 1 && (side >> g.out_targets[a] & 1) == 0) weight += g.OutWeight(a);
    }
  }
  return weight;
}

// The least weight of all cuts.
double LeastCut(const CsrView& g, const MaxFlowOptions& options) {
  double least = HUGE_VAL;
  for (uint32_t side = 0; side < 1u << g.vertices; ++side) {
    bool cuts = true;
    for (const VertexIndex s : options.sources) cuts = cuts && (side >> s & 1) == 1;
    for (const VertexIndex t : options.targets) cuts = cuts && (side >> t & 1) == 0;
    if (cuts) least = std::min(least, CutWeight(g, side));
  }
  return least;
}

TEST(MaxFlow, TinyGraphsAgainstAugmentingPathsAndAllCuts) {
  int compared = 0;
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    if (small.n < 2) continue;
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    for (const MaxFlowOptions& options : {MaxFlowOptions{{0}, {g.vertices - 1}}, Ends(g, seed)}) {
      RunContext run(1);
      const auto got = MaxFlow(g, options, run);
      ASSERT_TRUE(got.ok()) << small.name << got.status();
      const absl::Status verified = VerifyMaxFlow(g, options, *got);
      EXPECT_TRUE(verified.ok()) << small.name << verified;
      EXPECT_NEAR(got->flow, got->cut_weight, 1e-9) << small.name;
      if (g.vertices > 10) continue;
      EXPECT_NEAR(got->flow, LeastCut(g, options), 1e-9) << small.name;
      ++compared;
    }
  }
  EXPECT_GT(compared, 1000);
}

// What flows forwards along all arcs flows backwards along all arcs turned round; weights four
// times as large carry four times as much through the same cut.
TEST(MaxFlow, TransposingAndScaling) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    if (small.n < 2) continue;
    const Csr graph = small.Build();
    CsrView flipped = graph.View();
    std::swap(flipped.out_offsets, flipped.in_offsets);
    std::swap(flipped.out_targets, flipped.in_sources);
    std::swap(flipped.out_weights, flipped.in_weights);
    const MaxFlowOptions there = Ends(graph.View(), seed), back{there.targets, there.sources};
    RunContext run(1);
    const auto got = MaxFlow(graph.View(), there, run);
    EXPECT_NEAR(got->flow, MaxFlow(flipped, back, run)->flow, 1e-9) << small.name;
    if (!small.weighted) continue;
    for (float& w : small.w) w *= 4;
    const Csr scaled = small.Build();
    const auto more = MaxFlow(scaled.View(), there, run);
    EXPECT_EQ(more->flow, 4 * got->flow) << small.name;
    EXPECT_EQ(more->source_side, got->source_side) << small.name;
  }
}

TEST(MaxFlow, RefusesWrongEnds) {
  const Csr graph = MakeSmallGraph(12).Build();
  const CsrView g = graph.View();
  RunContext run(1);
  EXPECT_EQ(ErrorReason(MaxFlow(g, {{}, {1}}, run).status()), "SOURCE_REQUIRED");
  EXPECT_EQ(ErrorReason(MaxFlow(g, {{0}, {}}, run).status()), "TARGET_REQUIRED");
  EXPECT_EQ(ErrorReason(MaxFlow(g, {{0}, {g.vertices}}, run).status()), "VERTEX_OUT_OF_RANGE");
  EXPECT_EQ(ErrorReason(MaxFlow(g, {{0, 1}, {1}}, run).status()), "SOURCE_IS_TARGET");
  CsrView out_only = g;
  out_only.in_offsets = {};
  EXPECT_EQ(ErrorReason(MaxFlow(out_only, {{0}, {1}}, run).status()), "MISSING_IN_ROWS");
}

TEST(MaxFlow, VerifierFindsAWrongValue) {
  const Csr graph = MakeSmallGraph(11).Build();
  const MaxFlowOptions options{{0}, {1}};
  RunContext run(1);
  const auto right = MaxFlow(graph.View(), options, run);
  auto flow = *right, side = *right, cut = *right;
  flow.flow += 1;
  side.source_side[1] = 1;
  cut.cut_weight += 1;
  for (const MaxFlowResult& wrong : {flow, side, cut}) {
    EXPECT_EQ(ErrorReason(VerifyMaxFlow(graph.View(), options, wrong)), "VERIFY_FAILED");
  }
}

TEST(ReverseCuthillMckee, TinyGraphsByTheVerifier) {
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    small.undirected = true;
    const Csr graph = small.Build();
    RunContext run(1);
    const auto got = ReverseCuthillMckee(graph.View(), {}, run);
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    const absl::Status verified = VerifyReverseCuthillMckee(graph.View(), *got);
    EXPECT_TRUE(verified.ok()) << small.name << verified;
  }
}

TEST(ReverseCuthillMckee, AMixedPathBecomesAPath) {
  const uint32_t n = 5000;
  const std::vector<VertexIndex> name = testing::MixedOrder(n, 4);
  SmallGraph path;
  path.n = n + 100;  // the rest alone
  path.undirected = true;
  for (uint32_t i = 0; i + 1 < n; ++i) path.Add(name[i], name[i + 1]);
  const Csr graph = path.Build();
  RunContext run(1);
  const auto got = ReverseCuthillMckee(graph.View(), {}, run);
  EXPECT_GT(got->before.bandwidth, 4000u);
  EXPECT_EQ(got->after.bandwidth, 1u);
  EXPECT_EQ(got->after.mean, 1);
}

TEST(ReverseCuthillMckee, RefusesDirectedGraphsAndFindsWrongOrders) {
  RunContext run(1);
  const Csr directed = MakeSmallGraph(5).Build();
  EXPECT_EQ(ErrorReason(ReverseCuthillMckee(directed.View(), {}, run).status()), "NOT_SYMMETRIC");
  SmallGraph path;
  path.n = 4;
  path.undirected = true;
  for (uint32_t i = 0; i + 1 < 4; ++i) path.Add(i, i + 1);
  const Csr graph = path.Build();
  const auto right = ReverseCuthillMckee(graph.View(), {}, run);
  auto swapped = *right, twice = *right, span = *right;
  std::swap(swapped.positions[0], swapped.positions[2]);
  twice.positions[0] = twice.positions[1];
  ++span.after.bandwidth;
  for (const ReverseCuthillMckeeResult& wrong : {swapped, twice, span}) {
    EXPECT_EQ(ErrorReason(VerifyReverseCuthillMckee(graph.View(), wrong)), "VERIFY_FAILED");
  }
}

}  // namespace
}  // namespace halqa
