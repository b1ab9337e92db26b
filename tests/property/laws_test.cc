// Laws that every kernel keeps: the same bits for any number of threads, stops at every checkpoint,
// relabelling, disjoint union, scaling, transposition.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/quality.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/error.h"
#include "engine/bgl/core_numbers.h"
#include "engine/bgl/strong_components.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;
using Values = std::vector<double>;
using Kernel = std::function<absl::StatusOr<Values>(const CsrView&, RunContext&)>;

template <typename T>
Values AsDoubles(const std::vector<T>& values) {
  return Values(values.begin(), values.end());
}

struct Named {
  std::string name;
  Kernel run;
};

TopicPageRankOptions TwoTopics() {
  TopicPageRankOptions options;
  options.topics = {{{0, 1}}, {{0, 1}, {1, 2}}};
  return options;
}

// REQUIRES: at least two vertices.
std::vector<Named> Kernels() {
  std::vector<Named> all;
  auto add = [&](std::string name, auto call, auto member) {
    all.push_back({std::move(name), [call, member](const CsrView& v, RunContext& run) {
                     auto result = call(v, run);
                     return result.ok() ? absl::StatusOr<Values>(AsDoubles((*result).*member))
                                        : absl::StatusOr<Values>(result.status());
                   }});
  };
  add(
      "degree", [](const CsrView& v, RunContext& r) { return Degree(v, {}, r); },
      &DegreeResult::values);
  add(
      "page_rank", [](const CsrView& v, RunContext& r) { return PageRank(v, {}, r); },
      &PageRankResult::scores);
  add(
      "k_core", [](const CsrView& v, RunContext& r) { return KCore(v, {}, r); },
      &KCoreResult::cores);
  add(
      "weak", [](const CsrView& v, RunContext& r) { return WeakComponents(v, {}, r); },
      &WeakComponentsResult::labels);
  add(
      "strong", [](const CsrView& v, RunContext& r) { return StrongComponents(v, {}, r); },
      &StrongComponentsResult::labels);
  add(
      "core_numbers", [](const CsrView& v, RunContext& r) { return CoreNumbers(v, {}, r); },
      &CoreNumbersResult::cores);
  all.push_back({"topics", [](const CsrView& v, RunContext& r) -> absl::StatusOr<Values> {
                   auto result = TopicPageRank(v, TwoTopics(), r);
                   if (!result.ok()) return result.status();
                   return result->vectors[1];
                 }});
  return all;
}

Kernel LeidenKernel() {
  return [](const CsrView& v, RunContext& r) -> absl::StatusOr<Values> {
    auto result = Leiden(v, {}, r);
    if (!result.ok()) return result.status();
    return AsDoubles(result->communities);
  };
}

SmallGraph SeveralBlocks() {
  SmallGraph g;
  g.n = 40000;
  g.weighted = true;
  CounterRng rng(8, 8);
  for (int i = 0; i < 150000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Below(g.n)), static_cast<float>(rng.Uniform()));
  }
  return g;
}

void SameBits(const std::string& name, const Kernel& kernel, const CsrView& view) {
  RunContext one(1), two(2), three(3);
  const auto a = kernel(view, one);
  ASSERT_TRUE(a.ok()) << name << a.status();
  EXPECT_EQ(*a, *kernel(view, two)) << name;
  EXPECT_EQ(*a, *kernel(view, three)) << name;
}

void StopsEverywhere(const std::string& name, const Kernel& kernel, const CsrView& view) {
  RunContext whole(1);
  double last = 0;
  whole.set_progress([&](double f) {
    EXPECT_GE(f, last) << name;
    EXPECT_LE(f, 1) << name;
    last = f;
  });
  ASSERT_TRUE(kernel(view, whole).ok());
  EXPECT_GT(whole.checkpoints(), 0u) << name;
  // Every k on small graphs, a sample on large ones.
  const uint64_t step = view.vertices < 100 ? 1 : std::max<uint64_t>(1, whole.checkpoints() / 25);
  for (uint64_t k = 1; k <= whole.checkpoints(); k += step) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_EQ(ErrorReason(kernel(view, run).status()), "CANCELLED") << name << " at " << k;
  }
  RunContext late(2);
  late.set_deadline(RunContext::Clock::now());
  EXPECT_EQ(ErrorReason(kernel(view, late).status()), "DEADLINE_EXCEEDED") << name;
}

TEST(Laws, SameBitsForAnyThreads) {
  const Csr graph = SeveralBlocks().Build();
  for (const Named& k : Kernels()) SameBits(k.name, k.run, graph.View());
  RunContext run(1);
  SameBits("leiden", LeidenKernel(), Symmetrised(graph.View(), run)->View());
}

TEST(Laws, StopAtEveryCheckpoint) {
  const Csr tiny = MakeSmallGraph(12).Build();
  const Csr large = SeveralBlocks().Build();
  RunContext run(1);
  for (const Csr* graph : {&tiny, &large}) {
    for (const Named& k : Kernels()) StopsEverywhere(k.name, k.run, graph->View());
  }
  StopsEverywhere("leiden", LeidenKernel(), Symmetrised(tiny.View(), run)->View());
}

TEST(Laws, RelabellingMovesTheAnswers) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    std::vector<VertexIndex> order(small.n);
    for (uint32_t v = 0; v < small.n; ++v) order[v] = v;
    CounterRng rng(seed, 3);
    for (uint32_t i = small.n; i > 1; --i) std::swap(order[i - 1], order[rng.Below(i)]);
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
