// Communities of shared audiences, and how good a partition is.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/algo/community/co_audience_communities.h"
#include "engine/algo/community/partition_quality.h"
#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

TEST(CoAudienceCommunities, TinyGraphsByTheVerifier) {
  uint32_t grouped = 0, members = 0;
  for (uint64_t seed = 0; seed < 2100; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    CoAudienceCommunitiesOptions options;
    options.co_audience.followers_min = 1 + static_cast<uint32_t>(seed % 3);
    options.co_audience.cosine_min = seed % 2 == 0 ? 0.2 : 0.6;
    options.co_audience.follows_max = seed % 5 == 0 ? 3 : 1000;
    RunContext run(1 + static_cast<int>(seed % 2));
    run.set_memory_bytes_max(EstimateCoAudienceCommunities(graph.View(), options));
    const auto got = CoAudienceCommunities(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    const absl::Status verified = VerifyCoAudienceCommunities(graph.View(), options, *got);
    EXPECT_TRUE(verified.ok()) << small.name << verified;
    grouped += got->grouped;
    members += got->members;
  }
  EXPECT_GT(grouped, 1000u);
  EXPECT_GT(members, 1000u);
}

// Two halls of fans: ten stars each, whose fans follow only stars of their hall.
Csr TwoHalls() {
  SmallGraph g;
  g.n = 420;
  CounterRng rng(2, 2);
  for (uint32_t fan = 20; fan < g.n; ++fan) {
    for (int i = 0; i < 5; ++i)
      g.Add(fan, 10 * (fan % 2) + static_cast<VertexIndex>(rng.Below(10)));
  }
  return g.Build();
}

TEST(CoAudienceCommunities, FindsTwoHallsAndTheirFans) {
  const Csr graph = TwoHalls();
  RunContext run(2);
  const auto got = CoAudienceCommunities(graph.View(), {}, run);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->count, 2u);
  EXPECT_EQ(got->grouped, 20u);
  EXPECT_EQ(got->members, 400u);
  EXPECT_NEAR(got->modularity, 0.5, 0.01);
  for (uint32_t v = 0; v < 420; ++v) {
    EXPECT_EQ(got->communities[v], v < 20 ? v / 10 : v % 2);
    EXPECT_EQ(got->shares[v], 1);
  }
  auto wrong = *got;
  wrong.communities[100] = 1 - wrong.communities[100];
  EXPECT_EQ(ErrorReason(VerifyCoAudienceCommunities(graph.View(), {}, wrong)), "VERIFY_FAILED");
}

TEST(CoAudienceCommunities, RefusesWhatIsTooMuch) {
  const Csr graph = TwoHalls();
  RunContext run(1);
  CoAudienceCommunitiesOptions options;
  options.arcs_max = 10;
  EXPECT_EQ(ErrorReason(CoAudienceCommunities(graph.View(), options, run).status()),
            "TOO_MANY_ARCS");
  options.arcs_max = 1;
  EXPECT_EQ(ErrorDetails(CoAudienceCommunities(graph.View(), options, run).status())["field"],
            "arcs_max");
}

TEST(PartitionQuality, AgreesWithEachFigureAlone) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    small.undirected = true;
    const Csr graph = small.Build();
    std::vector<uint32_t> labels(small.n);
    CounterRng rng(seed, 6);
    for (uint32_t& label : labels) label = static_cast<uint32_t>(rng.Below(1 + small.n / 3));
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = MeasurePartition(graph.View(), labels, run);
    auto conductance = *Conductance(graph.View(), labels);
    EXPECT_NEAR(got->modularity, *Modularity(graph.View(), labels, 1), 1e-12) << small.name;
    EXPECT_NEAR(got->coverage, *Modularity(graph.View(), labels, 0), 1e-12) << small.name;
    EXPECT_EQ(got->communities, conductance.by_community.size());
    EXPECT_NEAR(got->conductance_mean, conductance.mean, 1e-12) << small.name;
    EXPECT_NEAR(got->conductance_largest, conductance.largest, 1e-12) << small.name;
    std::sort(conductance.by_community.begin(), conductance.by_community.end());
    EXPECT_NEAR(got->conductance_median,
                conductance.by_community[conductance.by_community.size() / 2], 1e-12);
  }
}

}  // namespace
}  // namespace halqa
