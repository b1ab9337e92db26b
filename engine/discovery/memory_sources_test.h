#pragma once
// Sources over plain vectors, for the tests of this room.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/discovery/search.h"
#include "engine/discovery/topic_authority.h"

namespace halqa::discovery {

struct TestAccount {
  AccountFacts facts;
  bool listed = true;
  std::string handle, country;
  std::vector<std::string> languages;
  uint32_t niche = kNoNiche;
  double relevance = 0;  // what the text source answers, whatever the query
};

// A whole small world; Finish() derives what the runtime would.
struct MemoryWorld : AccountSource, TextSource, TopicSource, NicheSource, FollowSource {
  std::vector<TestAccount> accounts;
  std::vector<std::string> platform_names = {"instagram", "tiktok"};
  std::map<std::string, std::vector<TopicEntry>> topic_entries;
  std::map<std::string, double> masses;
  std::vector<double> ranks;
  std::set<std::pair<uint32_t, uint32_t>> follow_pairs;
  std::map<std::string, double> fits;        // "niche/topic"
  std::vector<ScoredAccount> fixed_matches;  // if any, what the text source answers

  std::map<std::string, TopicList> lists;
  std::map<std::string, std::vector<AccountId>> leaders;
  ReachModel model;
  GlobalSignals global;
  SearchSources sources;

  uint32_t size() const override { return static_cast<uint32_t>(accounts.size()); }
  absl::Span<const std::string> platforms() const override { return platform_names; }
  bool Listed(AccountId a) const override { return accounts[Raw(a)].listed; }
  AccountFacts Facts(AccountId a) const override { return accounts[Raw(a)].facts; }
  absl::string_view Text(AccountId a, AccountText which) const override {
    if (which == AccountText::kHandle) return accounts[Raw(a)].handle;
    return which == AccountText::kCountry ? absl::string_view(accounts[Raw(a)].country) : "";
  }
  absl::Span<const std::string> Languages(AccountId a) const override {
    return accounts[Raw(a)].languages;
  }
  absl::StatusOr<std::vector<ScoredAccount>> Search(const text::ResolvedQuery&,
                                                    size_t limit) const override {
    if (!fixed_matches.empty()) return fixed_matches;
    std::vector<ScoredAccount> out;
    for (uint32_t a = 0; a < size(); ++a) {
      if (accounts[a].relevance > 0 && Listed(AccountId{a}))
        out.push_back({AccountId{a}, accounts[a].relevance});
    }
    std::stable_sort(out.begin(), out.end(), [](const ScoredAccount& a, const ScoredAccount& b) {
      return a.score > b.score;
    });
    if (out.size() > limit) out.resize(limit);
    return out;
  }
  std::map<std::string, std::vector<AccountId>> leaf_matches;  // by QueryNode::Describe
  absl::StatusOr<std::vector<AccountId>> Matches(const text::QueryNode& leaf) const override {
    auto it = leaf_matches.find(leaf.Describe());
    return it == leaf_matches.end() ? std::vector<AccountId>() : it->second;
  }
  const TopicList* List(absl::string_view topic) const override {
    auto it = lists.find(std::string(topic));
    return it == lists.end() ? nullptr : &it->second;
  }
  absl::Span<const double> page_rank() const override { return ranks; }
  uint32_t NicheOf(AccountId a) const override { return accounts[Raw(a)].niche; }
  absl::string_view Label(uint32_t niche) const override {
    return niche == 0 ? "tajine" : "football";
  }
  std::optional<double> Fit(uint32_t niche, absl::string_view topic) const override {
    auto it = fits.find(std::to_string(niche) + "/" + std::string(topic));
    return it == fits.end() ? std::nullopt : std::optional<double>(it->second);
  }
  bool Follows(AccountId u, AccountId v) const override {
    return follow_pairs.count({Raw(u), Raw(v)}) > 0;
  }

  void Finish() {
    lists.clear();
    for (auto& [topic, entries] : topic_entries) {
      TopicList& list = lists[topic];
      list.entries = entries;
      list.mass = masses[topic];
      leaders[topic] = TopicLeaders(list, ranks, 5);
      list.leaders = leaders[topic];
    }
    model = ReachModel::Fit(*this, TierBands(), ReachOptions());
    RunContext run(1);
    auto built = GlobalSignals::Build(*this, model, run);
    HALQA_CHECK(built.ok());
    global = *std::move(built);
    sources = {&text::Taxonomy::Default(), this, &global, &model, this, this, this, this, 7, 3, {}};
  }
};

// A random world of `n` accounts with topics food and beauty.
inline std::unique_ptr<MemoryWorld> RandomWorld(uint64_t seed, uint32_t n) {
  CounterRng rng(seed, 77);
  auto world = std::make_unique<MemoryWorld>();
  world->ranks.assign(n, 0);
  for (uint32_t a = 0; a < n; ++a) {
    TestAccount account;
    account.facts.platform = static_cast<uint16_t>(rng.Below(2));
    if (rng.Below(4) != 0) account.facts.declared_followers = rng.Below(5) * 20000;
    account.facts.known_followers = rng.Below(50);
    account.facts.interacting_followers = rng.Below(account.facts.known_followers + 1);
    account.facts.has_document = rng.Below(5) != 0;
    account.listed = rng.Below(10) != 0;
    account.handle = "user" + std::to_string(a);
    account.country = rng.Below(3) == 0 ? "FR" : "MA";
    if (rng.Below(2) == 0) account.niche = static_cast<uint32_t>(rng.Below(2));
    if (account.facts.has_document && rng.Below(2) == 0) {
      account.relevance = static_cast<double>(1 + rng.Below(8)) / 4;
    }
    if (rng.Below(6) != 0) world->ranks[a] = (1 + static_cast<double>(rng.Below(9))) / n;
    world->accounts.push_back(account);
    for (const char* topic : {"food", "beauty"}) {
      if (world->ranks[a] == 0 || rng.Below(3) != 0) continue;
      const double value = (1 + static_cast<double>(rng.Below(9))) / 100;
      world->topic_entries[topic].push_back({AccountId{a}, value});
      world->masses[topic] += value * 1.25;
    }
    for (uint32_t b = 0; b < a; ++b) {
      if (rng.Below(4) == 0) world->follow_pairs.insert({a, b});
    }
  }
  world->fits = {{"0/food", 2.5}, {"1/food", 0.25}, {"0/beauty", 1}};
  world->Finish();
  return world;
}

}  // namespace halqa::discovery
