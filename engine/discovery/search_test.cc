#include "engine/discovery/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <set>

#include "engine/base/error.h"
#include "engine/discovery/memory_sources_test.h"

namespace halqa::discovery {
namespace {

using ::testing::HasSubstr;

SearchAnswer Search(const MemoryWorld& world, const SearchRequest& request) {
  RunContext run(1);
  auto answer = SearchInfluencers(request, world.sources, run);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *std::move(answer) : SearchAnswer();
}

SearchRequest Food() {
  SearchRequest request;
  request.query = "chhiwat";
  request.page_size = 1000;
  return request;
}

// Scores every account alone, by definition: counts instead of sorting, products instead of logs.
class Oracle {
 public:
  Oracle(const MemoryWorld& world, std::vector<std::string> topics, SignalWeights weights)
      : world_(world), topics_(std::move(topics)), weights_(weights) {
    for (uint32_t a = 0; a < world_.size(); ++a) values_.push_back(ValuesOf(a));
  }

  std::vector<std::pair<double, uint32_t>> Ranking() const {
    std::vector<std::pair<double, uint32_t>> ranking;
    for (uint32_t a = 0; a < world_.size(); ++a) {
      if (!IsCandidate(a)) continue;
      double score = 1;
      for (int s = 0; s < kSignals; ++s) score *= std::pow(0.01 + PercentileOf(a, s), weights_[s]);
      ranking.emplace_back(-score, a);
    }
    std::sort(ranking.begin(), ranking.end());
    return ranking;
  }

 private:
  double TopicRank(uint32_t a) const {
    double rank = 0, mass = 0;
    for (const std::string& topic : topics_) {
      mass += world_.masses.at(topic);
      for (const TopicEntry& e : world_.topic_entries.at(topic)) {
        if (Raw(e.account) == a) rank += e.value;
      }
    }
    return rank / mass;
  }
  bool IsCandidate(uint32_t a) const {
    return world_.accounts[a].listed && (world_.accounts[a].relevance > 0 || TopicRank(a) > 0);
  }
  SignalValues ValuesOf(uint32_t a) const {
    const TestAccount& account = world_.accounts[a];
    SignalValues v = UnknownSignals();
    if (account.facts.has_document) v[0] = account.relevance;
    const double rank = TopicRank(a), pr = world_.ranks[a];
    if (pr > 0) v[1] = rank * std::sqrt(rank / pr);
    double fit = 0;
    int fits = 0;
    for (const std::string& topic : topics_) {
      const auto found = world_.Fit(account.niche, topic);
      if (found.has_value()) fit += *found, ++fits;
    }
    if (fits > 0) v[2] = fit / fits;
    const ReachEstimate reach = world_.model.Estimate(account.facts);
    if (reach.expected) v[3] = *reach.expected;
    if (reach.potential) v[4] = *reach.potential;
    v[5] = static_cast<double>(account.facts.known_followers);
    return v;
  }
  // Query signals: among candidates; the others: among listed accounts.
  double PercentileOf(uint32_t a, int signal) const {
    if (std::isnan(values_[a][signal])) return 0.5;
    for (int width = 0; width < 3; ++width) {
      double smaller = 0, equal = 0, all = 0;
      for (uint32_t b = 0; b < world_.size(); ++b) {
        if (signal < kQuerySignals ? !IsCandidate(b) : !world_.accounts[b].listed) continue;
        if (std::isnan(values_[b][signal])) continue;
        const AccountFacts &x = world_.accounts[a].facts, &y = world_.accounts[b].facts;
        const TierBands bands;
        const bool same_tier = bands.TierOf(FollowersOf(x)) == bands.TierOf(FollowersOf(y));
        if (width < 2 && x.platform != y.platform) continue;
        if (width == 0 && !same_tier) continue;
        const auto u = static_cast<float>(values_[b][signal]);
        const auto v = static_cast<float>(values_[a][signal]);
        smaller += u < v, equal += u == v, ++all;
      }
      if (all >= PercentileIndex::kGroupMin || width == 2) return (smaller + equal / 2) / all;
    }
    return 0.5;
  }

