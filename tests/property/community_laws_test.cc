// Laws of communities: renaming, other weights, other parts of the graph.

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/algo/community/co_audience_communities.h"
#include "engine/algo/community/label_propagation.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/louvain.h"
#include "engine/algo/community/quality.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

// `small` in a larger graph: vertex v becomes place[v], all others have no arcs.
Csr Placed(const SmallGraph& small, const std::vector<VertexIndex>& place, uint32_t n) {
  SmallGraph moved = small;
  moved.n = n;
  for (VertexIndex& u : moved.u) u = place[u];
  for (VertexIndex& v : moved.v) v = place[v];
  return moved.Build();
}

// Ties go to the smaller label, so the answer follows a renaming that keeps the order.
TEST(CommunityLaws, LabelPropagationFollowsARenamingThatKeepsTheOrder) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    CounterRng rng(seed, 21);
    std::vector<VertexIndex> place;
    uint32_t n = 0;
    for (uint32_t v = 0; v < small.n; ++v) {
      n += static_cast<uint32_t>(rng.Below(4));
      place.push_back(n++);
    }
    const Csr graph = small.Build(), moved = Placed(small, place, n);
    RunContext run(1 + static_cast<int>(seed % 2));
    for (const int iterations : {1, 2, 10}) {
      const auto got = LabelPropagation(graph.View(), {iterations}, run);
      const auto after = LabelPropagation(moved.View(), {iterations}, run);
      for (uint32_t v = 0; v < small.n; ++v) {
        EXPECT_EQ(after->labels[place[v]], place[got->labels[v]]) << small.name;
      }
    }
  }
}

TEST(CommunityLaws, LabelPropagationKnowsNoWeights) {
  for (uint64_t seed = 9; seed < 300; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    if (!small.weighted) continue;
    const Csr graph = small.Build();
    small.weighted = false;
    small.w.clear();
    const Csr plain = small.Build();
    RunContext run(1);
    EXPECT_EQ(LabelPropagation(graph.View(), {}, run)->labels,
              LabelPropagation(plain.View(), {}, run)->labels)
        << small.name;
  }
}

// The quality that is told is that of the partition, whatever the vertices are called.
TEST(CommunityLaws, QualityFollowsARenamedPartition) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    RunContext run(1);
    const Csr graph = *Symmetrised(small.Build().View(), run);
    const std::vector<VertexIndex> order = testing::MixedOrder(small.n, seed);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    const auto louvain = Louvain(graph.View(), {}, run);
    const auto leiden = Leiden(graph.View(), {}, run);
    const std::vector<std::pair<std::vector<uint32_t>, double>> results = {
        {louvain->communities, louvain->modularity}, {leiden->communities, leiden->modularity}};
    for (const auto& [labels, quality] : results) {
      std::vector<uint32_t> moved(small.n);
      for (uint32_t i = 0; i < small.n; ++i) moved[i] = labels[order[i]];
      EXPECT_NEAR(*Modularity(renamed.View(), moved, 1), quality, 1e-12) << small.name;
    }
  }
}

TEST(CommunityLaws, WeightsTimesAPowerOfTwoChangeNoBit) {
  for (uint64_t seed = 9; seed < 200; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    if (!small.weighted) continue;
    RunContext run(1);
    const Csr graph = *Symmetrised(small.Build().View(), run);
    const auto louvain = Louvain(graph.View(), {}, run);
    const auto leiden = Leiden(graph.View(), {}, run);
    for (const int power : {-20, -3, 1, 7, 30}) {
      SmallGraph scaled = small;
      for (float& w : scaled.w) w = std::ldexp(w, power);
      const Csr other = *Symmetrised(scaled.Build().View(), run);
      const auto louvain2 = Louvain(other.View(), {}, run);
      const auto leiden2 = Leiden(other.View(), {}, run);
      EXPECT_EQ(louvain2->communities, louvain->communities) << small.name << " " << power;
      EXPECT_EQ(louvain2->modularity, louvain->modularity) << small.name << " " << power;
      EXPECT_EQ(leiden2->communities, leiden->communities) << small.name << " " << power;
      EXPECT_EQ(leiden2->modularity, leiden->modularity) << small.name << " " << power;
    }
  }
}

// Large enough for vertices to move in batches.
TEST(CommunityLaws, WeightsTimesAPowerOfTwoChangeNoBitOfALargeGraph) {
  SmallGraph g;
  g.n = 20000;
  g.weighted = g.undirected = true;
  CounterRng rng(4, 4);
  for (int i = 0; i < 80000; ++i) {
    const auto u = static_cast<VertexIndex>(rng.Below(g.n));
    const auto v = (u - u % 50 + static_cast<VertexIndex>(rng.Below(rng.Below(3) == 0 ? g.n : 50)));
    g.Add(u, v % g.n, static_cast<float>(rng.Uniform()));
  }
  const Csr graph = g.Build();
  for (float& w : g.w) w = std::ldexp(w, -5);
  const Csr scaled = g.Build();
  RunContext run(2);
  EXPECT_EQ(Louvain(graph.View(), {}, run)->communities,
            Louvain(scaled.View(), {}, run)->communities);
  EXPECT_EQ(Leiden(graph.View(), {}, run)->communities,
            Leiden(scaled.View(), {}, run)->communities);
}

// No label stands on both sides of `border`.
bool Apart(const std::vector<uint32_t>& labels, uint32_t border) {
  const std::set<uint32_t> left(labels.begin(), labels.begin() + border);
  for (size_t v = border; v < labels.size(); ++v) {
    if (labels[v] != kNoCommunity && left.count(labels[v]) > 0) return false;
  }
  return true;
}

TEST(CommunityLaws, NoCommunityLiesInTwoPartsOfTheGraph) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    const SmallGraph a = MakeSmallGraph(seed), b = MakeSmallGraph(seed + 37);
    SmallGraph both = a;
    both.n = a.n + b.n;
    for (size_t i = 0; i < b.u.size(); ++i) both.Add(a.n + b.u[i], a.n + b.v[i], 1);
    RunContext run(1);
    const Csr graph = both.Build();
    const Csr s = *Symmetrised(graph.View(), run);
    EXPECT_TRUE(Apart(Louvain(s.View(), {}, run)->communities, a.n)) << both.name;
    EXPECT_TRUE(Apart(Leiden(s.View(), {}, run)->communities, a.n)) << both.name;
    EXPECT_TRUE(Apart(LabelPropagation(graph.View(), {}, run)->labels, a.n)) << both.name;
    CoAudienceCommunitiesOptions options;
    options.co_audience.followers_min = 1;
    const auto audiences = CoAudienceCommunities(graph.View(), options, run);
    EXPECT_TRUE(Apart(audiences->communities, a.n)) << both.name;
  }
}

}  // namespace
}  // namespace halqa
