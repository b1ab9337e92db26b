#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/base/random.h"
#include "engine/base/records.h"
#include "engine/text/fold.h"
#include "engine/text/stem.h"
#include "engine/text/tokens.h"

namespace halqa::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words;
  for (const Token& token : Tokenize(text).tokens) {
    words.push_back((token.is_hashtag ? "#" : "") + token.folded);
  }
  return words;
}

std::string RandomText(CounterRng& rng) {
  static const std::vector<std::string> kPieces = {
      "a", "B",    "é",       "Œ",  "أ", "ة", "ـ",        "ً",     "ى", "٣",
      "7", "#",    "@",       "_",  ".", "'", " ",        "\xff", "گ", "😀",
      "ﷺ", "www.", "http://", "ss", "ß", "İ", "\xe0\xa4", "字",   "'s"};
  std::string text;
  const uint64_t size = rng.Below(25);
  for (uint64_t i = 0; i < size; ++i) {
    text += kPieces[rng.Below(kPieces.size())];
  }
  return text;
}

TEST(Fold, MakesOneSpelling) {
  EXPECT_EQ(Fold("Beauté"), "beaute");
  EXPECT_EQ(FoldKeepingAccents("BEAUTÉ"), "beauté");
  EXPECT_EQ(FoldKeepingAccents("Beaute\xcc\x81"), "beauté");
  EXPECT_EQ(Fold("Œuf"), "oeuf");
  EXPECT_EQ(Fold("ＦＵＬＬ"), "full");
  EXPECT_EQ(Fold("ﬁn"), "fin");
  EXPECT_EQ(Fold("طَبْخ"), "طبخ");
  EXPECT_EQ(Fold("طـــبخ"), "طبخ");
  EXPECT_EQ(Fold("أإآٱ"), "ا");  // four alefs in a row are an elongation too
  EXPECT_EQ(Fold("شهيّوة"), "شهيوه");
  EXPECT_EQ(Fold("مصطفى"), Fold("مصطفي"));
  EXPECT_EQ(Fold("٢٠۲۱"), "2021");
  EXPECT_EQ(Fold("ڭاع گاع ڤيديو"), "ڭاع گاع ڤيديو");
}

TEST(Fold, SqueezesElongationButNotDoublesOrDigits) {
  EXPECT_EQ(Fold("bzaaaaaf"), "bzaf");
  EXPECT_EQ(Fold("Bravooo!!!"), "bravo!!!");
  EXPECT_EQ(Fold("زوييييين"), "زوين");
  EXPECT_EQ(Fold("pizza"), "pizza");
  EXPECT_EQ(Fold("10000"), "10000");
  EXPECT_EQ(Fold("ééé"), "e");
}

TEST(Fold, IsIdempotentAndGivesUtf8ForAnyBytes) {
  CounterRng rng(11, 0);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = RandomText(rng);
    const std::string folded = Fold(text);
    EXPECT_TRUE(IsValidUtf8(folded));
    EXPECT_EQ(Fold(folded), folded) << text;
  }
}

TEST(Tokens, SplitsWordsOfEveryScript) {
  EXPECT_THAT(Words("L'atelier d’Amina : cuisine & pâtisserie"),
              ElementsAre("atelier", "amina", "cuisine", "patisserie"));
  EXPECT_THAT(Words("شهيوات مغربية، وصفات"), ElementsAre("شهيوات", "مغربيه", "وصفات"));
  EXPECT_THAT(Words("mom's food.lover top_10"), ElementsAre("mom", "food", "lover", "top", "10"));
  EXPECT_THAT(Words(""), IsEmpty());
  EXPECT_THAT(Words("😀 !!"), IsEmpty());
  auto tokens = Tokenize("cuisine طبخ 42").tokens;
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_EQ(tokens[0].script, Script::kLatin);
  EXPECT_EQ(tokens[1].script, Script::kArabic);
  EXPECT_EQ(tokens[2].script, Script::kNumber);
}