  const MemoryWorld& world_;
  std::vector<std::string> topics_;
  SignalWeights weights_;
  std::vector<SignalValues> values_;
};

TEST(Search, EqualsBruteForceOverAllAccounts) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    const auto world = RandomWorld(seed, 40 + static_cast<uint32_t>(seed) * 7);
    SearchRequest request = Food();
    std::vector<std::string> topics = {"food"};
    if (seed % 2 == 0) {
      request.topics = {"beauty"};
      topics.push_back("beauty");
    }
    const SearchAnswer answer = Search(*world, request);
    EXPECT_EQ(answer.topics, topics);
    const auto ranking = Oracle(*world, topics, kDefaultWeights).Ranking();
    ASSERT_EQ(answer.hits.size(), ranking.size()) << "seed " << seed;
    for (size_t i = 0; i < ranking.size(); ++i) {
      const SearchHit& hit = answer.hits[i];
      EXPECT_NEAR(hit.score, -ranking[i].first, 1e-6) << "seed " << seed << " rank " << i;
      EXPECT_EQ(hit.rank, i + 1);
      double sum = answer.baseline;
      for (const SignalAnswer& signal : hit.signals) sum += signal.contribution;
      EXPECT_NEAR(std::log(hit.score), sum, 1e-12);
      if (i > 0 && answer.hits[i - 1].score == hit.score) {
        EXPECT_LT(answer.hits[i - 1].account, hit.account);
      }
    }
  }
}

TEST(Search, PagesConcatenateToOneBigPage) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const auto world = RandomWorld(seed, 150);
    SearchRequest request = Food();
    request.filter = "country = MA";
    const SearchAnswer whole = Search(*world, request);
    EXPECT_FALSE(whole.next.has_value());
    for (int page_size : {1, 7, 50}) {
      request.page_size = page_size;
      request.after.reset();
      std::vector<SearchHit> hits;
      do {
        SearchAnswer page = Search(*world, request);
        EXPECT_EQ(page.matched, whole.hits.size());
        EXPECT_LE(page.hits.size(), static_cast<size_t>(page_size));
        request.after = page.next;
        for (SearchHit& hit : page.hits) hits.push_back(std::move(hit));
      } while (request.after.has_value());
      ASSERT_EQ(hits.size(), whole.hits.size());
      for (size_t i = 0; i < hits.size(); ++i) {
        EXPECT_EQ(hits[i].account, whole.hits[i].account);
        EXPECT_EQ(hits[i].rank, i + 1);
      }
    }
  }
}

TEST(Search, AFilterRemovesButNeverChangesScores) {
  const auto world = RandomWorld(4, 200);
  std::map<AccountId, double> scores;
  for (const SearchHit& hit : Search(*world, Food()).hits) scores[hit.account] = hit.score;
  SearchRequest request = Food();
  request.filter = "tier >= micro AND platform = tiktok AND followers:*";
  const SearchAnswer answer = Search(*world, request);
  EXPECT_GT(answer.hits.size(), 0u);
  EXPECT_LT(answer.matched, answer.candidates);
  for (const SearchHit& hit : answer.hits) {
    EXPECT_EQ(hit.score, scores[hit.account]);
    EXPECT_EQ(world->accounts[Raw(hit.account)].facts.platform, 1);
  }
  request.filter = "user1* topic_authority > 0";
  for (const SearchHit& hit : Search(*world, request).hits) {
    EXPECT_THAT(world->accounts[Raw(hit.account)].handle, HasSubstr("user1"));
  }
}

TEST(Search, RaisingASignalNeverLowersTheRank) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    const auto world = RandomWorld(seed, 80);
    const SearchAnswer before = Search(*world, Food());
    for (size_t i = 0; i < before.hits.size(); i += 5) {
      const SearchHit& hit = before.hits[i];
      TestAccount& account = world->accounts[Raw(hit.account)];
      if (!account.facts.has_document) continue;
      const double old = account.relevance;
      account.relevance = old + 0.6;
      RunContext run(1);
      auto standing = RankOf(Food(), hit.account, world->sources, run);
      ASSERT_TRUE(standing.ok());
      EXPECT_LE(standing->rank, hit.rank) << "seed " << seed;
      account.relevance = old;
    }
  }
}

TEST(Search, ReasonsNicheAndReachComeWithEachHit) {
  const auto world = RandomWorld(6, 120);
  const SearchAnswer answer = Search(*world, Food());
  EXPECT_THAT(answer.query.Describe(), HasSubstr("شهيوات"));
  const TopicList& list = world->lists["food"];
  for (const SearchHit& hit : answer.hits) {
    uint32_t following = 0, of = 0;
    for (AccountId leader : list.leaders) {
      if (leader == hit.account || !world->Listed(leader)) continue;
      ++of;
      following += world->Follows(leader, hit.account) ? 1 : 0;
    }
    uint32_t said = 0;
    for (const Reason& reason : hit.reasons) {
      if (reason.kind != Reason::Kind::kLeadersFollow) continue;
      said = reason.count;
      EXPECT_EQ(reason.of, of);
      EXPECT_EQ(reason.topic, "food");
      EXPECT_EQ(reason.accounts.size(), std::min<size_t>(reason.count, 5));
    }
    EXPECT_EQ(said, following);
    EXPECT_EQ(hit.niche_label.empty(), hit.niche == kNoNiche);
    EXPECT_EQ(hit.signals[3].known(), hit.reach.expected.has_value());
  }
}

