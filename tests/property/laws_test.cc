// Laws of single kernels: relabelling, disjoint union, scaling, transposition. What all of them
// promise is in contract_test.cc.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/weak_components.h"
#include "engine/bgl/strong_components.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;
TEST(Laws, RelabellingMovesTheAnswers) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const std::vector<VertexIndex> order = testing::MixedOrder(small.n, seed);
    RunContext run(1);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    const auto rank = PageRank(graph.View(), {}, run), rank2 = PageRank(renamed.View(), {}, run);
    const auto core = KCore(graph.View(), {}, run), core2 = KCore(renamed.View(), {}, run);
    const auto weak = WeakComponents(graph.View(), {}, run);
    const auto weak2 = WeakComponents(renamed.View(), {}, run);
    EXPECT_EQ(weak->components, weak2->components);
    for (uint32_t i = 0; i < small.n; ++i) {
      EXPECT_NEAR(rank->scores[order[i]], rank2->scores[i], 2e-8) << small.name;
      EXPECT_EQ(core->cores[order[i]], core2->cores[i]) << small.name;
      EXPECT_EQ(weak->labels[order[i]], weak->labels[order[weak2->labels[i]]]) << small.name;
    }
  }
}

TEST(Laws, DisjointUnionKeepsTheParts) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const SmallGraph a = MakeSmallGraph(seed), b = MakeSmallGraph(seed + 36);
    SmallGraph both = a;
    both.n = a.n + b.n;
    for (size_t i = 0; i < b.u.size(); ++i) {
      both.Add(a.n + b.u[i], a.n + b.v[i], b.weighted ? b.w[i] : 1);
    }
    if (a.weighted != b.weighted || a.undirected != b.undirected) continue;
    const Csr ga = a.Build(), gb = b.Build(), gu = both.Build();
    RunContext run(1);
    const auto ka = KCore(ga.View(), {}, run), kb = KCore(gb.View(), {}, run);
    const auto ku = KCore(gu.View(), {}, run);
    for (uint32_t v = 0; v < both.n; ++v) {
      EXPECT_EQ(ku->cores[v], v < a.n ? ka->cores[v] : kb->cores[v - a.n]);
    }
    EXPECT_EQ(WeakComponents(gu.View(), {}, run)->components,
              WeakComponents(ga.View(), {}, run)->components +
                  WeakComponents(gb.View(), {}, run)->components);
    EXPECT_EQ(StrongComponents(gu.View(), {}, run)->components,
              StrongComponents(ga.View(), {}, run)->components +
                  StrongComponents(gb.View(), {}, run)->components);
  }
}

TEST(Laws, ScalingWeightsChangesNothing) {
  for (uint64_t seed = 9; seed < 200; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    if (!small.weighted) continue;
    const Csr graph = small.Build();
    for (float& w : small.w) w *= 4;
    const Csr scaled = small.Build();
    RunContext run(1);
    EXPECT_EQ(PageRank(graph.View(), {}, run)->scores, PageRank(scaled.View(), {}, run)->scores);
    const Csr s = *Symmetrised(graph.View(), run), s4 = *Symmetrised(scaled.View(), run);
    EXPECT_EQ(Leiden(s.View(), {}, run)->communities, Leiden(s4.View(), {}, run)->communities);
  }
}

TEST(Laws, TransposingSwapsTheDirections) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    const Csr graph = MakeSmallGraph(seed).Build();
    CsrView flipped = graph.View();
    std::swap(flipped.out_offsets, flipped.in_offsets);
    std::swap(flipped.out_targets, flipped.in_sources);
    std::swap(flipped.out_weights, flipped.in_weights);
    RunContext run(1);
    EXPECT_EQ(Degree(graph.View(), {DegreeKind::kIn, true}, run)->values,
              Degree(flipped, {DegreeKind::kOut, true}, run)->values);
    EXPECT_EQ(KCore(graph.View(), {CoreDegree::kIn}, run)->cores,
              KCore(flipped, {CoreDegree::kOut}, run)->cores);
    EXPECT_EQ(StrongComponents(graph.View(), {}, run)->labels,
              StrongComponents(flipped, {}, run)->labels);
    EXPECT_EQ(WeakComponents(graph.View(), {}, run)->labels,
              WeakComponents(flipped, {}, run)->labels);
  }
}

}  // namespace
}  // namespace halqa
