#include "tools/gen/gen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "tools/gen/relations.h"
#include "tools/gen/wording.h"
#include "tools/gen/words.h"
#include "tools/gen/world.h"

namespace halqa::gen {
namespace {

// The sphere in memory: what a ranking may see, and the truth to judge it by.
struct Sphere {
  explicit Sphere(const GenOptions& options) : world(options), follows(options.accounts) {
    in_degree.assign(options.accounts, 0);
    for (uint32_t a = 0; a < options.accounts; ++a) {
      DrawFollows(world, a, &follows[a]);
      for (const Follow& f : follows[a]) ++in_degree[f.followee];
    }
  }
  // How often an account's public words name the topic in a listed spelling.
  std::vector<double> Evidence(uint32_t topic) const {
    std::vector<double> evidence(world.accounts(), 0);
    AccountRecord record;
    std::vector<PostRecord> posts;
    for (uint32_t a = 0; a < world.accounts(); ++a) {
      MakeAccount(world, a, in_degree[a], &record);
      std::string text = record.bio.value_or("");
      for (const std::string& tag : record.hashtags) absl::StrAppend(&text, " ", tag);
      MakePosts(world, a, in_degree[a], &posts);
      for (const PostRecord& p : posts) absl::StrAppend(&text, " ", p.text);
      for (const auto& tongue : Topics()[topic].words) {
        for (absl::string_view word : tongue) evidence[a] += absl::StrContains(text, word);
      }
    }
    return evidence;
  }
  std::vector<double> PageRank(std::vector<double> teleport) const {
    const double sum = std::accumulate(teleport.begin(), teleport.end(), 0.0);
    for (double& t : teleport) t /= sum;
    std::vector<double> rank = teleport, next(rank.size());
    for (int round = 0; round < 40; ++round) {
      double dangling = 0;
      std::fill(next.begin(), next.end(), 0);
      for (size_t a = 0; a < rank.size(); ++a) {
        if (follows[a].empty()) dangling += rank[a];
        for (const Follow& f : follows[a]) next[f.followee] += .85 * rank[a] / follows[a].size();
      }
      for (size_t a = 0; a < rank.size(); ++a) {
        next[a] += (.15 + .85 * dangling) * teleport[a];
      }
      rank.swap(next);
    }
    return rank;
  }
  double Ndcg10(const std::vector<double>& score, uint32_t topic) const {
    std::vector<uint32_t> order(score.size());
    std::iota(order.begin(), order.end(), 0);
    auto gain = [&](uint32_t a) { return std::log2(1 + world.Expertise(world.Of(a), topic, a)); };
    auto dcg = [&] {
      double sum = 0;
      for (size_t i = 0; i < 10; ++i) sum += gain(order[i]) / std::log2(2.0 + i);
      return sum;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return score[a] > score[b]; });
    const double found = dcg();
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return gain(a) > gain(b); });
    return found / dcg();
  }
  World world;
  std::vector<std::vector<Follow>> follows;
  std::vector<double> in_degree;
};

TEST(Gen, FollowersMisleadAndTheTopicGraphDoesNot) {
  for (uint32_t accounts : {1000u, 20000u}) {
    for (uint64_t seed : {1, 2, 3}) {
      const GenOptions options{.accounts = accounts, .seed = seed, .out_dir = ""};
      const Sphere sphere(options);
      const std::vector<double> everywhere(accounts, 1);
      const std::vector<double> global = sphere.PageRank(everywhere);
      double followers = 0, among = 0, topical = 0;
      for (uint32_t topic = 0; topic < 3; ++topic) {
        const std::vector<double> evidence = sphere.Evidence(topic);
        std::vector<double> seeds = evidence, candidates = sphere.in_degree;
        for (double& s : seeds) s = std::log2(1 + s);
        std::vector<double> score = sphere.PageRank(seeds);
        for (size_t a = 0; a < score.size(); ++a) {
          score[a] *= std::sqrt(score[a] / global[a]);
          if (evidence[a] == 0) candidates[a] = 0;
        }
        followers += sphere.Ndcg10(sphere.in_degree, topic) / 3;
        among += sphere.Ndcg10(candidates, topic) / 3;
        topical += sphere.Ndcg10(score, topic) / 3;
      }
      std::printf(
          "%u accounts, seed %d: NDCG@10 followers %.2f, among matches %.2f, topical %.2f\n",
          accounts, static_cast<int>(seed), followers, among, topical);
      EXPECT_LT(followers, 0.5);
      EXPECT_LT(among, 0.6);
      // A thousand accounts are a toy: its stars are followed by nearly everybody.
      EXPECT_GT(topical, accounts < 5000 ? 0.5 : 0.8);
      EXPECT_GT(topical, followers + 0.2);
    }
  }
}

