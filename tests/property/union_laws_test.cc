// What an algorithm says of a graph does not change when another graph, with which it has nothing
// to do, is put beside it: every algorithm of the registry of which that is true.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/runtime/registry.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

// Two graphs and both in one, the first in front.
struct Parts {
  SmallGraph small_a, small_b;
  Csr a, b, both;
  uint32_t border() const { return small_a.n; }
  uint32_t all() const { return small_a.n + small_b.n; }
};

// `closed`: every vertex gets an arc to the next one, so that none dangles.
Parts MakeParts(uint64_t seed, bool undirected, bool closed) {
  Parts p;
  p.small_a = MakeSmallGraph(seed);
  p.small_b = MakeSmallGraph(seed + 36 * 7);  // of the same kind
  SmallGraph both = p.small_a;
  for (SmallGraph* g : {&p.small_a, &p.small_b}) {
    g->undirected = g->undirected || undirected;
    for (uint32_t v = 0; closed && v < g->n; ++v) g->Add(v, (v + 1) % g->n);
  }
  both = p.small_a;
  both.n = p.all();
  for (size_t i = 0; i < p.small_b.u.size(); ++i) {
    both.Add(p.border() + p.small_b.u[i], p.border() + p.small_b.v[i],
             both.weighted ? p.small_b.w[i] : 1);
  }
  p.a = p.small_a.Build();
  p.b = p.small_b.Build();
  p.both = both.Build();
  return p;
}

double Value(const AlgorithmResult& result, uint32_t v) {
  return std::visit([&](const auto& values) { return static_cast<double>(values[v]); },
                    result.values);
}

struct Law {
  std::string name;
  ParameterValues parameters = {};
  bool undirected = false, closed = false;
  double tolerance = 0;
  // What stands for `value` of vertex v in the union; by default the same.
  std::function<double(double value, bool in_a, const Parts&)> moved = {};
  bool starts_in_a = false;  // a source: the other part is as without one
  double elsewhere = 0;
};

double Shifted(double value, bool in_a, const Parts& p) {
  return in_a ? value : value + p.border();
}

std::vector<Law> Laws() {
  const ParameterValues source = {{"source", "0"}};
  const double far = kNoVertex;
  return {
      {"degree"},
      {"k_core"},
      {"triangles"},
      {"local_clustering"},
      {"harmonic", {}, false, false, 1e-12},
      {"betweenness", {}, false, false, 1e-9},
      {"katz", {{"alpha", "0.001"}, {"tolerance", "1e-14"}}, false, false, 1e-9},
      {.name = "weak_components", .moved = Shifted},
      {.name = "strong_components", .moved = Shifted},
      {.name = "label_propagation", .moved = Shifted},
      {.name = "closeness",
       .tolerance = 1e-12,
       .moved =
           [](double value, bool in_a, const Parts& p) {
             const double n = in_a ? p.small_a.n : p.small_b.n;
             return value * (n - 1) / (p.all() - 1.0);
           }},
      {.name = "page_rank",
       .parameters = {{"tolerance", "1e-13"}, {"iterations", "1000"}},
       .closed = true,
       .tolerance = 1e-10,
       .moved =
           [](double value, bool in_a, const Parts& p) {
             return value * (in_a ? p.small_a.n : p.small_b.n) / p.all();
           }},
      {.name = "reverse_cuthill_mckee",
       .undirected = true,
       .moved = [](double value, bool in_a,
                   const Parts& p) { return in_a ? value + p.small_b.n : value; }},
      {.name = "personalized_page_rank",
       .parameters = {{"source", "0"}, {"tolerance", "1e-13"}, {"iterations", "1000"}},
       .tolerance = 1e-10,
       .starts_in_a = true},
      {.name = "bfs", .parameters = source, .starts_in_a = true, .elsewhere = far},
      {.name = "sssp", .parameters = source, .starts_in_a = true, .elsewhere = HUGE_VAL},
      {.name = "max_flow", .parameters = {{"source", "0"}, {"target", "1"}}, .starts_in_a = true}};
}

void Check(const Law& law, uint64_t seed) {
  const Parts p = MakeParts(seed, law.undirected, law.closed);
  if (law.parameters.count("target") > 0 && p.border() < 2) return;
  RunContext run(1);
  const auto a = RunAlgorithm(law.name, p.a.View(), law.parameters, run);
  const auto b =
      RunAlgorithm(law.name, p.b.View(), law.starts_in_a ? ParameterValues{} : law.parameters, run);
  const auto both = RunAlgorithm(law.name, p.both.View(), law.parameters, run);
  ASSERT_TRUE(a.ok() && both.ok()) << law.name << a.status() << both.status();
  for (uint32_t v = 0; v < p.all(); ++v) {
    const bool in_a = v < p.border();
    double want = law.elsewhere;
    if (in_a) {
      want = Value(*a, v);
    } else if (!law.starts_in_a) {
      want = Value(*b, v - p.border());
    }
    if (law.moved) want = law.moved(want, in_a, p);
    const double got = Value(*both, v);
    if (std::isinf(want) || law.tolerance == 0) {
      EXPECT_EQ(got, want) << law.name << " of vertex " << v << ": " << p.small_a.name;
    } else {
      EXPECT_NEAR(got, want, law.tolerance * (1 + want)) << law.name << ": " << p.small_a.name;
    }
  }
}

TEST(UnionLaws, TheOtherPartChangesNothing) {
  for (const Law& law : Laws()) {
    for (uint64_t seed = 0; seed < 250; ++seed) Check(law, seed);
  }
}

}  // namespace
}  // namespace halqa
