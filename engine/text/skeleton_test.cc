#include "engine/text/skeleton.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/random.h"
#include "engine/text/fold.h"
#include "engine/text/taxonomy.h"

namespace halqa::text {
namespace {

bool SameWord(absl::string_view a, absl::string_view b) {
  const std::string x = Sounds(Fold(a)), y = Sounds(Fold(b));
  if (x.empty() || y.empty()) return false;
  const auto keys = SkeletonKeys(x);
  return std::find(keys.begin(), keys.end(), SkeletonKey(y)) != keys.end() &&
         SoundDistance(x, y) <= kSameWordMax;
}

TEST(Skeleton, SoundsAreTheSameInBothScripts) {
  EXPECT_EQ(Sounds("chhiwat"), "Chiwat");
  EXPECT_EQ(Sounds(Fold("شهيوات")), "Chiuat");
  EXPECT_EQ(Sounds("9eftan"), "qeftan");
  EXPECT_EQ(Sounds(Fold("ڭلب")), "glb");
  EXPECT_EQ(Sounds(Fold("الدجاج")), "djaj");
  EXPECT_EQ(Sounds(Fold("حلوة")), "Hlua");
  EXPECT_EQ(Sounds("tchakchouka"), "CakCuka");
  EXPECT_EQ(Sounds("b77aar"), "bHHar");
}

TEST(Skeleton, FindsSpellingsOfOneWord) {
  for (const auto& [a, b] : std::vector<std::pair<const char*, const char*>>{
           {"chhiwat", "شهيوات"},  {"chehiwate", "شهيوات"}, {"tyab", "طياب"},
           {"tiyab", "طياب"},      {"ksksou", "كسكسو"},     {"couscous", "كسكس"},
           {"jellaba", "جلابة"},   {"djellaba", "جلابة"},   {"9eftan", "قفطان"},
           {"qeftan", "kaftan"},   {"lmakla", "الماكلة"},   {"makla", "lmakla"},
           {"7ammam", "حمام"},     {"hammam", "7mmam"},     {"3arbi", "عربي"},
           {"rfissa", "رفيسة"},    {"lbas", "لباس"},        {"libas", "lbas"},
           {"takchita", "تكشيطة"}, {"bzaaaaf", "بزاف"},     {"mezyan", "مزيان"},
           {"zwina", "زوينة"}}) {
    EXPECT_TRUE(SameWord(a, b)) << a << " " << b;
    EXPECT_TRUE(SameWord(b, a)) << b << " " << a;
  }
}

TEST(Skeleton, KeepsOtherWordsApart) {
  for (const auto& [a, b] : std::vector<std::pair<const char*, const char*>>{
           {"chhiwat", "tbakh"},
           {"sport", "safar"},
           {"kora", "kira"},  // football, rent
           {"7mar", "hmer"},  // donkey, red: the vowel tells
           {"makla", "maklouba"},
           {"زين", "زيتون"}}) {
    EXPECT_FALSE(SameWord(a, b) && SoundDistance(Sounds(Fold(a)), Sounds(Fold(b))) < 0.3)
        << a << " " << b;
  }
}

TEST(Skeleton, DigitsThatAreNoLettersGiveNone) {
  for (const char* word : {"mp3", "4g", "covid19", "iphone15", "2024", "web3", "h264", "b2b", "ps5",
                           "a", "ou", "字字", "3d", "1337x"}) {
    EXPECT_EQ(Sounds(Fold(word)), "") << word;
  }
  for (const char* word : {"7mar", "sa77a", "3arabi", "ta9lidi", "m3a", "sb3", "5obz", "ra2is"}) {
    EXPECT_NE(Sounds(word), "") << word;
  }
}

TEST(Skeleton, EverySpellingIsLookedUpUnderItsOwnKey) {
  CounterRng rng(3, 3);
  const std::string letters = "abcdeghiklmnoqrstuwxyz23579lhhl";
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    const uint64_t size = 1 + rng.Below(9);
    for (uint64_t k = 0; k < size; ++k) word += letters[rng.Below(letters.size())];
    const std::string sounds = Sounds(Fold(word));
    if (sounds.empty()) continue;
    const auto keys = SkeletonKeys(sounds);
    EXPECT_LE(keys.size(), 8u);
    const std::string own = SkeletonKey(sounds);
    EXPECT_TRUE(own.empty() || keys.front() == own) << word;
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  }
}

TEST(Skeleton, TheDistanceIsOne) {
  CounterRng rng(5, 5);
  const std::string sounds = "abCdeGhHiklmnqrstu3x'";
  auto word = [&] {
    std::string w;
    for (uint64_t k = rng.Below(8); k > 0; --k) w += sounds[rng.Below(sounds.size())];
    return w;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string a = word(), b = word();
    EXPECT_EQ(SoundDistance(a, a), 0);
    EXPECT_DOUBLE_EQ(SoundDistance(a, b), SoundDistance(b, a));
    EXPECT_EQ(SoundDistance(a, b) > 0, a != b);
  }
}

}  // namespace
}  // namespace halqa::text
