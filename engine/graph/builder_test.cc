#include "engine/graph/builder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/random.h"

namespace halqa {
namespace {

struct Edges {
  uint32_t n = 0;
  std::vector<VertexIndex> u, v;
  std::vector<float> w;
  EdgeArrays arrays() const { return {u, v, w}; }
};

Edges RandomEdges(uint64_t seed, uint32_t n, uint64_t m, bool weighted) {
  CounterRng rng(seed, 1);
  Edges e;
  e.n = n;
  for (uint64_t i = 0; i < m; ++i) {
    // The square makes low ids frequent: hubs, duplicates and self-loops.
    e.u.push_back(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * n));
    e.v.push_back(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * n));
    if (weighted) e.w.push_back(static_cast<float>(rng.Below(8)) * 0.25f);
  }
  return e;
}

using Model = std::map<std::pair<VertexIndex, VertexIndex>, float>;

Model ModelOf(const Edges& e, const BuildOptions& o) {
  Model model;
  auto add = [&](VertexIndex u, VertexIndex v, float w) {
    auto [it, fresh] = model.try_emplace({u, v}, w);
    if (!fresh && !e.w.empty() && o.duplicates == DuplicateEdges::kSumWeights) it->second += w;
  };
  for (size_t i = 0; i < e.u.size(); ++i) {
    if (e.u[i] == e.v[i] && !o.keep_self_loops) continue;
    const float w = e.w.empty() ? 1.0f : e.w[i];
    add(e.u[i], e.v[i], w);
    if (o.undirected && e.u[i] != e.v[i]) add(e.v[i], e.u[i], w);
  }
  return model;
}

Model ModelOf(const CsrView& g) {
  Model model;
  for (uint32_t u = 0; u < g.vertices; ++u) {
    for (uint64_t a = g.out_offsets[u]; a < g.out_offsets[u + 1]; ++a) {
      model[{u, g.out_targets[a]}] = g.OutWeight(a);
    }
  }
  return model;
}

TEST(Builder, MatchesAMapOnRandomGraphs) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const bool weighted = seed % 2 == 0;
    const Edges e = RandomEdges(seed, 1 + seed % 40, seed * 3 % 211, weighted);
    BuildOptions o;
    o.vertices = e.n;
    o.duplicates = seed % 3 ? DuplicateEdges::kSumWeights : DuplicateEdges::kKeepFirst;
    o.keep_self_loops = seed % 5 != 0;
    o.undirected = seed % 7 < 3;
    RunContext run(1 + static_cast<int>(seed % 2));
    auto g = BuildCsr(e.arrays(), o, run);
    ASSERT_TRUE(g.ok()) << g.status();
    ASSERT_TRUE(ValidateCsr(g->View()).ok()) << ValidateCsr(g->View()) << " seed " << seed;
    EXPECT_EQ(ModelOf(g->View()), ModelOf(e, o)) << "seed " << seed;
    EXPECT_EQ(g->View().symmetric, o.undirected);
  }
}

TEST(Builder, ManyBucketsAndThreadsGiveTheSameBits) {
  const Edges e = RandomEdges(5, 50000, 400000, true);
  BuildOptions o;
  o.vertices = e.n;
  RunContext one(1), two(2);
  auto a = BuildCsr(e.arrays(), o, one);
  auto b = BuildCsr(e.arrays(), o, two);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(ValidateCsr(a->View()).ok()) << ValidateCsr(a->View());
  EXPECT_EQ(a->View().out_targets, b->View().out_targets);
  EXPECT_EQ(a->View().out_weights, b->View().out_weights);
  EXPECT_EQ(a->View().in_sources, b->View().in_sources);
  EXPECT_EQ(a->View().in_weights, b->View().in_weights);
  EXPECT_EQ(ModelOf(a->View()), ModelOf(e, o));
}

TEST(Builder, EmptyGraphs) {
  RunContext run(2);
  BuildOptions o;
  auto none = BuildCsr({}, o, run);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->View().vertices, 0u);
  o.vertices = 7;
  auto isolated = BuildCsr({}, o, run);
  ASSERT_TRUE(isolated.ok());
  EXPECT_EQ(isolated->View().vertices, 7u);
  EXPECT_TRUE(ValidateCsr(isolated->View()).ok());
}