TEST(RankOf, AgreesWithTheListAndPlacesOutsiders) {
  const auto world = RandomWorld(8, 120);
  SearchRequest request = Food();
  request.filter = "country = MA";
  const SearchAnswer answer = Search(*world, request);
  std::map<AccountId, uint64_t> ranks;
  for (const SearchHit& hit : answer.hits) ranks[hit.account] = hit.rank;
  int outside = 0, filtered = 0;
  for (uint32_t a = 0; a < world->size(); ++a) {
    RunContext run(1);
    auto standing = RankOf(request, AccountId{a}, world->sources, run);
    if (!world->accounts[a].listed) {
      EXPECT_EQ(ErrorReason(standing.status()), "ACCOUNT_NOT_LISTED");
      continue;
    }
    ASSERT_TRUE(standing.ok());
    EXPECT_EQ(standing->matched, answer.matched);
    if (ranks.count(AccountId{a}) > 0) {
      EXPECT_EQ(standing->state, Standing::State::kRanked);
      EXPECT_EQ(standing->rank, ranks[AccountId{a}]);
      EXPECT_EQ(standing->hit.score, answer.hits[standing->rank - 1].score);
    } else {
      outside += standing->state == Standing::State::kOutside;
      filtered += standing->state == Standing::State::kFilteredOut;
      uint64_t better = 0;
      for (const SearchHit& hit : answer.hits) {
        better += hit.score > standing->hit.score ||
                  (hit.score == standing->hit.score && Raw(hit.account) < a);
      }
      EXPECT_EQ(standing->rank, better + 1);
    }
  }
  EXPECT_GT(outside, 0);
  EXPECT_GT(filtered, 0);
}

// Without words and topics everybody who may be listed is compared, by what does not depend on
// them.
TEST(Search, NoWordsAndNoTopicsCompareEverybody) {
  const auto world = RandomWorld(7, 120);
  SearchRequest request;
  request.query = " \t";
  request.page_size = 1000;
  RunContext run(1);
  const auto answer = SearchInfluencers(request, world->sources, run);
  ASSERT_TRUE(answer.ok()) << answer.status();
  std::set<uint32_t> listed, found;
  for (uint32_t id = 0; id < world->sources.accounts->size(); ++id) {
    if (world->sources.accounts->Listed(AccountId{id})) listed.insert(id);
  }
  const auto ranks = world->sources.topics->page_rank();
  for (const SearchHit& hit : answer->hits) {
    found.insert(Raw(hit.account));
    EXPECT_FALSE(hit.signals[static_cast<size_t>(Signal::kRelevance)].known());
    EXPECT_FALSE(hit.signals[static_cast<size_t>(Signal::kNicheFit)].known());
    const double rank = Raw(hit.account) < ranks.size() ? ranks[Raw(hit.account)] : 0;
    const SignalAnswer& authority = hit.signals[static_cast<size_t>(Signal::kTopicAuthority)];
    EXPECT_EQ(authority.known(), rank > 0);
    if (rank > 0) {
      EXPECT_FLOAT_EQ(authority.value, rank);
    }
  }
  EXPECT_EQ(found, listed);
  EXPECT_EQ(answer->matched, listed.size());
}

TEST(Search, ErrorsNameTheField) {
  const auto world = RandomWorld(1, 40);
  auto check = [&world](SearchRequest request, absl::string_view reason, absl::string_view field) {
    RunContext run(1);
    const absl::Status status = SearchInfluencers(request, world->sources, run).status();
    EXPECT_EQ(ErrorReason(status), reason) << status;
    EXPECT_EQ(ErrorDetails(status)["field"], field) << status;
  };
  SearchRequest request;
  request.query = "le @x";
  check(request, "QUERY_NOT_UNDERSTOOD", "query");
  request.query = "\xff";
  check(request, "QUERY_NOT_UTF8", "query");
  request.query = std::string(1025, 'a');
  check(request, "QUERY_TOO_LONG", "query");
  request = Food();
  request.page_size = -1;
  check(request, "NEGATIVE_PAGE_SIZE", "page_size");
  request = Food();
  request.topics = {"fod"};
  check(request, "UNKNOWN_TOPIC", "topics");
  request = Food();
  request.filter = "folowers > 3";
  check(request, "FILTER_UNKNOWN_FIELD", "filter");
  request = Food();
  request.weights = {{"fame", 1}};
  check(request, "UNKNOWN_SIGNAL", "weights");
  request = Food();
  request.topics = {"politics"};
  check(request, "TOPIC_SENSITIVE", "");
  request.topics = {};
  request.query = "politique";
  check(request, "TOPIC_SENSITIVE", "");
}

