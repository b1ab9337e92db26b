// What every algorithm of the registry promises, whatever it computes: the same bits for any number
// of threads and in every run, a stop at every checkpoint and at a deadline, progress that never
// falls, a refusal below its own estimate, an answer for the empty graph.

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/runtime/registry.h"
#include "tests/support/small_graphs.h"
#include "tools/common/stop_latency.h"

namespace halqa {

void PrintTo(const AlgorithmDescriptor& algorithm, std::ostream* out) { *out << algorithm.name; }

namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

// Uneven degrees, several blocks of work.
SmallGraph Large(uint32_t n, int arcs) {
  SmallGraph g;
  g.n = n;
  g.weighted = true;
  CounterRng rng(8, 8);
  for (int i = 0; i < arcs; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Below(g.n)), static_cast<float>(rng.Uniform()));
  }
  return g;
}

// What must be given: vertex 0 wherever a run starts, the last one where it ends.
ParameterValues Required(const AlgorithmDescriptor& algorithm, uint32_t vertices) {
  ParameterValues values;
  for (const ParameterDescriptor& p : algorithm.parameters) {
    if (p.name == "hops") values[p.name] = "3";
    if (!p.default_value.empty()) continue;
    EXPECT_EQ(p.type, ParameterType::kVertices) << algorithm.name << " " << p.name;
    values[p.name] = p.name == "target" ? absl::StrCat(vertices - 1) : "0";
  }
  return values;
}

std::string Bits(const AlgorithmResult& result) {
  std::string bits;
  auto add = [&](const auto& values) {
    bits.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  std::visit(add, result.values);
  for (const ValueColumn& column : result.columns) add(column.values);
  return bits;
}

class Contract : public ::testing::TestWithParam<AlgorithmDescriptor> {
 protected:
  const AlgorithmDescriptor& algorithm() const { return GetParam(); }
  ParameterValues Given(const Csr& graph) const {
    return Required(algorithm(), graph.View().vertices);
  }
  bool HasTarget() const { return Required(algorithm(), 1).count("target") > 0; }

  absl::StatusOr<AlgorithmResult> Run(const Csr& graph, RunContext& run) const {
    return RunAlgorithm(algorithm().name, graph.View(), Given(graph), run);
  }
  Csr Fit(Csr graph) const {
    if (!algorithm().undirected) return graph;
    RunContext run(1);
    return *Symmetrised(graph.View(), run);
  }
  Csr Tiny() const { return Fit(MakeSmallGraph(12).Build()); }
  Csr Big() const {
    return Fit(algorithm().superlinear ? Large(500, 3000).Build() : Large(40000, 150000).Build());
  }
};

TEST_P(Contract, SameBitsForAnyThreadsAndInEveryRun) {
  for (const Csr& graph : {Tiny(), Big()}) {
    RunContext one(1), again(1), two(2), three(3);
    const auto first = Run(graph, one);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_TRUE(Bits(*first) == Bits(*Run(graph, again)));
    EXPECT_TRUE(Bits(*first) == Bits(*Run(graph, two)));
    EXPECT_TRUE(Bits(*first) == Bits(*Run(graph, three)));
    EXPECT_EQ(std::visit([](const auto& v) { return v.size(); }, first->values),
              graph.View().vertices);
  }
}

TEST_P(Contract, StopsAtEveryCheckpointAndAtADeadline) {
  for (const Csr& graph : {Tiny(), Big()}) {
    RunContext whole(1);
    double last = 0;
    whole.set_progress([&](double fraction) {
      EXPECT_GE(fraction, last);
      EXPECT_LE(fraction, 1);
      last = fraction;
    });
    ASSERT_TRUE(Run(graph, whole).ok());
    EXPECT_GT(whole.checkpoints(), 0u);
    // Every k on the small graph, a sample on the large one.
    const uint64_t step =
        graph.View().vertices < 100 ? 1 : std::max<uint64_t>(1, whole.checkpoints() / 25);
    for (uint64_t k = 1; k <= whole.checkpoints(); k += step) {
      RunContext run(1);
      run.CancelAtCheckpoint(k);
      EXPECT_EQ(ErrorReason(Run(graph, run).status()), "CANCELLED") << "at " << k;
    }
    RunContext late(2);
    late.set_deadline(RunContext::Clock::now());
    EXPECT_EQ(ErrorReason(Run(graph, late).status()), "DEADLINE_EXCEEDED");
  }
}

// 100 ms from the request to the return, at random moments. Another program may have held the
// machine: of three measurements the best counts.
TEST_P(Contract, StopsSoonAtAnyMoment) {
  static const Csr* const directed = new Csr(Large(200000, 1500000).Build());
  static const Csr* const symmetric = [] {
    RunContext run;
    return new Csr(*Symmetrised(directed->View(), run));
  }();
  const Csr& graph = algorithm().undirected ? *symmetric : *directed;
  double best = 1e9;
  for (uint64_t seed = 0; seed < 6 && best > 100; seed += 2) {
    double worst = 0;
    for (const bool by_deadline : {false, true}) {
      const auto got = MeasureStops([&](RunContext& run) { return Run(graph, run).status(); },
                                    {2, 2, 0.2, by_deadline, seed + (by_deadline ? 1 : 0)});
      ASSERT_TRUE(got.ok()) << got.status();
      worst = std::max(worst, got->Worst());
    }
    best = std::min(best, worst);
  }
  EXPECT_LE(best, 100);
}

TEST_P(Contract, RefusesLessThanItsOwnEstimate) {
  const Csr graph = Big();
  const auto bytes = EstimateAlgorithm(algorithm().name, graph.View(), Given(graph), 1);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  ASSERT_GT(*bytes, 0u);
  RunContext less(1), enough(1);
  less.set_memory_bytes_max(algorithm().adaptive ? 1 : *bytes - 1);
  enough.set_memory_bytes_max(*bytes);
  const auto refused = Run(graph, less);
  EXPECT_EQ(ErrorReason(refused.status()), "MEMORY_LIMIT");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  const auto run = Run(graph, enough);
  EXPECT_TRUE(run.ok()) << run.status();
}

TEST_P(Contract, AnswersEveryShape) {
  for (uint64_t seed = 0; seed < 108; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = Fit(small.Build());
    RunContext run(1);
    const auto got = Run(graph, run);
    if (HasTarget() && small.n == 1) {
      EXPECT_EQ(ErrorReason(got.status()), "SOURCE_IS_TARGET");
      continue;
    }
    EXPECT_TRUE(got.ok()) << small.name << got.status();
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, Contract, ::testing::ValuesIn(Algorithms()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace halqa
