#include "engine/bgl/csr_graph.h"

#include <gtest/gtest.h>

#include <boost/graph/graph_concepts.hpp>

#include "engine/base/error.h"
#include "engine/bgl/strong_components.h"
#include "engine/bgl/weighted_betweenness.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<CsrView>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<CsrView>));
BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<CsrView>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<CsrView>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyGraphConcept<CsrView>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyMatrixConcept<CsrView>));
BOOST_CONCEPT_ASSERT(
    (boost::ReadablePropertyGraphConcept<CsrView, VertexIndex, boost::vertex_index_t>));
BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<CsrView, CsrEdge, boost::edge_index_t>));
BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<CsrView, CsrEdge, boost::edge_weight_t>));

TEST(CsrGraph, ShowsEveryArcFromAllSides) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Csr graph = MakeSmallGraph(seed).Build();
    const CsrView g = graph.View();
    uint64_t arc = 0;
    for (auto [e, end] = edges(g); e != end; ++e, ++arc) {
      EXPECT_EQ(get(boost::edge_index, g, *e), arc);
      EXPECT_LE(g.out_offsets[(*e).source], arc);
      EXPECT_LT(arc, g.out_offsets[(*e).source + 1]);
    }
    EXPECT_EQ(arc, num_edges(g));
    for (VertexIndex v = 0; v < g.vertices; ++v) {
      uint64_t outs = 0, ins = 0;
      for (auto [e, end] = out_edges(v, g); e != end; ++e, ++outs) EXPECT_EQ((*e).source, v);
      for (auto [e, end] = in_edges(v, g); e != end; ++e, ++ins) {
        EXPECT_EQ(target(*e, g), v);
        EXPECT_EQ(g.out_targets[(*e).arc], v);
        EXPECT_EQ(get(boost::edge_weight, g, *e), g.InWeight(g.in_offsets[v] + ins));
      }
      EXPECT_EQ(outs, out_degree(v, g));
      EXPECT_EQ(ins, in_degree(v, g));
    }
  }
}

TEST(StrongComponents, AMillionLongPathAndCycle) {
  const uint32_t n = 1000000;
  std::vector<VertexIndex> u, v;
  for (uint32_t i = 0; i + 1 < n; ++i) {
    u.push_back(i);
    v.push_back(i + 1);
  }
  BuildOptions options;
  options.vertices = n;
  RunContext run(2);
  const Csr path = *BuildCsr({u, v, {}}, options, run);
  EXPECT_EQ(StrongComponents(path.View(), {}, run)->components, n);
  u.push_back(n - 1);
  v.push_back(0);
  const Csr cycle = *BuildCsr({u, v, {}}, options, run);
  EXPECT_EQ(StrongComponents(cycle.View(), {}, run)->components, 1u);
}

TEST(WeightedBetweenness, TinyGraphs) {
  int refused = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    bool zero = false;
    for (const float w : graph.View().out_weights) zero |= w == 0;
    RunContext run(1);
    const auto got = WeightedBetweenness(graph.View(), {}, run);
    if (zero) {
      EXPECT_EQ(ErrorReason(got.status()), "BAD_WEIGHT") << small.name;
      ++refused;
      continue;
    }
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    const absl::Status status = VerifyWeightedBetweenness(graph.View(), *got);
    EXPECT_TRUE(status.ok()) << small.name << status;
  }
  EXPECT_GT(refused, 10);
}

TEST(WeightedBetweenness, StopsInsideBoost) {
  SmallGraph small;
  small.n = 400;
  small.weighted = true;
  CounterRng rng(1, 1);
  for (int i = 0; i < 4000; ++i) {
    small.Add(static_cast<VertexIndex>(rng.Below(400)), static_cast<VertexIndex>(rng.Below(400)),
              static_cast<float>(1 + rng.Below(9)));
  }
  const Csr graph = small.Build();
  RunContext whole(1);
  double last = 0;
  whole.set_progress([&](double fraction) { last = fraction; });
  ASSERT_TRUE(WeightedBetweenness(graph.View(), {}, whole).ok());
  EXPECT_EQ(last, 1);
  ASSERT_GT(whole.checkpoints(), 5u);
  for (uint64_t k = 1; k <= whole.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_EQ(ErrorReason(WeightedBetweenness(graph.View(), {}, run).status()), "CANCELLED") << k;
  }
}

}  // namespace
}  // namespace halqa
