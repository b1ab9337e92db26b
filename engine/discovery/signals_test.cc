#include "engine/discovery/signals.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/discovery/memory_sources_test.h"

namespace halqa::discovery {
namespace {

TEST(Tiers, BoundsAreThoseOfTheDefinition) {
  const TierBands bands;
  const std::vector<std::pair<uint64_t, std::string>> expected = {
      {0, "below_nano"}, {999, "below_nano"}, {1000, "nano"},    {9999, "nano"},
      {10000, "micro"},  {49999, "micro"},    {50000, "mid"},    {499999, "mid"},
      {500000, "macro"}, {1000000, "macro"},  {1000001, "mega"}, {uint64_t{1} << 40, "mega"}};
  for (const auto& [followers, tier] : expected) {
    EXPECT_EQ(bands.names[bands.TierOf(followers)], tier) << followers;
  }
}

TEST(Fuse, ContributionsAddUpExactly) {
  CounterRng rng(5, 5);
  for (int i = 0; i < 2000; ++i) {
    SignalValues percentiles;
    std::map<std::string, double> raw;
    for (int s = 0; s < kSignals; ++s) {
      percentiles[s] = rng.Below(4) == 0 ? kUnknownSignal : rng.Uniform();
      raw[std::string(SignalName(static_cast<Signal>(s)))] = rng.Uniform() * 100;
    }
    const SignalWeights weights = *ParseWeights(raw);
    const FusedScore fused = Fuse(percentiles, weights);
    double sum = fused.baseline;
    for (int s = 0; s < kSignals; ++s) {
      sum += fused.contributions[s];
      if (std::isnan(percentiles[s])) {
        EXPECT_EQ(fused.contributions[s], 0);
      }
    }
    EXPECT_NEAR(std::log(fused.score), sum, 1e-12);
    for (auto& [name, weight] : raw) weight *= 1024;  // only ratios matter
    EXPECT_NEAR(Fuse(percentiles, *ParseWeights(raw)).score, fused.score, 1e-12);
    for (int s = 0; s < kSignals; ++s) {  // more is never worse
      if (std::isnan(percentiles[s])) continue;
      SignalValues higher = percentiles;
      higher[s] += (1 - higher[s]) * rng.Uniform();
      EXPECT_GE(Fuse(higher, weights).score, fused.score * (1 - 1e-15));
    }
  }
}

TEST(Weights, AreValidated) {
  EXPECT_EQ(*ParseWeights({}), kDefaultWeights);
  EXPECT_EQ((*ParseWeights({{"relevance", 3}, {"in_degree", 1}}))[0], 0.75);
  auto reason = [](std::map<std::string, double> weights) {
    const auto parsed = ParseWeights(weights);
    EXPECT_EQ(ErrorDetails(parsed.status())["field"], "weights");
    return ErrorReason(parsed.status());
  };
  EXPECT_EQ(reason({{"relevanse", 1}}), "UNKNOWN_SIGNAL");
  EXPECT_EQ(reason({{"relevance", -1}}), "NEGATIVE_WEIGHT");
  EXPECT_EQ(reason({{"relevance", kUnknownSignal}}), "NEGATIVE_WEIGHT");
  EXPECT_EQ(reason({{"relevance", 1.0 / 0.0}}), "NEGATIVE_WEIGHT");
  EXPECT_EQ(reason({{"relevance", 0}}), "ALL_WEIGHTS_ZERO");
}

TEST(Percentiles, MidRankInsideTheGroupAndWiderWhenSmall) {
  std::vector<float> values;
  std::vector<uint16_t> groups;
  for (int i = 0; i < 10; ++i) {
    values.push_back(i < 5 ? 1 : 2 + i);
    groups.push_back(GroupOf(0, 1));
  }
  values.insert(values.end(), {100, NAN});
  groups.insert(groups.end(), {GroupOf(0, 2), GroupOf(0, 2)});
  const PercentileIndex index(values, groups);
  EXPECT_DOUBLE_EQ(index.Percentile(1, GroupOf(0, 1)), 0.25);
  EXPECT_DOUBLE_EQ(index.Percentile(7, GroupOf(0, 1)), 0.55);
  EXPECT_DOUBLE_EQ(index.Percentile(100, GroupOf(0, 2)), 10.5 / 11);  // its platform
  EXPECT_DOUBLE_EQ(index.Percentile(100, GroupOf(1, 0)), 10.5 / 11);  // everybody
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) {
      EXPECT_TRUE(std::isnan(index.percentiles()[i]));
    } else {
      EXPECT_FLOAT_EQ(index.percentiles()[i], index.Percentile(values[i], groups[i]));
    }
  }
  EXPECT_TRUE(std::isnan(index.Percentile(NAN, GroupOf(0, 1))));
  EXPECT_TRUE(std::isnan(PercentileIndex({}, {}).Percentile(1, 0)));
}

