// Distances and triangles: 2,160 tiny graphs against Boost.Graph and the verifiers, and their laws.

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/clustering_coefficient.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <limits>
#include <numeric>

#include "engine/algo/community/local_clustering.h"
#include "engine/algo/community/triangles.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/base/error.h"
#include "engine/bgl/csr_graph.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

constexpr uint64_t kGraphs = 2160;  // 60 of each of 9 shapes, weighted or not, undirected or not

template <typename T>
auto ByVertex(std::vector<T>& values, const CsrView& view) {
  return boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, view));
}

std::vector<double> BoostDistances(const CsrView& g, VertexIndex source) {
  std::vector<double> distance(g.vertices);
  boost::dijkstra_shortest_paths(g, source,
                                 boost::distance_map(ByVertex(distance, g))
                                     .distance_inf(std::numeric_limits<double>::infinity()));
  return distance;
}

std::vector<uint32_t> BoostHops(const CsrView& g, VertexIndex source) {
  std::vector<uint32_t> hops(g.vertices, kNoVertex);
  hops[source] = 0;
  boost::breadth_first_search(g, source,
                              boost::visitor(boost::make_bfs_visitor(boost::record_distances(
                                  ByVertex(hops, g), boost::on_tree_edge()))));
  return hops;
}

TEST(Structure, HopsAsBoostFindsThem) {
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    const BfsOptions options{{static_cast<VertexIndex>(seed % g.vertices)}};
    RunContext run(1 + static_cast<int>(seed % 3));
    const auto got = Bfs(g, options, run);
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    EXPECT_EQ(got->hops, BoostHops(g, options.sources[0])) << small.name;
    EXPECT_TRUE(VerifyBfs(g, options, *got).ok()) << small.name;
    CsrView out_only = g;  // pushes alone
    out_only.in_offsets = {};
    out_only.in_sources = {};
    out_only.symmetric = false;
    EXPECT_EQ(Bfs(out_only, options, run)->hops, got->hops) << small.name;
  }
}

TEST(Structure, DistancesAsBoostFindsThem) {
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    const auto source = static_cast<VertexIndex>(seed % g.vertices);
    const std::vector<double> want = BoostDistances(g, source);
    for (const double delta : {0.0, 0.1, 1e9}) {
      const SsspOptions options{{source}, delta};
      RunContext run(1 + static_cast<int>(seed % 3));
      const auto got = Sssp(g, options, run);
      ASSERT_TRUE(got.ok()) << small.name << got.status();
      EXPECT_EQ(got->distances, want) << small.name << " delta " << delta;
      EXPECT_TRUE(VerifySssp(g, options, *got).ok()) << small.name;
    }
  }
}

TEST(Structure, SeveralSourcesAreTheNearest) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    const VertexIndex a = 0, b = g.vertices - 1;
    RunContext run(2);
    const auto both = Bfs(g, {{a, b, a}}, run), one = Bfs(g, {{a}}, run), two = Bfs(g, {{b}}, run);
    const auto far = Sssp(g, {{a, b, a}}, run);
    const auto from_a = Sssp(g, {{a}}, run), from_b = Sssp(g, {{b}}, run);
    EXPECT_TRUE(VerifyBfs(g, {{a, b}}, *both).ok());
    for (VertexIndex v = 0; v < g.vertices; ++v) {
      EXPECT_EQ(both->hops[v], std::min(one->hops[v], two->hops[v]));
      EXPECT_EQ(far->distances[v], std::min(from_a->distances[v], from_b->distances[v]));
    }
  }
}

TEST(Structure, TrianglesAndClusteringByTheirVerifiers) {
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    RunContext run(1 + static_cast<int>(seed % 3));
    const auto triangles = Triangles(g, {}, run);
    ASSERT_TRUE(triangles.ok()) << small.name << triangles.status();
    const absl::Status verified = VerifyTriangles(g, {}, *triangles);
    EXPECT_TRUE(verified.ok()) << small.name << verified;
    EXPECT_EQ(Triangles(g, {false}, run)->total, triangles->total);
    const auto clustering = LocalClustering(g, {}, run);
    ASSERT_TRUE(clustering.ok()) << small.name << clustering.status();
    const absl::Status right = VerifyLocalClustering(g, *clustering);
    EXPECT_TRUE(right.ok()) << small.name << right;
    EXPECT_EQ(clustering->triangles, triangles->total);
  }
}