TEST(Tokens, SplitsHashtags) {
  EXPECT_THAT(Words("#TajineMarocain"), ElementsAre("#tajinemarocain", "tajine", "marocain"));
  EXPECT_THAT(Words("miam #recette_du_jour!"),
              ElementsAre("miam", "#recettedujour", "recette", "du", "jour"));
  EXPECT_THAT(Words("#covid19"), ElementsAre("#covid19", "covid", "19"));
  EXPECT_THAT(Words("#food"), ElementsAre("#food"));
  EXPECT_THAT(Words("#المطبخ_المغربي"), ElementsAre("#المطبخالمغربي", "المطبخ", "المغربي"));
  EXPECT_THAT(Words("#طبخMaroc"), ElementsAre("#طبخmaroc", "طبخ", "maroc"));
  EXPECT_THAT(Words("#HTMLPage"), ElementsAre("#htmlpage", "html", "page"));
  EXPECT_THAT(Words("#a#b"), ElementsAre("#a", "#b"));
  EXPECT_THAT(Words("we are #1"), ElementsAre("we", "are", "1"));
  EXPECT_THAT(Words("c#"), ElementsAre("c"));
  EXPECT_THAT(TokenizeHashtag("__"), IsEmpty());
}

TEST(Tokens, RecognisesMentionsAndLinks) {
  auto text = Tokenize(
      "collab avec @amina.cooks. https://youtu.be/x?y=1 (www.site.ma) "
      "mail me@site.com insta.com/amina fin");
  EXPECT_THAT(text.mentions, ElementsAre("amina.cooks"));
  EXPECT_THAT(text.urls, ElementsAre("https://youtu.be/x?y=1", "www.site.ma", "me@site.com",
                                     "insta.com/amina"));
  std::vector<std::string> words;
  for (const Token& token : text.tokens) words.push_back(token.folded);
  EXPECT_THAT(words, ElementsAre("collab", "avec", "mail", "fin"));
}

TEST(Tokens, AnyBytesGiveFoldedNonEmptyWords) {
  CounterRng rng(12, 0);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = RandomText(rng);
    for (const AnalyzedToken& t : AnalyzeText(text, {})) {
      EXPECT_FALSE(t.token.folded.empty()) << text;
      EXPECT_EQ(Fold(t.token.folded), t.token.folded) << text;
    }
  }
}

TEST(Stem, MeetsAcrossForms) {
  EXPECT_EQ(Stem(Language::kFrench, "recettes"), Stem(Language::kFrench, "recette"));
  EXPECT_EQ(Stem(Language::kFrench, "beautés"), Stem(Language::kFrench, "beaute"));
  EXPECT_EQ(Stem(Language::kEnglish, "cooking"), Stem(Language::kEnglish, "cooked"));
  EXPECT_EQ(Stem(Language::kArabic, "الطبخ"), Stem(Language::kArabic, "طبخ"));
}

TEST(Stem, ChoosesTheLanguageByScriptRunAndDeclaration) {
  auto codes = [](absl::string_view text, std::vector<std::string> declared) {
    std::string out;
    for (const auto& token : AnalyzeText(text, declared)) {
      for (const auto& stem : token.stems) absl::StrAppend(&out, LanguageCode(stem.language), " ");
      out += "|";
    }
    return out;
  };
  EXPECT_EQ(codes("cuisine", {}), "fr en |");
  EXPECT_EQ(codes("cuisine", {"fr-MA"}), "fr |");
  EXPECT_EQ(codes("cuisine", {"en", "fr"}), "fr en |");
  EXPECT_EQ(codes("طبخ 12", {"fr"}), "ar ||");
  EXPECT_EQ(codes("the art of food", {"fr"}), "en |en |en |en |");
  EXPECT_EQ(codes("la cuisine de chez nous", {"en"}), "fr |fr |fr |fr |fr |");
}

TEST(Stem, IsThreadSafe) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(Stem(Language::kFrench, "recettes"), "recet");
        EXPECT_EQ(Tokenize("la #TajineMarocain").tokens.size(), 4u);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace halqa::text