TEST(GlobalSignals, AgreeWithCounting) {
  const auto world = RandomWorld(3, 300);
  for (uint32_t a = 0; a < world->size(); ++a) {
    const AccountId id{a};
    const double value = world->global.value(id, Signal::kPotentialReach);
    if (!world->accounts[a].listed || std::isnan(value)) {
      EXPECT_TRUE(std::isnan(world->global.percentile(id, Signal::kPotentialReach)));
      continue;
    }
    double smaller = 0, equal = 0, all = 0;
    for (uint32_t b = 0; b < world->size(); ++b) {
      const double other = world->global.value(AccountId{b}, Signal::kPotentialReach);
      if (std::isnan(other) || world->global.group(AccountId{b}) != world->global.group(id))
        continue;
      if (!world->accounts[b].listed) continue;
      smaller += other < value, equal += other == value, ++all;
    }
    if (all < PercentileIndex::kGroupMin) continue;
    EXPECT_FLOAT_EQ(world->global.percentile(id, Signal::kPotentialReach),
                    (smaller + equal / 2) / all);
  }
}

TEST(Reach, SmoothsAndSaysWhatItCounted) {
  MemoryWorld world;
  auto add = [&world](uint16_t platform, std::optional<uint64_t> declared, uint64_t known,
                      uint64_t interacting) {
    TestAccount account;
    account.facts = {platform, declared, known, interacting, {}, false};
    world.accounts.push_back(account);
  };
  add(0, 20000, 100, 30);
  add(0, 20000, 300, 10);
  add(0, std::nullopt, 10, 10);
  add(0, std::nullopt, 0, 0);
  add(1, 500, 50, 0);  // nobody interacts on this platform
  world.Finish();
  const ReachEstimate one = world.model.Estimate(world.accounts[0].facts);
  EXPECT_EQ(one.potential, 20000);
  EXPECT_EQ(one.potential_source, PotentialSource::kDeclared);
  EXPECT_DOUBLE_EQ(one.prior_rate, 0.1);  // 40 of 400 in micro
  EXPECT_DOUBLE_EQ(one.rate, (30 + 20 * 0.1) / 120);
  EXPECT_DOUBLE_EQ(*one.expected, 20000 * one.rate);
  EXPECT_LT(one.expected_low, *one.expected);
  EXPECT_GT(one.expected_high, *one.expected);
  EXPECT_GE(one.expected_low, 0);
  EXPECT_LE(one.expected_high, 20000);
  EXPECT_EQ(one.observed_followers, 100u);
  EXPECT_EQ(one.window_days, 30);
  const ReachEstimate known = world.model.Estimate(world.accounts[2].facts);
  EXPECT_EQ(known.potential_source, PotentialSource::kKnownFollowers);
  EXPECT_EQ(known.potential, 10);
  EXPECT_EQ(world.model.Estimate(world.accounts[3].facts).potential, std::nullopt);
  const ReachEstimate silent = world.model.Estimate(world.accounts[4].facts);
  EXPECT_EQ(silent.potential, 500);
  EXPECT_EQ(silent.expected, std::nullopt);
}

TEST(TopicAuthority, MixesUnnormalisedVectors) {
  const std::vector<TopicEntry> a = {{AccountId{1}, 0.5}, {AccountId{2}, 0.25}};
  const std::vector<TopicEntry> b = {{AccountId{2}, 0.25}, {AccountId{4}, 0.125}};
  const TopicList la{a, 0.75, {}}, lb{b, 0.5, {}};
  const auto mixed = MixTopics(std::vector<WeightedTopic>{{&la, 1}, {&lb, 2}});
  ASSERT_EQ(mixed.size(), 3u);
  EXPECT_EQ(mixed[1].account, AccountId{2});
  EXPECT_DOUBLE_EQ(mixed[0].value, 0.5 / 1.75);
  EXPECT_DOUBLE_EQ(mixed[1].value, 0.75 / 1.75);
  EXPECT_DOUBLE_EQ(mixed[2].value, 0.25 / 1.75);
  EXPECT_TRUE(MixTopics({}).empty());
  EXPECT_DOUBLE_EQ(SpecificAuthority(0.04, 0.01), 0.08);
  EXPECT_EQ(SpecificAuthority(0, 0.01), 0);
  EXPECT_EQ(SpecificAuthority(0.04, 0), 0.04);
  // A celebrity loses to a specialist of the same topic rank.
  const std::vector<double> ranks = {0, 0.9, 0.01};
  EXPECT_EQ(TopicLeaders(la, ranks, 1), std::vector<AccountId>{AccountId{2}});
}

}  // namespace
}  // namespace halqa::discovery