TEST(Gen, TheSameOptionsGiveTheSameBytesAndOtherSeedsOthers) {
  const std::string dir = ::testing::TempDir() + "gen_test";
  auto run = [&](uint64_t seed, absl::string_view name) {
    GenOptions options{.accounts = 1000, .seed = seed, .out_dir = absl::StrCat(dir, "/", name)};
    RunContext context;
    GenSummary summary;
    EXPECT_TRUE(Generate(options, context, &summary).ok());
    EXPECT_EQ(summary.accounts, 1000u);
    EXPECT_GT(summary.follows, 15000u);
    EXPECT_GT(summary.interactions, 1000u);
    EXPECT_GT(summary.experts, 50u);
    std::string all;
    for (absl::string_view file : {"accounts.ndjson.zst", "follows.tsv.zst", "interactions.tsv.zst",
                                   "posts.ndjson.zst", "truth.csv"}) {
      auto bytes = ReadFile(absl::StrCat(options.out_dir, "/", file));
      EXPECT_TRUE(bytes.ok()) << bytes.status();
      all += bytes.value_or("");
    }
    EXPECT_TRUE(absl::StartsWith(ReadFile(options.out_dir + "/README").value_or(""), "INVENTED"));
    return all;
  };
  const std::string first = run(7, "a");
  EXPECT_EQ(first, run(7, "b"));
  EXPECT_NE(first, run(8, "c"));
  std::filesystem::remove_all(dir);
}

TEST(Gen, ShapesAreAsAskedFor) {
  const GenOptions options{.accounts = 30000, .seed = 5, .out_dir = ""};
  const Sphere sphere(options);
  double follows = 0, on_one_platform = 0, bots_to_buyers = 0, bots = 0;
  std::vector<double> platform(Platforms().size(), 0);
  std::vector<uint8_t> seen(options.accounts, 0);
  for (uint32_t p = 0; p < options.accounts; ++p) {
    const uint32_t a = sphere.world.AtPosition(p);
    ASSERT_EQ(seen[a]++, 0) << "file order is a bijection";
    const Soul soul = sphere.world.Of(a);
    ++platform[soul.platform];
    bots += soul.role == Role::kBot;
    bool buyer = false;
    for (const Follow& f : sphere.follows[a]) {
      const Soul other = sphere.world.Of(f.followee);
      on_one_platform += other.platform == soul.platform;
      buyer = buyer || other.bought;
      EXPECT_NE(f.followee, a);
      ++follows;
    }
    bots_to_buyers += soul.role == Role::kBot && buyer;
  }
  EXPECT_NEAR(follows / options.accounts, options.follows_per_account, 4);
  EXPECT_EQ(on_one_platform, follows);
  EXPECT_EQ(bots, bots_to_buyers);
  EXPECT_GT(bots, 0);
  EXPECT_NEAR(platform[0] / options.accounts, 65.0 / 165, 0.04);
  EXPECT_NEAR(platform[5] / options.accounts, 2.0 / 165, 0.01);
  std::vector<double> sorted = sphere.in_degree;
  std::sort(sorted.rbegin(), sorted.rend());
  EXPECT_GT(sorted[0], 50 * sorted[options.accounts / 2]) << "a power law has a heavy head";
}

TEST(Gen, WrongOptionsAreNamed) {
  RunContext run;
  EXPECT_EQ(ErrorDetails(Generate({.accounts = 10, .out_dir = "x"}, run))["field"], "accounts");
  EXPECT_EQ(ErrorDetails(Generate({.follows_per_account = 0, .out_dir = "x"}, run))["field"],
            "follows_per_account");
  EXPECT_EQ(ErrorReason(Generate({}, run)), "MISSING_FIELD");
}

TEST(Gen, StopsWhenCancelled) {
  RunContext run;
  run.CancelAtCheckpoint(2);
  const std::string dir = ::testing::TempDir() + "gen_cancel";
  EXPECT_EQ(ErrorReason(Generate({.accounts = 20000, .out_dir = dir}, run)), "CANCELLED");
  EXPECT_FALSE(std::filesystem::exists(dir + "/follows.tsv.zst"));
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace halqa::gen
