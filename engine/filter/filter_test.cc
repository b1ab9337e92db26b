#include "engine/filter/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/random.h"

namespace halqa::filter {
namespace {

using ::testing::HasSubstr;

Schema TestSchema() {
  return {{{"followers", FieldType::kNumber, {}, false},
           {"verified", FieldType::kBool, {}, false},
           {"country", FieldType::kString, {}, false},
           {"tier", FieldType::kEnum, {"nano", "micro", "mid", "macro", "mega"}, true},
           {"platform", FieldType::kEnum, {"instagram", "tiktok"}, false},
           {"languages", FieldType::kStringList, {}, false}}};
}

struct MapRow : Row {
  std::map<int, Value> values;
  std::string text;
  Value Get(int field) const override {
    auto it = values.find(field);
    return it == values.end() ? Value::Unknown() : it->second;
  }
  Tri MatchesText(absl::string_view word, bool prefix) const override {
    if (text.empty()) return Tri::kUnknown;
    return FromBool(prefix ? text.rfind(std::string(word), 0) == 0 : text == word);
  }
};

const std::vector<std::string>& Languages() {
  static const auto& languages = *new std::vector<std::string>{"fr", "ar-MA"};
  return languages;
}

MapRow Amina() {
  MapRow row;
  row.values[0] = Value::Number(12000);
  row.values[1] = Value::Bool(true);
  row.values[2] = Value::Text("Morocco");
  row.values[3] = Value::Enum(1);
  row.values[5] = Value::List(Languages());
  row.text = "amina";
  return row;
}

Tri Eval(absl::string_view text, const Row& row) {
  auto filter = Filter::Compile(text, TestSchema());
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
  return filter.ok() ? filter->Evaluate(row) : Tri::kUnknown;
}

std::string Canonical(absl::string_view text) {
  auto filter = Filter::Compile(text, TestSchema());
  return filter.ok() ? filter->ToString() : std::string(filter.status().message());
}

TEST(Filter, ComparesEveryType) {
  const MapRow row = Amina();
  for (absl::string_view text : {"",
                                 "  ",
                                 "followers = 12000",
                                 "followers>=1.2e4",
                                 "followers > -1",
                                 "followers != 0",
                                 "verified = true",
                                 "verified != false",
                                 "country = Morocco",
                                 "country = \"morocco\"",
                                 "country:roc",
                                 "country = Mor*",
                                 "country = *occo",
                                 "country = *roc*",
                                 "country != France",
                                 "tier = micro",
                                 "tier > nano",
                                 "tier <= mid",
                                 "tier = MICRO",
                                 "languages:fr",
                                 "languages = ar*",
                                 "languages != en",
                                 "followers:*",
                                 "NOT followers < 5",
                                 "-verified=false",
                                 "amina",
                                 "ami*",
                                 "\"amina\"",
                                 "NOT platform:*",
                                 "country = 'morocco'"}) {
    EXPECT_EQ(Eval(text, row), Tri::kTrue) << text;
  }
  for (absl::string_view text : {"followers < 12000", "country = Mor", "languages:ar", "tier > mid",
                                 "platform:*", "bob", "languages != fr"}) {
    EXPECT_EQ(Eval(text, row), Tri::kFalse) << text;
  }
}

TEST(Filter, UnknownIsNeitherTrueNorFalse) {
  const MapRow row;
  for (absl::string_view text : {"followers = 0", "followers > 1000", "NOT followers > 1000",
                                 "followers != 0", "country:x", "verified = false", "amina"}) {
    EXPECT_EQ(Eval(text, row), Tri::kUnknown) << text;
  }
  EXPECT_EQ(Eval("followers > 1 AND followers:*", row), Tri::kFalse);
  EXPECT_EQ(Eval("followers > 1 OR NOT followers:*", row), Tri::kTrue);
}

TEST(Filter, OrBindsTighterThanAnd) {
  EXPECT_EQ(Canonical("a AND b OR c"), Canonical("a AND (b OR c)"));
  EXPECT_EQ(Canonical("a b OR c d"), "(\"a\" AND (\"b\" OR \"c\") AND \"d\")");
  EXPECT_EQ(Canonical("NOT a OR b"), "(NOT \"a\" OR \"b\")");
  EXPECT_EQ(Canonical("-(a OR b) c"), "(NOT (\"a\" OR \"b\") AND \"c\")");
  EXPECT_EQ(Canonical("tier=micro followers>-5"), "(tier=micro AND followers>-5)");
}

absl::Status ErrorOf(absl::string_view text) {
  auto filter = Filter::Compile(text, TestSchema());
  EXPECT_FALSE(filter.ok()) << text;
  EXPECT_EQ(filter.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorDetails(filter.status())["field"], "filter");
  return filter.status();
}

TEST(Filter, ErrorsSayWhereAndWhy) {
  const absl::Status unknown = ErrorOf("verified=true AND folowers > 5");
  EXPECT_EQ(ErrorReason(unknown), "FILTER_UNKNOWN_FIELD");
  EXPECT_EQ(ErrorDetails(unknown)["position"], "18");
  EXPECT_EQ(ErrorDetails(unknown)["known_fields"],
            "followers, verified, country, tier, platform, languages");
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("\"folowers\""));
  EXPECT_THAT(std::string(ErrorOf("tier = huge").message()),
              HasSubstr("one of nano, micro, mid, macro, mega"));
  const std::map<std::string, std::string> reasons = {
      {"followers > x", "FILTER_BAD_VALUE"},
      {"followers = nan", "FILTER_BAD_VALUE"},
      {"verified = 1", "FILTER_BAD_VALUE"},
      {"followers = 1*", "FILTER_BAD_VALUE"},
      {"*x", "FILTER_BAD_VALUE"},
      {"\"\"", "FILTER_BAD_VALUE"},
      {"platform > tiktok", "FILTER_BAD_COMPARISON"},
      {"followers:5", "FILTER_BAD_COMPARISON"},
      {"country < x", "FILTER_BAD_COMPARISON"},
      {"(a", "FILTER_SYNTAX"},
      {"a)", "FILTER_SYNTAX"},
      {"a AND", "FILTER_SYNTAX"},
      {"OR a", "FILTER_SYNTAX"},
      {"NOT", "FILTER_SYNTAX"},
      {"followers >", "FILTER_SYNTAX"},
      {"\"a", "FILTER_SYNTAX"},
      {"a ! b", "FILTER_SYNTAX"},
      {"a*b", "FILTER_SYNTAX"},
      {"\"x\" = 3", "FILTER_SYNTAX"},
      {"a, b", "FILTER_SYNTAX"},
      {"\xff", "FILTER_SYNTAX"},
      {"NOT NOT a", "FILTER_SYNTAX"},
      {"()", "FILTER_SYNTAX"}};
  for (const auto& [text, reason] : reasons) EXPECT_EQ(ErrorReason(ErrorOf(text)), reason) << text;
}

TEST(Filter, CapsAreEnforcedExactly) {
  EXPECT_TRUE(Filter::Compile(std::string(4096, ' '), TestSchema()).ok());
  EXPECT_EQ(ErrorReason(ErrorOf(std::string(4097, ' '))), "FILTER_TOO_LONG");
  auto words = [](int n, absl::string_view word) {
    return absl::StrJoin(std::vector<std::string>(n, std::string(word)), " ");
  };
  EXPECT_TRUE(Filter::Compile(words(64, "a"), TestSchema()).ok());
  EXPECT_EQ(ErrorReason(ErrorOf(words(65, "a"))), "FILTER_TOO_MANY_TERMS");
  EXPECT_TRUE(Filter::Compile(words(10, "a*"), TestSchema()).ok());
  EXPECT_EQ(ErrorReason(ErrorOf(words(11, "a*"))), "FILTER_TOO_MANY_WILDCARDS");
  EXPECT_TRUE(Filter::Compile("((((((((a))))))))", TestSchema()).ok());
  EXPECT_EQ(ErrorReason(ErrorOf("(((((((((a)))))))))")), "FILTER_TOO_DEEP");
  EXPECT_EQ(ErrorDetails(ErrorOf("(((((((((a)))))))))"))["allowed"], "8");
}

// A random expression with its value computed beside it, not by the filter's code.
struct Random {
  std::string text;
  int value;  // 0 false, 1 unknown, 2 true
};

Random RandomLeaf(CounterRng& rng, const MapRow& row) {
  const int field = static_cast<int>(rng.Below(2));
  const double bound = static_cast<double>(rng.Below(4));
  const std::string name = field == 0 ? "followers" : "verified";
  const Value value = row.Get(field);
  if (field == 1) {
    const bool wanted = rng.Below(2) == 0;
    return {absl::StrCat(name, "=", wanted ? "true" : "false"), !value.known ? 1
                                                                : (value.number != 0) == wanted
                                                                    ? 2
                                                                    : 0};
  }
  const bool greater = rng.Below(2) == 0;
  const bool holds = greater ? value.number > bound : value.number <= bound;
  return {absl::StrCat(name, greater ? " > " : " <= ", bound), !value.known ? 1 : holds ? 2 : 0};
}

Random RandomExpression(CounterRng& rng, const MapRow& row, int depth) {
  const uint64_t kind = depth == 0 ? 0 : rng.Below(4);
  if (kind == 0) return RandomLeaf(rng, row);
  if (kind == 1) {
    const Random inner = RandomExpression(rng, row, depth - 1);
    return {absl::StrCat("NOT (", inner.text, ")"), 2 - inner.value};
  }
  Random out{"(", kind == 2 ? 2 : 0};
  for (uint64_t i = 0, n = 2 + rng.Below(2); i < n; ++i) {
    const Random inner = RandomExpression(rng, row, depth - 1);
    absl::StrAppend(&out.text, i == 0 ? "" : kind == 2 ? " AND " : " OR ", inner.text);
    out.value = kind == 2 ? std::min(out.value, inner.value) : std::max(out.value, inner.value);
  }
  out.text += ")";
  return out;
}

TEST(Filter, RandomExpressionsAgreeWithBruteForce) {
  CounterRng rng(21, 0);
  for (int i = 0; i < 3000; ++i) {
    MapRow row;
    if (rng.Below(3) != 0) row.values[0] = Value::Number(static_cast<double>(rng.Below(4)));
    if (rng.Below(3) != 0) row.values[1] = Value::Bool(rng.Below(2) == 0);
    const Random random = RandomExpression(rng, row, 3);
    auto filter = Filter::Compile(random.text, TestSchema());
    ASSERT_TRUE(filter.ok()) << random.text << filter.status();
    EXPECT_EQ(static_cast<int>(filter->Evaluate(row)), random.value) << random.text;
    auto again = Filter::Compile(filter->ToString(), TestSchema());
    ASSERT_TRUE(again.ok()) << filter->ToString() << " " << again.status();
    EXPECT_EQ(again->ToString(), filter->ToString());
    EXPECT_EQ(again->Evaluate(row), filter->Evaluate(row));
  }
}

TEST(Filter, RandomTextNeverCrashes) {
  static const std::vector<std::string> kPieces = {
      "a", " ",  "(", ")",         "AND ", " OR ", "NOT ", "-",    "=", "!=", ":", "*",       "\"",
      "'", "\\", "1", "followers", "tier", "<",    ">=",   "\xff", "é", ",",  "!", "country", "."};
  CounterRng rng(22, 0);
  int parsed = 0;
  for (int i = 0; i < 50000; ++i) {
    std::string text;
    for (uint64_t n = rng.Below(12); n > 0; --n) text += kPieces[rng.Below(kPieces.size())];
    auto filter = Filter::Compile(text, TestSchema());
    if (!filter.ok()) {
      EXPECT_NE(ErrorReason(filter.status()), "") << text;
      continue;
    }
    ++parsed;
    filter->Evaluate(Amina());
    auto again = Filter::Compile(filter->ToString(), TestSchema());
    ASSERT_TRUE(again.ok()) << text << " -> " << filter->ToString() << " " << again.status();
    EXPECT_EQ(again->ToString(), filter->ToString()) << text;
  }
  EXPECT_GT(parsed, 500);
}

}  // namespace
}  // namespace halqa::filter
