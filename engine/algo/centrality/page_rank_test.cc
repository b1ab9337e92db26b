#include "engine/algo/centrality/page_rank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

// Plain Gauss elimination on the definition; n is tiny.
std::vector<double> Solve(const CsrView& g, double d, const std::vector<double>& jump) {
  const uint32_t n = g.vertices;
  std::vector<std::vector<double>> m(n, std::vector<double>(n + 1, 0));
  for (uint32_t u = 0; u < n; ++u) {
    double out = 0;
    for (uint64_t a = g.out_offsets[u]; a < g.out_offsets[u + 1]; ++a) out += g.OutWeight(a);
    for (uint32_t v = 0; v < n; ++v) m[v][u] -= (out > 0 ? 1 - d : 1) * jump[v];
    if (!(out > 0)) continue;
    for (uint64_t a = g.out_offsets[u]; a < g.out_offsets[u + 1]; ++a) {
      m[g.out_targets[a]][u] -= d * g.OutWeight(a) / out;
    }
  }
  for (uint32_t v = 0; v < n; ++v) m[v][v] += 1;
  for (uint32_t u = 0; u <= n; ++u) m[n - 1][u] = 1;  // the sum is 1
  for (uint32_t c = 0; c < n; ++c) {
    uint32_t pivot = c;
    for (uint32_t r = c; r < n; ++r) {
      if (std::fabs(m[r][c]) > std::fabs(m[pivot][c])) pivot = r;
    }
    std::swap(m[c], m[pivot]);
    for (uint32_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double f = m[r][c] / m[c][c];
      for (uint32_t k = c; k <= n; ++k) m[r][k] -= f * m[c][k];
    }
  }
  std::vector<double> x(n);
  for (uint32_t v = 0; v < n; ++v) x[v] = m[v][n] / m[v][v];
  return x;
}

double L1(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
  return sum;
}

TEST(PageRank, SolvesTheDefinitionOnTinyGraphs) {
  for (uint64_t seed = 0; seed < 360; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView view = graph.View();
    CounterRng rng(seed, 9);
    PageRankOptions options;
    std::vector<double> jump(view.vertices, 1.0 / view.vertices), dense;
    std::vector<TeleportEntry> sparse;
    if (seed % 3 == 1) {
      double sum = 0;
      for (uint32_t v = 0; v < view.vertices; ++v) dense.push_back(rng.Uniform() + 1e-3);
      for (const double w : dense) sum += w;
      for (uint32_t v = 0; v < view.vertices; ++v) jump[v] = dense[v] / sum;
      options.teleport = dense;
    } else if (seed % 3 == 2) {
      const auto v = static_cast<VertexIndex>(rng.Below(view.vertices));
      sparse = {{v, 2}, {0, 1}, {0, 1}};
      jump.assign(view.vertices, 0);
      jump[v] += 0.5;
      jump[0] += 0.5;
      options.teleport_sparse = sparse;
    }
    options.damping = seed % 5 == 0 ? 0.5 : 0.85;
    for (const double tolerance : {1e-3, 1e-6, 1e-12}) {
      options.tolerance = tolerance;
      options.iterations = 1000;
      RunContext run(2);
      auto got = PageRank(view, options, run);
      ASSERT_TRUE(got.ok()) << got.status();
      const std::vector<double> want = Solve(view, options.damping, jump);
      EXPECT_TRUE(got->converged) << small.name;
      EXPECT_LE(L1(got->scores, want), got->l1_error_bound + 1e-13) << small.name << tolerance;
      // d / (1 - d) changes, and as much again where the sum was off.
      EXPECT_LE(got->l1_error_bound, 12 * tolerance + 2e-6 * (tolerance >= 1e-5));
      EXPECT_NEAR(std::accumulate(got->scores.begin(), got->scores.end(), 0.0), 1, 1e-12);
      EXPECT_LE(L1(got->scores, want), *VerifyPageRank(view, options, got->scores) + 1e-12)
          << small.name;
    }
    EXPECT_LE(*VerifyPageRank(view, options, Solve(view, options.damping, jump)), 1e-11);
  }
}

TEST(PageRank, WeightedDanglingToy) {
  SmallGraph g;
  g.n = 4;
  g.weighted = true;
  g.Add(0, 1, 3);
  g.Add(0, 2, 1);
  g.Add(1, 2, 2);
  g.Add(3, 0, 2);
  const Csr graph = g.Build();
  PageRankOptions options;
  options.tolerance = 1e-14;
  RunContext run(1);
  const auto got = PageRank(graph.View(), options, run);
  const double want[] = {.2235658, .26336957, .39221825, .12084638};
  for (int v = 0; v < 4; ++v) EXPECT_NEAR(got->scores[v], want[v], 5e-9);
}

TEST(PageRank, ToleranceZeroRunsExactlyTheRounds) {
  const Csr graph = MakeSmallGraph(26).Build();
  for (const int rounds : {1, 2, 7, 300}) {
    PageRankOptions options;
    options.tolerance = 0;
    options.iterations = rounds;
    RunContext run(1);
    EXPECT_EQ(PageRank(graph.View(), options, run)->rounds, rounds);
  }
}

TEST(PageRank, WarmStartSavesRounds) {
  const Csr graph = MakeSmallGraph(14).Build();
  PageRankOptions options;
  RunContext run(1);
  const auto cold = PageRank(graph.View(), options, run);
  options.start = cold->scores;
  const auto warm = PageRank(graph.View(), options, run);
  EXPECT_LT(warm->rounds, 4);
  EXPECT_LE(L1(cold->scores, warm->scores), cold->l1_error_bound + warm->l1_error_bound);
}

TEST(PageRank, NamesTheWrongField) {
  const Csr graph = MakeSmallGraph(14).Build();
  RunContext run(1);
  auto field = [&](PageRankOptions o) {
    return ErrorDetails(PageRank(graph.View(), o, run).status())["field"];
  };
  PageRankOptions o;
  o.damping = 1;
  EXPECT_EQ(field(o), "damping");
  o = {};
  o.tolerance = NAN;
  EXPECT_EQ(field(o), "tolerance");
  o = {};
  o.iterations = 0;
  EXPECT_EQ(field(o), "iterations");
  const std::vector<double> wrong = {1};
  o = {};
  o.teleport = wrong;
  EXPECT_EQ(field(o), "teleport");
  o = {};
  o.start = wrong;
  EXPECT_EQ(field(o), "start");
  const std::vector<TeleportEntry> outside = {{1000, 1}}, nothing = {{0, 0}};
  o = {};
  o.teleport_sparse = outside;
  EXPECT_EQ(field(o), "teleport_sparse");
  o.teleport_sparse = nothing;
  EXPECT_EQ(field(o), "teleport_sparse");
  CsrView half = graph.View();
  half.in_offsets = {};
  EXPECT_EQ(ErrorReason(PageRank(half, {}, run).status()), "MISSING_IN_ROWS");
  RunContext poor(1);
  poor.set_memory_bytes_max(1);
  EXPECT_EQ(ErrorReason(PageRank(graph.View(), {}, poor).status()), "MEMORY_LIMIT");
}

}  // namespace
}  // namespace halqa
