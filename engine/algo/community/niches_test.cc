// Stable ids of communities, the co-audience graph, overlapping membership.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/algo/community/co_audience.h"
#include "engine/algo/community/niche_tracking.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;
constexpr uint32_t kX = kUntracked;

std::map<uint32_t, NicheFate> Fates(const NicheTrackingResult& result) {
  std::map<uint32_t, NicheFate> fates;
  for (const NicheChange& c : result.changes) fates[c.id] = c.fate;
  return fates;
}

TEST(NicheTracking, EveryFateByHand) {
  RunContext run(1);
  // 10 goes on, 11 falls in two, 12 and 13 become one, 14 dies, one is born.
  const std::vector<uint32_t> before = {10, 10, 10, 11, 11, 11, 11, 11, 12, 12, 12, 13, 13, 14, kX};
  const std::vector<uint32_t> today = {0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, kX, 4};
  const auto got = TrackNiches(before, today, {0.3, 20}, run);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->ids, (std::vector<uint32_t>{10, 11, 20, 12, 21}));
  EXPECT_EQ(got->next_id, 22u);
  const std::map<uint32_t, NicheFate> want = {
      {10, NicheFate::kContinued}, {11, NicheFate::kContinued}, {12, NicheFate::kContinued},
      {13, NicheFate::kMerged},    {14, NicheFate::kDied},      {20, NicheFate::kSplit},
      {21, NicheFate::kBorn}};
  EXPECT_EQ(Fates(*got), want);
  EXPECT_EQ(got->changes[2].other, 11u);
  EXPECT_DOUBLE_EQ(got->changes[2].jaccard, 0.4);
  EXPECT_TRUE(VerifyNicheTracking(before, today, {0.3, 20}, *got).ok());
}

TEST(NicheTracking, RandomPartitionsAgainstSets) {
  RunContext run(1);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    CounterRng rng(seed, 77);
    const uint64_t accounts = rng.Below(40);
    const uint64_t old_count = 1 + rng.Below(6), new_count = 1 + rng.Below(6);
    std::vector<uint32_t> before(accounts), today(accounts);
    for (uint64_t a = 0; a < accounts; ++a) {
      before[a] = static_cast<uint32_t>(rng.Below(old_count));
      today[a] = rng.Below(3) > 0 ? before[a] : static_cast<uint32_t>(rng.Below(new_count));
      if (rng.Below(8) == 0) before[a] = kX;
      if (rng.Below(8) == 0) today[a] = kX;
    }
    const NicheTrackingOptions options{0.1 + 0.1 * static_cast<double>(seed % 5), 7};
    const auto got = TrackNiches(before, today, options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(VerifyNicheTracking(before, today, options, *got).ok())
        << seed << VerifyNicheTracking(before, today, options, *got);
    // Accounts may come in any order.
    std::vector<uint32_t> before2(before.rbegin(), before.rend());
    std::vector<uint32_t> today2(today.rbegin(), today.rend());
    EXPECT_EQ(TrackNiches(before2, today2, options, run)->ids, got->ids);
  }
}

TEST(NicheTracking, TheSameAgainKeepsAllAndIdsAreNeverReused) {
  RunContext run(1);
  std::vector<uint32_t> ids_of(60, kX);
  std::set<uint32_t> ended;
  uint32_t next = 1;
  CounterRng rng(3, 3);
  for (int day = 0; day < 200; ++day) {
    std::vector<uint32_t> today(60);
    for (uint32_t a = 0; a < 60; ++a) {
      today[a] = rng.Below(4) == 0 || day == 0 ? static_cast<uint32_t>(rng.Below(8)) : a % 8;
    }
    const auto got = TrackNiches(ids_of, today, {0.3, next}, run);
    ASSERT_TRUE(got.ok());
    for (const uint32_t id : got->ids) EXPECT_EQ(ended.count(id), 0u);
    for (const NicheChange& c : got->changes) {
      if (c.community == kUntracked) ended.insert(c.id);
    }
    next = got->next_id;
    for (uint32_t a = 0; a < 60; ++a) ids_of[a] = got->ids[today[a]];
    const auto same = TrackNiches(ids_of, today, {0.3, next}, run);
    EXPECT_EQ(same->ids, got->ids);
    EXPECT_EQ(same->next_id, next);
  }
  EXPECT_FALSE(ended.empty());
}

