#include "engine/formats/values.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace halqa {
namespace {

TEST(Values, NumbersAsPeopleWriteThem) {
  const std::pair<absl::string_view, double> cases[] = {{"12,5 K", 12500},
                                                        {"1.2M", 1200000},
                                                        {"12 500", 12500},
                                                        {"12\xc2\xa0"
                                                         "500",
                                                         12500},
                                                        {"1\xe2\x80\xaf"
                                                         "234\xe2\x80\xaf"
                                                         "567",
                                                         1234567},
                                                        {"3,4 Md", 3.4e9},
                                                        {"45 %", 0.45},
                                                        {"4,5%", 0.045},
                                                        {"1,234,567", 1234567},
                                                        {"1.234.567,5", 1234567.5},
                                                        {"1,234.5", 1234.5},
                                                        {"12,500", 12500},
                                                        {"12.500", 12.5},
                                                        {"0,125", 0.125},
                                                        {"-3", -3},
                                                        {"1.5e-3", 0.0015},
                                                        {"١٢٫٥", 12.5},
                                                        {"12'500", 12500},
                                                        {"2,125 M", 2125000},
                                                        {".5", 0.5}};
  for (const auto& [text, value] : cases) {
    auto got = ParseNumber(text);
    ASSERT_TRUE(got.ok()) << text << " " << got.status();
    EXPECT_DOUBLE_EQ(*got, value) << text;
  }
  for (absl::string_view bad : {"", "abc", "1 2", "12,5,5", "K", "1..2", "12 5000", "1-2", "--1"}) {
    EXPECT_EQ(ErrorReason(ParseNumber(bad).status()), "NOT_A_NUMBER") << bad;
  }
}

TEST(Values, TheDeclaredDecimalSeparatorDecides) {
  EXPECT_DOUBLE_EQ(*ParseNumber("12,500", {','}), 12.5);
  EXPECT_DOUBLE_EQ(*ParseNumber("12.500", {','}), 12500);
  EXPECT_DOUBLE_EQ(*ParseNumber("12.500", {'.'}), 12.5);
}

TEST(Values, CountsAreWhole) {
  EXPECT_EQ(*ParseCount("12,5 K"), 12500u);
  EXPECT_EQ(*ParseCount("12.500"), 12500u);
  EXPECT_EQ(*ParseCount("1768149"), 1768149u);
  EXPECT_EQ(*ParseCount("2300000.0"), 2300000u);
  EXPECT_EQ(ErrorReason(ParseCount("1,5").status()), "NOT_A_COUNT");
  EXPECT_EQ(ErrorReason(ParseCount("-4").status()), "NOT_A_COUNT");
  EXPECT_EQ(ErrorReason(ParseCount("99999999999 Md").status()), "NOT_A_COUNT");
}

TEST(Values, Money) {
  auto check = [](absl::string_view text, int64_t micros, absl::string_view currency) {
    auto got = ParseMoney(text, "MAD");
    ASSERT_TRUE(got.ok()) << text << " " << got.status();
    EXPECT_EQ(got->amount_micros, micros) << text;
    EXPECT_EQ(got->currency, currency) << text;
  };
  check("1 500 MAD", 1'500'000'000, "MAD");
  check("DH 1500", 1'500'000'000, "MAD");
  check("2,5 K€", 2'500'000'000, "EUR");
  check("$1,200.50", 1'200'500'000, "USD");
  check("1500 درهم", 1'500'000'000, "MAD");
  check("800", 800'000'000, "MAD");
  EXPECT_EQ(ErrorReason(ParseMoney("800", "").status()), "NOT_MONEY");
  EXPECT_EQ(ErrorReason(ParseMoney("gratuit", "MAD").status()), "NOT_MONEY");
  EXPECT_EQ(ErrorReason(ParseMoney("5%", "MAD").status()), "NOT_MONEY");
}

TEST(Values, Times) {
  const std::pair<absl::string_view, UnixSeconds> cases[] = {
      {"2022-10-03", 1664755200},
      {"2022-10-03T12:30:59Z", 1664800259},
      {"2022-10-03 12:30:59.250+01:00", 1664796659},
      {"03/10/2022", 1664755200},
      {"3.10.2022 12:30", 1664800200},
      {"1664755200", 1664755200},
      {"1664755200123", 1664755200},
      {"Oct 3, 2022", 1664755200},
      {"3 octobre 2022", 1664755200},
      {"1er juin 2022", 1654041600},
      {"Wed Oct 10 20:19:24 +0000 2018", 1539202764}};
  for (const auto& [text, value] : cases) {
    auto got = ParseTime(text);
    ASSERT_TRUE(got.ok()) << text << " " << got.status();
    EXPECT_EQ(*got, value) << text;
  }
  EXPECT_EQ(*ParseTime("10/03/2022 6:05 PM", DateOrder::kMonthFirst), 1664820300);
  for (absl::string_view bad :
       {"", "31/02/2022", "2022-13-01", "demain", "12/2022", "99/99/9999"}) {
    EXPECT_EQ(ErrorReason(ParseTime(bad).status()), "NOT_A_DATE") << bad;
  }
}

TEST(Values, Booleans) {
  for (absl::string_view yes : {"oui", "Oui", "TRUE", "1", "نعم", "x"})
    EXPECT_TRUE(*ParseBool(yes));
  for (absl::string_view no : {"non", "False", "0", "لا"}) EXPECT_FALSE(*ParseBool(no));
  EXPECT_EQ(ErrorReason(ParseBool("peut-être").status()), "NOT_A_BOOLEAN");
}

TEST(Values, Profiles) {
  auto id = [](absl::string_view text, absl::string_view platform = "") {
    auto p = ParseProfile(text, platform);
    return p.ok() ? p->ExternalId() : ErrorReason(p.status());
  };
  EXPECT_EQ(id("@Chef.Nadia", "instagram"), "instagram:chef.nadia");
  EXPECT_EQ(id("https://www.instagram.com/Chef.Nadia/?hl=fr"), "instagram:chef.nadia");
  EXPECT_EQ(id("x.com/atlas"), "twitter:atlas");
  EXPECT_EQ(id("https://twitter.com/intent/user?user_id=123"), "twitter:123");
  EXPECT_EQ(id("https://www.tiktok.com/@Sfenj"), "tiktok:sfenj");
  EXPECT_EQ(id("https://youtube.com/@Tbikh"), "youtube:tbikh");
  EXPECT_EQ(id("https://youtube.com/channel/UCaBc_1"), "youtube:UCaBc_1");
  EXPECT_EQ(id("https://m.facebook.com/profile.php?id=42"), "facebook:42");
  EXPECT_EQ(id("facebook.com/pages/Cuisine/42"), "facebook:42");
  EXPECT_EQ(id("https://linkedin.com/in/Salma-B/"), "linkedin:salma-b");
  EXPECT_EQ(id("https://linkedin.com/company/Atlas"), "linkedin:company/atlas");
  EXPECT_EQ(id("https://instagram.com/p/Cabc/"), "NOT_A_PROFILE");
  EXPECT_EQ(id("https://example.org/x"), "UNKNOWN_PLATFORM");
  EXPECT_EQ(id("@x"), "UNKNOWN_PLATFORM");
  EXPECT_EQ(id("two words", "instagram"), "NOT_A_PROFILE");
  EXPECT_EQ(ParseProfile("@Chef.Nadia", "instagram")->handle, "Chef.Nadia");
  EXPECT_EQ(*ParsePlatform(" Insta "), "instagram");
}

}  // namespace
}  // namespace halqa