TEST(Builder, NamesTheBadEdge) {
  RunContext run(2);
  BuildOptions o;
  o.vertices = 3;
  const std::vector<VertexIndex> u = {0, 1, 3}, v = {1, 2, 0};
  auto range = BuildCsr({u, v, {}}, o, run);
  EXPECT_EQ(ErrorReason(range.status()), "VERTEX_OUT_OF_RANGE");
  EXPECT_NE(range.status().message().find("edge 2"), absl::string_view::npos);
  o.vertices = 4;
  const std::vector<float> w = {1, NAN, -1};
  auto weight = BuildCsr({u, v, w}, o, run);
  EXPECT_EQ(ErrorReason(weight.status()), "BAD_WEIGHT");
  EXPECT_NE(weight.status().message().find("edge 1"), absl::string_view::npos);
  EXPECT_EQ(ErrorReason(BuildCsr({u, absl::MakeConstSpan(v).subspan(1), {}}, o, run).status()),
            "LENGTH_MISMATCH");
}

TEST(Builder, TransposingTwiceIsTheSame) {
  const Edges e = RandomEdges(9, 300, 4000, true);
  RunContext run(2);
  BuildOptions o;
  o.vertices = e.n;
  auto g = BuildCsr(e.arrays(), o, run);
  ASSERT_TRUE(g.ok());
  CsrView flipped = g->View();
  std::swap(flipped.out_offsets, flipped.in_offsets);
  std::swap(flipped.out_targets, flipped.in_sources);
  std::swap(flipped.out_weights, flipped.in_weights);
  auto again = WithInRows(flipped, run);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->View().in_sources, g->View().out_targets);
  EXPECT_EQ(again->View().in_weights, g->View().out_weights);
}

TEST(Builder, SymmetrisedIsSumWithTranspose) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Edges e = RandomEdges(seed, 20, 90, seed % 2 == 0);
    RunContext run(2);
    BuildOptions o;
    o.vertices = e.n;
    auto g = BuildCsr(e.arrays(), o, run);
    auto s = Symmetrised(g->View(), run);
    ASSERT_TRUE(s.ok());
    ASSERT_TRUE(ValidateCsr(s->View()).ok()) << ValidateCsr(s->View());
    Model expected;
    for (const auto& [arc, w] : ModelOf(g->View())) {
      expected[arc] += w;
      expected[{arc.second, arc.first}] += w;
    }
    EXPECT_EQ(ModelOf(s->View()), expected);
  }
}

TEST(Builder, RelabelledByInDegree) {
  const Edges e = RandomEdges(3, 400, 5000, true);
  RunContext run(2);
  BuildOptions o;
  o.vertices = e.n;
  for (const bool undirected : {false, true}) {
    o.undirected = undirected;
    auto g = BuildCsr(e.arrays(), o, run);
    auto order = InDegreeOrder(g->View());
    ASSERT_TRUE(order.ok());
    auto r = Relabelled(g->View(), *order, run);
    ASSERT_TRUE(r.ok());
    ASSERT_TRUE(ValidateCsr(r->View()).ok()) << ValidateCsr(r->View());
    for (uint32_t v = 1; v < e.n; ++v) EXPECT_GE(r->View().InDegree(v - 1), r->View().InDegree(v));
    Model renamed;
    for (const auto& [arc, w] : ModelOf(r->View())) {
      renamed[{(*order)[arc.first], (*order)[arc.second]}] = w;
    }
    EXPECT_EQ(renamed, ModelOf(g->View()));
  }
  auto g = BuildCsr(e.arrays(), o, run);
  EXPECT_EQ(ErrorReason(Relabelled(g->View(), {}, run).status()), "NOT_A_PERMUTATION");
}

TEST(Builder, StopsAtEveryCheckpoint) {
  const Edges e = RandomEdges(3, 200, 3000, true);
  BuildOptions o;
  o.vertices = e.n;
  RunContext whole(1);
  ASSERT_TRUE(BuildCsr(e.arrays(), o, whole).ok());
  for (uint64_t k = 1; k <= whole.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_EQ(ErrorReason(BuildCsr(e.arrays(), o, run).status()), "CANCELLED") << k;
  }
}

}  // namespace
}  // namespace halqa