TEST(NicheTracking, RefusesWhatItCannotDo) {
  RunContext run(1);
  const std::vector<uint32_t> one = {0}, two = {0, 1};
  EXPECT_EQ(ErrorReason(TrackNiches(one, two, {}, run).status()), "LENGTH_MISMATCH");
  EXPECT_EQ(ErrorDetails(TrackNiches(one, one, {0.0, 1}, run).status())["field"], "jaccard_min");
  const std::vector<uint32_t> none(2, kX);
  EXPECT_EQ(ErrorReason(TrackNiches(none, two, {0.3, kX - 1}, run).status()),
            "NICHE_IDS_EXHAUSTED");
}

TEST(CoAudience, TinyGraphsAgainstSets) {
  for (uint64_t seed = 0; seed < 2100; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    CoAudienceOptions options;
    options.followers_min = 1 + static_cast<uint32_t>(seed % 3);
    options.cosine_min = seed % 2 == 0 ? 0.2 : 0.6;
    options.follows_max = seed % 5 == 0 ? 3 : 1000;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = CoAudience(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(VerifyCoAudience(graph.View(), options, *got).ok()) << small.name;
    EXPECT_TRUE(ValidateCsr(got->graph.View()).ok()) << small.name;
    std::vector<uint32_t> communities(small.n);
    for (uint32_t v = 0; v < small.n; ++v) communities[v] = v % 5 == 4 ? kX : v % 5;
    const MembershipOptions top{1 + static_cast<uint32_t>(seed % 4)};
    const auto rows = OverlappingMembership(graph.View(), communities, top, run);
    ASSERT_TRUE(rows.ok());
    EXPECT_TRUE(VerifyMembership(graph.View(), communities, top, *rows).ok()) << small.name;
  }
}

Csr Follows() {
  SmallGraph g;
  g.n = 3000;
  CounterRng rng(6, 6);
  for (int i = 0; i < 30000; ++i) {
    g.Add(static_cast<VertexIndex>(rng.Below(g.n)),
          static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * rng.Uniform() * g.n));
  }
  return g.Build();
}

TEST(CoAudience, SameBitsStopsAndCounts) {
  const Csr graph = Follows();
  RunContext one(1), two(2);
  const auto a = CoAudience(graph.View(), {}, one), b = CoAudience(graph.View(), {}, two);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_GT(a->graph.View().arcs(), 1000u);
  EXPECT_EQ(a->graph.View().out_targets, b->graph.View().out_targets);
  EXPECT_EQ(a->graph.View().out_weights, b->graph.View().out_weights);
  EXPECT_EQ(a->paths, b->paths);
  for (uint64_t k = 1; k <= one.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    EXPECT_EQ(ErrorReason(CoAudience(graph.View(), {}, run).status()), "CANCELLED");
  }
  RunContext little(1);
  little.set_memory_bytes_max(EstimateCoAudience(graph.View(), {}, 1) + 24);
  EXPECT_EQ(ErrorReason(CoAudience(graph.View(), {}, little).status()), "MEMORY_LIMIT");
  CoAudienceOptions wrong;
  wrong.cosine_min = 2;
  EXPECT_EQ(ErrorDetails(CoAudience(graph.View(), wrong, one).status())["field"], "cosine_min");
  const std::vector<uint32_t> few(3, 0);
  EXPECT_EQ(ErrorReason(OverlappingMembership(graph.View(), few, {}, one).status()),
            "LENGTH_MISMATCH");
}

}  // namespace
}  // namespace halqa
