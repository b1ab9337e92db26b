// Kernels with one right answer: degree, core numbers, weak components. Each against its verifier,
// which uses another method, on many tiny graphs and one that needs several blocks.

#include <gtest/gtest.h>

#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

SmallGraph Large(bool undirected) {
  SmallGraph g;
  g.n = 20000;
  g.undirected = undirected;
  CounterRng rng(4, 4);
  for (int i = 0; i < 60000; ++i) {
    // Leaves many isolated vertices and many small components.
    g.Add(static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n),
          static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * g.n));
  }
  return g;
}

void Check(const SmallGraph& small) {
  const Csr graph = small.Build();
  const CsrView view = graph.View();
  for (const int threads : {1, 2}) {
    RunContext run(threads);
    for (const DegreeKind kind : {DegreeKind::kIn, DegreeKind::kOut, DegreeKind::kTotal}) {
      const DegreeOptions options{kind, small.weighted};
      EXPECT_TRUE(VerifyDegree(view, options, *Degree(view, options, run)).ok()) << small.name;
    }
    for (const CoreDegree degree : {CoreDegree::kTotal, CoreDegree::kIn, CoreDegree::kOut}) {
      const auto cores = KCore(view, {degree}, run);
      EXPECT_TRUE(VerifyKCore(view, {degree}, *cores).ok()) << small.name;
    }
    EXPECT_TRUE(VerifyWeakComponents(view, *WeakComponents(view, {}, run)).ok()) << small.name;
    CsrView out_only = view;
    out_only.in_offsets = {};
    out_only.in_sources = {};
    out_only.symmetric = false;
    EXPECT_TRUE(VerifyWeakComponents(out_only, *WeakComponents(out_only, {}, run)).ok());
    EXPECT_EQ(ErrorReason(KCore(out_only, {}, run).status()),
              view.vertices > 0 ? "MISSING_IN_ROWS" : "");
  }
}

TEST(ExactKernels, TinyGraphs) {
  for (uint64_t seed = 0; seed < 400; ++seed) Check(MakeSmallGraph(seed));
}

TEST(ExactKernels, ManyBlocks) {
  Check(Large(false));
  Check(Large(true));
}

TEST(ExactKernels, NoVertices) {
  RunContext run(2);
  const Csr none = *BuildCsr({}, {}, run);
  EXPECT_TRUE(Degree(none.View(), {}, run)->values.empty());
  EXPECT_TRUE(KCore(none.View(), {}, run)->cores.empty());
  EXPECT_EQ(WeakComponents(none.View(), {}, run)->components, 0u);
}

TEST(ExactKernels, VerifiersSeeAWrongAnswer) {
  const Csr graph = MakeSmallGraph(21).Build();
  RunContext run(1);
  auto degree = *Degree(graph.View(), {}, run);
  auto cores = *KCore(graph.View(), {}, run);
  auto components = *WeakComponents(graph.View(), {}, run);
  degree.values[0] += 1;
  cores.cores[0] += 1;
  components.labels[0] += 1;
  EXPECT_EQ(ErrorReason(VerifyDegree(graph.View(), {}, degree)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyKCore(graph.View(), {}, cores)), "VERIFY_FAILED");
  EXPECT_EQ(ErrorReason(VerifyWeakComponents(graph.View(), components)), "VERIFY_FAILED");
}

}  // namespace
}  // namespace halqa
