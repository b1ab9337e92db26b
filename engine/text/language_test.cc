#include "engine/text/language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace halqa::text {
namespace {

// "fr fr | ary": the languages of the words, runs apart.
std::string Languages(absl::string_view text, const std::vector<std::string>& declared = {}) {
  const std::vector<Token> tokens = Tokenize(text).tokens;
  const std::vector<SpokenLanguage> languages = DetectLanguages(tokens, declared);
  std::string out;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) absl::StrAppend(&out, tokens[i].run != tokens[i - 1].run ? " | " : " ");
    absl::StrAppend(&out, SpokenCode(languages[i]));
  }
  return out;
}

TEST(Language, FunctionWordsDecideForTheirRun) {
  EXPECT_EQ(Languages("la cuisine et les recettes"), "fr fr fr fr fr");
  EXPECT_EQ(Languages("the food of my city"), "en en en en en");
  EXPECT_EQ(Languages("wach kayn chi tajine"), "ary ary ary ary");
  EXPECT_EQ(Languages("la cuisine de la maison. the food of my mom"),
            "fr fr fr fr fr | en en en en en");
  EXPECT_EQ(Languages("recettes de la maison | food and travel with my friends"),
            "fr fr fr fr | en en en en en en");
}

TEST(Language, ArabicLettersAreDarijaByItsWordsAndLetters) {
  EXPECT_EQ(Languages("وصفات الطبخ المغربي"), "ar ar ar");
  EXPECT_EQ(Languages("شهيوات ديال الدار"), "ary ary ary");
  EXPECT_EQ(Languages("گاع الوصفات"), "ary ary");
  EXPECT_EQ(Languages("وصفات الطبخ. كلشي زوين"), "ar ar | ary ary");
}

TEST(Language, DigitsForSoundsSpeakForDarija) {
  EXPECT_EQ(Languages("9eftan maghribi"), "ary ary");
  EXPECT_EQ(Languages("covid19 mp3"), "und und");
  EXPECT_EQ(Languages("le 9eftan de la mariee"), "fr fr fr fr fr");
}

TEST(Language, OtherwiseTheWholeTextThenWhatIsDeclared) {
  EXPECT_EQ(Languages("tajine. la cuisine de la maison"), "fr | fr fr fr fr fr");
  EXPECT_EQ(Languages("tajine"), "und");
  EXPECT_EQ(Languages("tajine", {"fr"}), "fr");
  EXPECT_EQ(Languages("tajine", {"fr-MA", "ar"}), "fr");
  EXPECT_EQ(Languages("tajine", {"fr", "en"}), "und");
  EXPECT_EQ(Languages("tajine", {"ary"}), "ary");
}

TEST(Language, OtherScripts) {
  EXPECT_EQ(Languages("ⵜⴰⵎⴰⵣⵉⵖⵜ"), "zgh");
  EXPECT_EQ(Languages("2024 字"), "und und");
}

TEST(Language, MarksBetweenWordsEndRuns) {
  EXPECT_EQ(Languages("tajine, couscous"), "und und");
  for (const char* mark : {". ", "! ", "\n", " | ", " / ", " • ", " – ", "؟ ", " 😀 ", " … "}) {
    EXPECT_EQ(Languages(absl::StrCat("tajine", mark, "couscous")), "und | und") << mark;
  }
}

}  // namespace
}  // namespace halqa::text
