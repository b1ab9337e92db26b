#include "engine/algo/community/leiden_hierarchy.h"

#include <gtest/gtest.h>

#include "engine/algo/community/leiden.h"
#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

TEST(LeidenHierarchy, TinyGraphsKeepEveryPromise) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    RunContext run(1), two(2);
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = *Symmetrised(small.Build().View(), run);
    LeidenHierarchyOptions options;
    options.levels = 4;
    options.resolution = seed % 3 == 0 ? 0.2 : 1;
    options.divide_min = seed % 2 == 0 ? 2 : 5;
    options.seed = seed;
    const auto got = LeidenHierarchy(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    const absl::Status verified = VerifyLeidenHierarchy(graph.View(), options, *got);
    EXPECT_TRUE(verified.ok()) << small.name << " " << verified;
    const auto again = LeidenHierarchy(graph.View(), options, two);
    for (int i = 0; i < options.levels; ++i) {
      EXPECT_EQ(again->levels[i].communities, got->levels[i].communities);
    }
  }
}

// `groups` groups of `parts` parts of `size` vertices; edges per vertex inside the part, the group
// and the whole.
SmallGraph TwoLevels(uint32_t groups, uint32_t parts, uint32_t size, std::vector<uint32_t>* group,
                     std::vector<uint32_t>* part) {
  SmallGraph g;
  g.n = groups * parts * size;
  g.undirected = true;
  CounterRng rng(5, 9);
  for (uint32_t v = 0; v < g.n; ++v) {
    group->push_back(v / (parts * size));
    part->push_back(v / size);
    for (int e = 0; e < 5; ++e) g.Add(v, v / size * size + rng.Below(size));
    for (int e = 0; e < 3; ++e) {
      g.Add(v, v / (parts * size) * (parts * size) + rng.Below(parts * size));
    }
    g.Add(v, rng.Below(g.n));
  }
  return g;
}

TEST(LeidenHierarchy, FindsTwoPlantedLevels) {
  std::vector<uint32_t> group, part;
  const Csr graph = TwoLevels(8, 10, 100, &group, &part).Build();
  RunContext run(2);
  LeidenHierarchyOptions options;
  options.levels = 2;
  options.factor = 16;
  const auto got = LeidenHierarchy(graph.View(), options, run);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_GE(*AdjustedMutualInformation(got->levels[0].communities, group), 0.95);
  EXPECT_GE(*AdjustedMutualInformation(got->levels[1].communities, part), 0.95);
  EXPECT_TRUE(VerifyLeidenHierarchy(graph.View(), options, *got).ok());
}

TEST(LeidenHierarchy, OneLevelIsLeiden) {
  std::vector<uint32_t> group, part;
  const Csr graph = TwoLevels(4, 5, 20, &group, &part).Build();
  RunContext run(1);
  LeidenHierarchyOptions options;
  options.levels = 1;
  const auto got = LeidenHierarchy(graph.View(), options, run);
  EXPECT_EQ(got->levels[0].communities, Leiden(graph.View(), {}, run)->communities);
}

TEST(LeidenHierarchy, SmallCommunitiesStayWhole) {
  std::vector<uint32_t> group, part;
  const Csr graph = TwoLevels(4, 5, 20, &group, &part).Build();
  RunContext run(1);
  LeidenHierarchyOptions options;
  options.levels = 2;
  options.factor = 1000;
  options.divide_min = 101;
  const auto got = LeidenHierarchy(graph.View(), options, run);
  const auto& levels = got->levels;
  std::vector<uint32_t> sizes(levels[0].parents.size(), 0), parts(sizes.size(), 0);
  for (const uint32_t c : levels[0].communities) ++sizes[c];
  for (const uint32_t p : levels[1].parents) ++parts[p];
  for (size_t c = 0; c < sizes.size(); ++c) EXPECT_EQ(parts[c] == 1, sizes[c] < 101) << sizes[c];
}

TEST(LeidenHierarchy, TheVerifierFindsDamage) {
  std::vector<uint32_t> group, part;
  const Csr graph = TwoLevels(4, 5, 20, &group, &part).Build();
  RunContext run(1);
  LeidenHierarchyOptions options;
  const auto got = LeidenHierarchy(graph.View(), options, run);
  auto refused = [&](auto damage) {
    LeidenHierarchyResult bad = *got;
    damage(&bad.levels[1]);
    return ErrorReason(VerifyLeidenHierarchy(graph.View(), options, bad)) == "VERIFY_FAILED";
  };
  EXPECT_TRUE(refused([](HierarchyLevel* l) { l->modularity += 1e-6; }));
  EXPECT_TRUE(refused([](HierarchyLevel* l) { l->resolution = 1; }));
  EXPECT_TRUE(refused([](HierarchyLevel* l) { ++l->parents[1]; }));
  EXPECT_TRUE(
      refused([](HierarchyLevel* l) { std::swap(l->communities[0], l->communities[399]); }));
}

TEST(LeidenHierarchy, RefusesWhatItCannotDo) {
  RunContext run(1);
  const Csr directed = MakeSmallGraph(5).Build();
  EXPECT_EQ(ErrorReason(LeidenHierarchy(directed.View(), {}, run).status()), "NOT_SYMMETRIC");
  const Csr graph = *Symmetrised(directed.View(), run);
  LeidenHierarchyOptions options;
  options.factor = 1;
  EXPECT_EQ(ErrorDetails(LeidenHierarchy(graph.View(), options, run).status())["field"], "factor");
}

}  // namespace
}  // namespace halqa