TEST(Search, SensitiveTopicsNeedAGrant) {
  const auto world = RandomWorld(1, 60);
  SearchRequest request = Food();
  request.query = "cuisine politique";
  SearchAnswer answer = Search(*world, request);
  EXPECT_EQ(answer.withheld_topics, std::vector<std::string>{"politics"});
  EXPECT_EQ(answer.topics, std::vector<std::string>{"food"});
  EXPECT_EQ(answer.query.topics.size(), 1u);
  request.allow_sensitive = true;
  answer = Search(*world, request);
  EXPECT_EQ(answer.topics, (std::vector<std::string>{"food", "politics"}));
}

TEST(Search, CursorsAreBoundToRequestAndGeneration) {
  const auto world = RandomWorld(2, 100);
  SearchRequest request = Food();
  request.page_size = 3;
  request.after = Search(*world, request).next;
  ASSERT_TRUE(request.after.has_value());
  EXPECT_EQ(request.after->generation, 7u);
  EXPECT_EQ(request.after->snapshot, 3u);
  request.page_size = 9;  // may change between pages
  EXPECT_EQ(Search(*world, request).hits.front().rank, 4u);
  RunContext run(1);
  SearchRequest other = request;
  other.filter = "country = MA";
  EXPECT_EQ(ErrorReason(SearchInfluencers(other, world->sources, run).status()),
            "PAGE_TOKEN_MISMATCH");
  SearchSources later = world->sources;
  later.generation = 8;
  const absl::Status expired = SearchInfluencers(request, later, run).status();
  EXPECT_EQ(ErrorReason(expired), "PAGE_TOKEN_EXPIRED");
  EXPECT_EQ(expired.code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Search, WorksWithoutOptionalSourcesAndStopsAtEveryCheckpoint) {
  const auto world = RandomWorld(2, 100);
  SearchSources bare = world->sources;
  bare.text = nullptr;
  bare.niches = nullptr;
  bare.follows = nullptr;
  RunContext run(1);
  auto answer = SearchInfluencers(Food(), bare, run);
  ASSERT_TRUE(answer.ok());
  EXPECT_GT(answer->hits.size(), 0u);
  for (const SearchHit& hit : answer->hits) EXPECT_FALSE(hit.signals[0].known());
  bare.topics = nullptr;
  EXPECT_EQ(SearchInfluencers(Food(), bare, run)->candidates, 0u);
  bare.signals = nullptr;
  EXPECT_EQ(ErrorReason(SearchInfluencers(Food(), bare, run).status()), "NO_GENERATION");
  SearchRequest request = Food();
  request.filter = "country = MA";
  RunContext count(1);
  ASSERT_TRUE(SearchInfluencers(request, world->sources, count).ok());
  for (uint64_t k = 1; k <= count.checkpoints(); ++k) {
    RunContext cancelled(1);
    cancelled.CancelAtCheckpoint(k);
    EXPECT_EQ(SearchInfluencers(request, world->sources, cancelled).status().code(),
              absl::StatusCode::kCancelled);
  }
}

TEST(Search, IsFastOnFullLists) {
  const uint32_t n = 200000;
  MemoryWorld world;
  CounterRng rng(1, 1);
  world.ranks.assign(n, 1.0 / n);
  for (uint32_t a = 0; a < n; ++a) {
    TestAccount account;
    account.facts.declared_followers = 1000 + rng.Below(1000000);
    account.facts.known_followers = rng.Below(1000);
    account.facts.interacting_followers = account.facts.known_followers / 10;
    account.facts.has_document = true;
    if (rng.Below(20) == 0) account.relevance = rng.Uniform();
    if (rng.Below(20) == 0) world.topic_entries["food"].push_back({AccountId{a}, rng.Uniform()});
    world.accounts.push_back(account);
  }
  world.masses["food"] = n;
  world.Finish();
  world.fixed_matches = *world.Search({}, 10000);
  SearchRequest request = Food();
  request.page_size = 50;
  std::vector<double> ms;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Search(world, request).hits.size(), 50u);
    ms.push_back(1e3 *
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("search with %llu candidates: median %.2f ms, worst %.2f ms\n",
              static_cast<unsigned long long>(Search(world, request).candidates), ms[10], ms[19]);
}

}  // namespace
}  // namespace halqa::discovery
