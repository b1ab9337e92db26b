#include "engine/text/boolean_query.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/random.h"

namespace halqa::text {
namespace {

std::string Parsed(absl::string_view query) {
  const auto parsed = ParseBoolean(query, Taxonomy::Default());
  return parsed.ok() ? parsed->root.Describe() : ErrorReason(parsed.status());
}

TEST(BooleanQuery, Grammar) {
  EXPECT_EQ(Parsed("chhiwat AND casablanca"), "chhiwat=food AND casablanca");
  EXPECT_EQ(Parsed("casablanca rabat"), "casablanca AND rabat");
  EXPECT_EQ(Parsed("casablanca OR rabat AND NOT fes"), "casablanca OR (rabat AND NOT fes)");
  EXPECT_EQ(Parsed("(casablanca OR rabat) -fes"), "(casablanca OR rabat) AND NOT fes");
  EXPECT_EQ(Parsed("tanger NOT casablanca rabat"), "tanger AND NOT casablanca AND rabat");
  EXPECT_EQ(Parsed("tanger NOT (casablanca rabat)"), "tanger AND NOT (casablanca AND rabat)");
  EXPECT_EQ(Parsed("casablanca NOT NOT rabat"), "casablanca AND rabat");
  EXPECT_EQ(Parsed("\"maison de couscous\" rabat"), "\"maison de couscous\" AND rabat");
  EXPECT_EQ(Parsed("street food AND rabat"), "street food=food AND rabat");
  EXPECT_EQ(Parsed("((rabat))"), "rabat");
  EXPECT_EQ(Parsed("شهيوات AND NOT الرباط"), "شهيوات=food AND NOT الرباط");
}

TEST(BooleanQuery, WhatIsWrittenReadsAsTheSame) {
  for (const char* query : {"chhiwat AND casablanca", "casablanca OR rabat AND NOT fes",
                            "(rabat OR tajine) -fes", "street food NOT (casablanca rabat)",
                            "\"vieille ville\" OR #tajine", "شهيوات AND الرباط"}) {
    const auto parsed = ParseBoolean(query, Taxonomy::Default());
    ASSERT_TRUE(parsed.ok()) << query;
    EXPECT_EQ(Parsed(parsed->root.Write()), parsed->root.Describe()) << query;
  }
}

TEST(BooleanQuery, OnlyCapitalsQuotesParenthesesAndMinusMakeIt) {
  for (const char* query :
       {"casablanca and rabat", "ou not", "tajine - couscous", "ANDALOUS", ""}) {
    EXPECT_FALSE(IsBoolean(query)) << query;
  }
  for (const char* query : {"a AND b", "a OR b", "NOT a", "\"a b\"", "(a)", "a -b", "\"a"}) {
    EXPECT_TRUE(IsBoolean(query)) << query;
  }
}

TEST(BooleanQuery, Errors) {
  EXPECT_EQ(Parsed("rabat AND"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("OR rabat"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("(rabat"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("rabat)"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("\"rabat"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("()"), "QUERY_SYNTAX");
  EXPECT_EQ(Parsed(absl::StrCat(std::string(100, '('), "a", std::string(100, ')'))),
            "QUERY_SYNTAX");
  EXPECT_EQ(Parsed("NOT rabat"), "QUERY_ONLY_EXCLUDES");
  EXPECT_EQ(Parsed("fes OR NOT rabat"), "QUERY_ONLY_EXCLUDES");
  EXPECT_EQ(Parsed("(-fes) rabat"), "QUERY_ONLY_EXCLUDES");
  EXPECT_EQ(Parsed("rabat AND et"), "QUERY_NOT_UNDERSTOOD");
  EXPECT_EQ(Parsed("rabat AND \"...\""), "QUERY_NOT_UNDERSTOOD");
  const auto error = ParseBoolean("rabat AND (", Taxonomy::Default()).status();
  EXPECT_EQ(ErrorDetails(error)["byte"], "11");
}

TEST(BooleanQuery, WhatIsWantedIsForRanking) {
  const auto query =
      ParseBoolean("chhiwat (rabat OR \"vieille ville de fes\") NOT football", Taxonomy::Default());
  ASSERT_TRUE(query.ok()) << query.status();
  ASSERT_EQ(query->wanted.topics.size(), 1u);
  EXPECT_EQ(query->wanted.topics[0].id, "food");
  EXPECT_EQ(
      absl::StrJoin(query->wanted.free_terms, " ",
                    [](std::string* out, const AnalyzedToken& t) { out->append(t.token.folded); }),
      "rabat vieille ville fes");
  EXPECT_EQ(query->excluded_topics, std::vector<std::string>{"sport"});
}

TEST(BooleanQuery, AnyBytesAreAnsweredOrRefused) {
  CounterRng rng(7, 7);
  const std::vector<std::string> pieces = {"AND", "OR", "NOT", "(", ")", "\"",   "-",   " ",
                                           "fes", "et", "#a",  "@", "ش", "\xff", "food"};
  for (int i = 0; i < 20000; ++i) {
    std::string query;
    for (uint64_t k = rng.Below(12); k > 0; --k) query += pieces[rng.Below(pieces.size())] + " ";
    const auto parsed = ParseBoolean(query, Taxonomy::Default());
    if (parsed.ok()) {
      EXPECT_FALSE(parsed->wanted.topics.empty() && parsed->wanted.free_terms.empty()) << query;
    }
  }
}

}  // namespace
}  // namespace halqa::text
