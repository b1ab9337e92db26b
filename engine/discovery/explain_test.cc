#include "engine/discovery/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/discovery/counterfactual.h"
#include "engine/graph/builder.h"

namespace halqa::discovery {
namespace {

struct World {
  uint32_t n = 0;
  std::vector<VertexIndex> sources, targets;
  std::vector<float> weights;
  std::vector<double> seeds;  // by vertex
  Csr graph;
};

// Arcs between random vertices, weights that differ; about a third of the vertices dangle.
World RandomWorld(uint64_t seed) {
  CounterRng rng(seed, 1);
  World w;
  w.n = 4 + static_cast<uint32_t>(rng.Below(30));
  w.seeds.resize(w.n);
  for (VertexIndex u = 0; u < w.n; ++u) {
    if (rng.Below(4) == 0 || u == 0) w.seeds[u] = 0.1 + static_cast<double>(rng.Below(100)) / 100;
    if (rng.Below(3) == 0) continue;
    const size_t first = w.targets.size();
    for (uint64_t k = rng.Below(6); k > 0; --k) {
      const auto v = static_cast<VertexIndex>(rng.Below(w.n));
      // Once each: the graph adds weights as floats, which the judge below does not.
      if (std::count(w.targets.begin() + static_cast<ptrdiff_t>(first), w.targets.end(), v) > 0) {
        continue;
      }
      w.sources.push_back(u);
      w.targets.push_back(v);
      w.weights.push_back(static_cast<float>(1 + rng.Below(2000)) / 97);
    }
  }
  RunContext run(1);
  BuildOptions options;
  options.vertices = w.n;
  w.graph = *BuildCsr({w.sources, w.targets, w.weights}, options, run);
  return w;
}

std::vector<TeleportEntry> Sparse(const std::vector<double>& seeds) {
  std::vector<TeleportEntry> out;
  for (VertexIndex v = 0; v < seeds.size(); ++v) {
    if (seeds[v] > 0) out.push_back({v, seeds[v]});
  }
  return out;
}

// x = (1 - d) t + d (M x + D t) over the edge list, as if the vertices that are gone had never
// been; the loop shares nothing with the kernels.
std::vector<double> Reference(const World& w, const std::vector<bool>& gone,
                              std::vector<double> teleport, bool dangling_jumps) {
  double sum = 0;
  for (uint32_t v = 0; v < w.n; ++v) sum += teleport[v] = gone[v] ? 0 : teleport[v];
  std::vector<double> x(w.n), out(w.n), next(w.n);
  if (!(sum > 0)) return x;
  for (double& t : teleport) t /= sum;
  auto stays = [&](size_t e) { return !gone[w.sources[e]] && !gone[w.targets[e]]; };
  for (size_t e = 0; e < w.sources.size(); ++e) {
    if (stays(e)) out[w.sources[e]] += w.weights[e];
  }
  x = teleport;
  for (int round = 0; round < 400; ++round) {
    double dangling = 0;
    for (uint32_t v = 0; v < w.n; ++v) dangling += out[v] > 0 ? 0 : x[v];
    for (uint32_t v = 0; v < w.n; ++v) {
      next[v] = (0.15 + (dangling_jumps ? 0.85 * dangling : 0)) * teleport[v];
    }
    for (size_t e = 0; e < w.sources.size(); ++e) {
      if (stays(e)) {
        next[w.targets[e]] += 0.85 * x[w.sources[e]] * w.weights[e] / out[w.sources[e]];
      }
    }
    x.swap(next);
  }
  return x;
}

struct Solved {
  std::vector<double> scores, teleport, out_weights;
  double bound = 0;
  ScoreEquation equation;
};

void SolvePageRank(const World& w, double tolerance, Solved* out) {
  RunContext run(1);
  PageRankOptions options;
  options.tolerance = tolerance;
  auto result = PageRank(w.graph.View(), options, run);
  ASSERT_TRUE(result.ok()) << result.status();
  out->scores = std::move(result->scores);
  out->bound = result->l1_error_bound;
  out->out_weights = OutWeights(w.graph.View());
  out->equation = {w.graph.View(),   0.85,
                   out->scores,      {},
                   out->out_weights, DanglingMass(out->scores, out->out_weights)};
}

void SolveTopic(const World& w, double tolerance, Solved* out) {
  RunContext run(1);
  TopicPageRankOptions options;
  options.tolerance = tolerance;
  options.topics = {Sparse(w.seeds)};
  auto result = TopicPageRank(w.graph.View(), options, run);
  ASSERT_TRUE(result.ok()) << result.status();
  out->scores = std::move(result->vectors[0]);
  out->bound = result->l1_error_bounds[0];
  out->out_weights = OutWeights(w.graph.View());
  out->teleport = w.seeds;
  const double sum = std::accumulate(w.seeds.begin(), w.seeds.end(), 0.0);
  for (double& t : out->teleport) t /= sum;
  out->equation = {w.graph.View(), 0.85, out->scores, out->teleport, out->out_weights, 0};
}

double SumOf(const Explanation& e) {
  double sum = e.restart + e.dangling + e.residual;
  for (const Contribution& c : e.contributions) sum += c.value;
  return sum;
}

TEST(Explain, PartsOfAThousandScoresAddUpAndLittleIsLeftOpen) {
  int pairs = 0;
  for (uint64_t seed = 1; pairs < 1000; ++seed) {
    const World w = RandomWorld(seed);
    for (const bool topic : {false, true}) {
      Solved s;
      topic ? SolveTopic(w, 1e-7, &s) : SolvePageRank(w, 1e-9, &s);
      RunContext run(1);
      const auto norm = ResidualNorm(s.equation, run);
      ASSERT_TRUE(norm.ok());
      EXPECT_LE(*norm, 1.85 * s.bound + 1e-14) << seed;
      double left = 0;
      for (VertexIndex v = 0; v < w.n; ++v, ++pairs) {
        const auto e = ExplainScore(s.equation, v, s.scores[v]);
        ASSERT_TRUE(e.ok());
        EXPECT_NEAR(SumOf(*e), s.scores[v], 1e-15) << seed << " " << v;
        EXPECT_NEAR(e->contributed, s.scores[v] - e->restart - e->dangling, *norm + 1e-15);
        left += std::fabs(e->residual);
      }
      EXPECT_NEAR(left, *norm, 1e-14);
    }
  }
}

TEST(Explain, AnotherGraphLeavesMoreOpenThanTheSolverMay) {
  int caught = 0, worlds = 0;
  for (uint64_t seed = 1; seed < 60; ++seed) {
    World w = RandomWorld(seed);
    if (w.sources.empty()) continue;
    Solved s;
    SolvePageRank(w, 1e-9, &s);
    w.targets[0] = (w.targets[0] + 1) % w.n;  // one arc goes elsewhere
    RunContext run(1);
    BuildOptions options;
    options.vertices = w.n;
    const Csr other = *BuildCsr({w.sources, w.targets, w.weights}, options, run);
    s.equation.graph = other.View();
    caught += *ResidualNorm(s.equation, run) > 1.85 * s.bound + 1e-12 ? 1 : 0;
    ++worlds;
  }
  EXPECT_EQ(caught, worlds);
}

TEST(Explain, TheDifferenceOfTwoAccountsIsTheSumOfItsParts) {
  for (uint64_t seed = 1; seed < 60; ++seed) {
    const World w = RandomWorld(seed);
    Solved s;
    SolveTopic(w, 1e-7, &s);
    const auto a = ExplainScore(s.equation, 0, s.scores[0]);
    const auto b = ExplainScore(s.equation, 1, s.scores[1]);
    const ScoreDifference d = Compare(*a, *b);
    double sum = 0;
    for (const auto& source : d.sources) sum += source.theirs - source.mine;
    EXPECT_NEAR(d.only_mine + d.only_theirs + d.both, sum, 1e-15);
    EXPECT_NEAR(d.restart + d.dangling + d.residual + sum, s.scores[1] - s.scores[0], 1e-14);
  }
}

TEST(Explain, ATimesSmallerScoreHasTimesSmallerParts) {
  const World w = RandomWorld(9);
  Solved s;
  SolvePageRank(w, 1e-9, &s);
  const Explanation e = Scaled(*ExplainScore(s.equation, 0, s.scores[0]), 0.25);
  EXPECT_NEAR(SumOf(e), 0.25 * s.scores[0], 1e-15);
}

TEST(Explain, PlacesCountOnlyThoseThatAreListed) {
  const std::vector<double> values = {0.5, 0.2, 0.4, 0.2 * (1 + 1e-12), 0};
  std::vector<bool> listed(5, true);
  EXPECT_EQ(PlaceOf(values, listed, 0).rank, 1u);
  EXPECT_FALSE(PlaceOf(values, listed, 0).has_above);
  EXPECT_EQ(PlaceOf(values, listed, 1).rank, 3u);
  EXPECT_EQ(PlaceOf(values, listed, 3).rank, 3u);
  EXPECT_EQ(PlaceOf(values, listed, 1).above, 2u);
  EXPECT_EQ(PlaceOf(values, listed, 4).rank, 0u);
  listed[2] = false;
  EXPECT_EQ(PlaceOf(values, listed, 1).rank, 2u);
  EXPECT_EQ(PlaceOf(values, listed, 1).above, 0u);
  EXPECT_EQ(PlaceOf(values, listed, 2).rank, 0u);
}

TEST(Explain, WrongInputIsNamed) {
  const World w = RandomWorld(3);
  Solved s;
  SolvePageRank(w, 1e-9, &s);
  EXPECT_EQ(ErrorReason(ExplainScore(s.equation, w.n, 0).status()), "VERTEX_OUT_OF_RANGE");
  ScoreEquation cut = s.equation;
  cut.scores = cut.scores.subspan(1);
  EXPECT_EQ(ErrorReason(ExplainScore(cut, 0, 0).status()), "LENGTH_MISMATCH");
  ScoreEquation one_way = s.equation;
  one_way.graph.in_offsets = {};
  EXPECT_EQ(ErrorReason(ExplainScore(one_way, 0, 0).status()), "MISSING_IN_ROWS");
  RunContext run(1);
  EXPECT_EQ(
      ErrorReason(ScoresWithout(w.graph.View(), std::vector<bool>(w.n, true), {}, run).status()),
      "NOBODY_LEFT");
  EXPECT_EQ(ErrorReason(ScoresWithout(w.graph.View(), {false}, {}, run).status()),
            "LENGTH_MISMATCH");
  run.set_memory_bytes_max(1000);
  EXPECT_EQ(ErrorReason(ScoresWithout(w.graph.View(), std::vector<bool>(w.n), {}, run).status()),
            "MEMORY_LIMIT");
}

TEST(Explain, ThreeHundredCounterfactualsEqualAFullRecomputation) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const World w = RandomWorld(seed);
    CounterRng rng(seed, 2);
    std::vector<bool> gone(w.n), listed(w.n);
    for (VertexIndex v = 1; v < w.n; ++v) gone[v] = rng.Below(5) == 0;
    for (VertexIndex v = 0; v < w.n; ++v) listed[v] = !gone[v] && rng.Below(4) != 0;
    Solved s;
    SolvePageRank(w, 1e-9, &s);
    const auto seeds = Sparse(w.seeds);
    WithoutOptions options;
    options.seeds = seeds;
    options.page_rank = s.scores;
    RunContext run(1);
    const auto after = ScoresWithout(w.graph.View(), gone, options, run);
    ASSERT_TRUE(after.ok()) << after.status();
    const auto rank = Reference(w, gone, std::vector<double>(w.n, 1), true);
    const auto topic = Reference(w, gone, w.seeds, false);
    for (VertexIndex v = 0; v < w.n; ++v) {
      EXPECT_NEAR(after->page_rank[v], rank[v], 1e-11) << seed;
      EXPECT_NEAR(after->topic[v], topic[v], 1e-11) << seed;
      EXPECT_EQ(PlaceOf(after->page_rank, listed, v).rank, PlaceOf(rank, listed, v).rank) << seed;
      EXPECT_EQ(PlaceOf(after->topic, listed, v).rank, PlaceOf(topic, listed, v).rank) << seed;
    }
  }
}

TEST(Explain, WithoutNobodyTheGraphIsTheSame) {
  const World w = RandomWorld(5);
  RunContext run(1);
  const auto same = WithoutVertices(w.graph.View(), std::vector<bool>(w.n), run);
  ASSERT_TRUE(same.ok());
  EXPECT_TRUE(ValidateCsr(same->View()).ok());
  EXPECT_EQ(same->View().out_targets, w.graph.View().out_targets);
  EXPECT_EQ(same->View().out_weights, w.graph.View().out_weights);
}

TEST(Explain, CancelledAtEveryCheckpoint) {
  const World w = RandomWorld(7);
  RunContext whole(1);
  ASSERT_TRUE(ScoresWithout(w.graph.View(), std::vector<bool>(w.n), {}, whole).ok());
  for (uint64_t k = 1; k <= whole.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_TRUE(
        absl::IsCancelled(ScoresWithout(w.graph.View(), std::vector<bool>(w.n), {}, run).status()));
  }
}

}  // namespace
}  // namespace halqa::discovery
