#include "engine/bgl/csr_graph.h"

#include <gtest/gtest.h>

#include <boost/graph/graph_concepts.hpp>

#include "engine/bgl/strong_components.h"
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

}  // namespace
}  // namespace halqa