// Boost counts self-loops as neighbours, so only graphs without.
TEST(Structure, ClusteringAsBoostFindsIt) {
  int compared = 0;
  for (uint64_t seed = 0; seed < kGraphs; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    small.undirected = true;
    bool loops = false;
    for (size_t i = 0; i < small.u.size(); ++i) loops |= small.u[i] == small.v[i];
    if (loops) continue;
    const Csr graph = small.Build();
    const CsrView g = graph.View();
    RunContext run(1);
    const auto got = LocalClustering(g, {}, run);
    for (VertexIndex v = 0; v < g.vertices; ++v) {
      // Boost takes this for a directed graph, whose pairs are ordered; both arcs of an edge close
      // one each.
      EXPECT_NEAR(got->coefficients[v], boost::clustering_coefficient(g, v), 1e-15) << small.name;
    }
    ++compared;
  }
  EXPECT_GT(compared, 1000);
}

TEST(Structure, RelabellingMovesTheAnswers) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    std::vector<VertexIndex> order(small.n);
    std::iota(order.begin(), order.end(), 0u);
    CounterRng rng(seed, 3);
    for (uint32_t i = small.n; i > 1; --i) std::swap(order[i - 1], order[rng.Below(i)]);
    RunContext run(2);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    const CsrView a = graph.View(), b = renamed.View();
    const auto hops = Bfs(a, {{order[0]}}, run), hops2 = Bfs(b, {{0}}, run);
    const auto far = Sssp(a, {{order[0]}}, run), far2 = Sssp(b, {{0}}, run);
    const auto tri = Triangles(a, {}, run), tri2 = Triangles(b, {}, run);
    const auto lcc = LocalClustering(a, {}, run), lcc2 = LocalClustering(b, {}, run);
    for (uint32_t i = 0; i < small.n; ++i) {
      EXPECT_EQ(hops->hops[order[i]], hops2->hops[i]) << small.name;
      EXPECT_EQ(far->distances[order[i]], far2->distances[i]) << small.name;
      EXPECT_EQ(tri->counts[order[i]], tri2->counts[i]) << small.name;
      EXPECT_EQ(lcc->coefficients[order[i]], lcc2->coefficients[i]) << small.name;
    }
  }
}

TEST(Structure, TransposingAndScaling) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    CsrView flipped = graph.View();
    std::swap(flipped.out_offsets, flipped.in_offsets);
    std::swap(flipped.out_targets, flipped.in_sources);
    std::swap(flipped.out_weights, flipped.in_weights);
    RunContext run(2);
    EXPECT_EQ(Triangles(graph.View(), {}, run)->counts, Triangles(flipped, {}, run)->counts);
    EXPECT_EQ(LocalClustering(graph.View(), {}, run)->coefficients,
              LocalClustering(flipped, {}, run)->coefficients);
    // d(s, t) forwards is d(t, s) backwards; four times the weights, four times the distance.
    const VertexIndex s = 0, t = small.n - 1;
    EXPECT_EQ(Bfs(graph.View(), {{s}}, run)->hops[t], Bfs(flipped, {{t}}, run)->hops[s]);
    if (!small.weighted) continue;
    std::vector<double> far = Sssp(graph.View(), {{s}}, run)->distances;
    for (float& w : small.w) w *= 4;
    const Csr scaled = small.Build();
    for (double& d : far) d *= 4;
    EXPECT_EQ(Sssp(scaled.View(), {{s}}, run)->distances, far);
  }
}

