#include "engine/discovery/expression.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/error.h"
#include "engine/discovery/memory_sources_test.h"

namespace halqa::discovery {
namespace {

using Kind = text::QueryNode::Kind;

// A random expression over words "w0" ... "w5", and whether an account is in it, by its own leaves.
struct RandomExpression {
  CounterRng& rng;
  text::QueryNode Make(int depth) {
    text::QueryNode node;
    if (depth == 0 || rng.Below(3) == 0) {
      node.kind = Kind::kWord;
      text::AnalyzedToken token;
      token.token.folded = "w" + std::to_string(rng.Below(6));
      node.tokens.push_back(token);
      return node;
    }
    node.kind = rng.Below(2) == 0 ? Kind::kAll : Kind::kAny;
    for (uint64_t i = 1 + rng.Below(3); i > 0; --i) node.children.push_back(Make(depth - 1));
    if (node.kind == Kind::kAll && rng.Below(2) == 0) {
      text::QueryNode negative;
      negative.kind = Kind::kNot;
      negative.children.push_back(Make(depth - 1));
      node.children.insert(node.children.begin(), negative);
    }
    return node;
  }
};

bool Holds(const text::QueryNode& node, const std::set<std::string>& words) {
  switch (node.kind) {
    case Kind::kAll:
      return std::all_of(node.children.begin(), node.children.end(),
                         [&](const auto& child) { return Holds(child, words); });
    case Kind::kAny:
      return std::any_of(node.children.begin(), node.children.end(),
                         [&](const auto& child) { return Holds(child, words); });
    case Kind::kNot:
      return !Holds(node.children[0], words);
    default:
      return words.count(node.Describe()) > 0;
  }
}

TEST(Expression, EqualsATruthTable) {
  CounterRng rng(4, 4);
  MemoryWorld world;
  std::vector<std::set<std::string>> words(64);
  for (uint32_t account = 0; account < 64; ++account) {
    for (int w = 0; w < 6; ++w) {
      if ((account >> w & 1) == 0) continue;
      words[account].insert("w" + std::to_string(w));
      world.leaf_matches["w" + std::to_string(w)].push_back(AccountId{account});
    }
  }
  world.accounts.resize(64);
  world.Finish();
  for (int i = 0; i < 2000; ++i) {
    const text::QueryNode node = RandomExpression{rng}.Make(3);
    const auto allowed = AllowedAccounts(node, world.sources);
    ASSERT_TRUE(allowed.ok());
    std::vector<AccountId> expected;
    for (uint32_t account = 0; account < 64; ++account) {
      if (Holds(node, words[account])) expected.push_back(AccountId{account});
    }
    EXPECT_EQ(*allowed, expected) << node.Describe();
  }
}

TEST(Expression, RemovesAccountsAndChangesNoScore) {
  auto world = RandomWorld(3, 200);
  for (uint32_t account = 0; account < 200; account += 2) {
    world->leaf_matches["casablanca"].push_back(AccountId{account});
  }
  RunContext run(1);
  SearchRequest words, expression;
  words.page_size = expression.page_size = 500;
  words.query = "cuisine casablanca";
  expression.query = "cuisine AND casablanca";
  const auto any = SearchInfluencers(words, world->sources, run);
  const auto all = SearchInfluencers(expression, world->sources, run);
  ASSERT_TRUE(any.ok() && all.ok()) << all.status();
  EXPECT_EQ(all->expression, "cuisine=food AND casablanca");
  EXPECT_LT(all->hits.size(), any->hits.size());
  EXPECT_GT(all->hits.size(), 5u);
  std::map<AccountId, double> scores;
  for (const SearchHit& hit : any->hits) scores[hit.account] = hit.score;
  for (const SearchHit& hit : all->hits) {
    EXPECT_EQ(Raw(hit.account) % 2, 0u);
    EXPECT_EQ(hit.score, scores[hit.account]);
  }
}

TEST(Expression, SaysWhatToAskInsteadWhereNobodyAnswers) {
  auto world = RandomWorld(3, 200);
  for (uint32_t account = 0; account < 200; account += 2) {
    world->leaf_matches["casablanca"].push_back(AccountId{account});
  }
  RunContext run(1);
  SearchRequest request;
  request.query = "cuisine AND casablanca AND nosuchword";
  request.filter = "country = \"MA\"";
  const auto answer = SearchInfluencers(request, world->sources, run);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->matched, 0u);
  ASSERT_EQ(answer->suggestions.size(), 1u);
  EXPECT_EQ(answer->suggestions[0].query, "cuisine AND casablanca");
  EXPECT_EQ(answer->suggestions[0].filter, request.filter);
  request.query = answer->suggestions[0].query;
  EXPECT_EQ(SearchInfluencers(request, world->sources, run)->matched,
            answer->suggestions[0].matched);
  request.filter = "country = \"XX\"";
  const auto unfiltered = SearchInfluencers(request, world->sources, run);
  ASSERT_EQ(unfiltered->suggestions.size(), 1u);
  EXPECT_EQ(unfiltered->suggestions[0].filter, "");
}

TEST(Expression, SensitiveTopicsNeedTheGrantAlsoBelowNot) {
  auto world = RandomWorld(3, 50);
  RunContext run(1);
  SearchRequest request;
  for (const char* query : {"politique AND cuisine", "cuisine NOT politique"}) {
    request.query = query;
    request.allow_sensitive = false;
    EXPECT_EQ(ErrorReason(SearchInfluencers(request, world->sources, run).status()),
              "TOPIC_SENSITIVE");
    request.allow_sensitive = true;
    EXPECT_TRUE(SearchInfluencers(request, world->sources, run).ok());
  }
}

}  // namespace
}  // namespace halqa::discovery