TEST(Structure, DisjointUnionKeepsTheParts) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const SmallGraph a = MakeSmallGraph(seed), b = MakeSmallGraph(seed + 36);
    SmallGraph both = a;
    both.n = a.n + b.n;
    for (size_t i = 0; i < b.u.size(); ++i) {
      both.Add(a.n + b.u[i], a.n + b.v[i], b.weighted ? b.w[i] : 1);
    }
    const Csr ga = a.Build(), gb = b.Build(), gu = both.Build();
    RunContext run(2);
    EXPECT_EQ(Triangles(gu.View(), {}, run)->total,
              Triangles(ga.View(), {}, run)->total + Triangles(gb.View(), {}, run)->total);
    EXPECT_EQ(Bfs(gu.View(), {{0}}, run)->reached, Bfs(ga.View(), {{0}}, run)->reached);
    EXPECT_EQ(Sssp(gu.View(), {{a.n}}, run)->reached, Sssp(gb.View(), {{0}}, run)->reached);
  }
}

// Several blocks, pulls and steps; any number of threads.
TEST(Structure, ALargeGraphByItsVerifiers) {
  SmallGraph g;
  g.n = 30000;
  g.weighted = true;
  CounterRng rng(5, 5);
  for (int i = 0; i < 200000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Below(g.n)), static_cast<float>(rng.Uniform()));
  }
  const Csr directed = g.Build();
  g.undirected = true;
  const Csr undirected = g.Build();
  for (const Csr* graph : {&directed, &undirected}) {
    const CsrView v = graph->View();
    for (const int threads : {1, 3}) {
      RunContext run(threads);
      EXPECT_TRUE(VerifyBfs(v, {{7}}, *Bfs(v, {{7}}, run)).ok());
      EXPECT_TRUE(VerifySssp(v, {{7}}, *Sssp(v, {{7}}, run)).ok());
      EXPECT_TRUE(VerifyTriangles(v, {}, *Triangles(v, {}, run)).ok());
      EXPECT_TRUE(VerifyLocalClustering(v, *LocalClustering(v, {}, run)).ok());
    }
    EXPECT_EQ(Sssp(v, {{7}}, *std::make_unique<RunContext>(1))->distances, BoostDistances(v, 7));
  }
}

TEST(Structure, VerifiersFindAWrongValue) {
  const Csr graph = MakeSmallGraph(11).Build();  // a clique
  const CsrView g = graph.View();
  RunContext run(1);
  auto hops = *Bfs(g, {{0}}, run);
  auto far = *Sssp(g, {{0}}, run);
  auto tri = *Triangles(g, {}, run);
  auto lcc = *LocalClustering(g, {}, run);
  hops.hops.back() = hops.hops.back() == 5 ? 6 : 5;
  far.distances.back() = 12345;
  ++tri.counts[0];
  lcc.coefficients[0] += 0.5;
  EXPECT_EQ(ErrorReason(VerifyBfs(g, {{0}}, hops)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifySssp(g, {{0}}, far)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyTriangles(g, {}, tri)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyLocalClustering(g, lcc)), "VERIFY_FAILED");
}

TEST(Structure, RefusesWrongOptions) {
  const Csr graph = MakeSmallGraph(12).Build();
  const CsrView g = graph.View();
  RunContext run(1);
  EXPECT_EQ(ErrorReason(Bfs(g, {}, run).status()), "SOURCE_REQUIRED");
  EXPECT_EQ(ErrorReason(Bfs(g, {{g.vertices}}, run).status()), "VERTEX_OUT_OF_RANGE");
  EXPECT_EQ(ErrorReason(Sssp(g, {{0}, -1}, run).status()), "OPTION_OUT_OF_RANGE");
  EXPECT_EQ(ErrorReason(Sssp(g, {{}, 1}, run).status()), "SOURCE_REQUIRED");
  CsrView out_only = g;
  out_only.in_offsets = {};
  EXPECT_EQ(ErrorReason(Triangles(out_only, {}, run).status()), "MISSING_IN_ROWS");
  EXPECT_EQ(ErrorReason(LocalClustering(out_only, {}, run).status()), "MISSING_IN_ROWS");
}

}  // namespace
}  // namespace halqa
