#include "engine/text/skeleton.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "engine/text/tokens.h"

namespace halqa::text {
namespace {

struct Spelling {
  absl::string_view letters, sounds;
};

// Longest first. Applied from left to right.
constexpr std::array<Spelling, 14> kDigraphs = {{{"tch", "C"},
                                                 {"sch", "C"},
                                                 {"dj", "j"},
                                                 {"kh", "x"},
                                                 {"gh", "G"},
                                                 {"ch", "C"},
                                                 {"sh", "C"},
                                                 {"ph", "f"},
                                                 {"ou", "u"},
                                                 {"oo", "u"},
                                                 {"ee", "i"},
                                                 {"ck", "k"},
                                                 {"aa", "a"},
                                                 {"x", "ks"}}};
constexpr absl::string_view kLatin = "abdefghijklmnopqrstuvwyz'23456789";
constexpr absl::string_view kLatinSounds = "abdefghijklmnubqrstufwiz''3GxtHhq";
static_assert(kLatin.size() == kLatinSounds.size());

constexpr std::array<Spelling, 42> kArabic = {{
    {"ا", "a"}, {"ب", "b"}, {"پ", "b"}, {"ت", "t"}, {"ث", "t"}, {"ج", "j"}, {"چ", "C"},
    {"ح", "H"}, {"خ", "x"}, {"د", "d"}, {"ذ", "d"}, {"ر", "r"}, {"ز", "z"}, {"ژ", "j"},
    {"س", "s"}, {"ش", "C"}, {"ص", "s"}, {"ض", "d"}, {"ط", "t"}, {"ظ", "d"}, {"ع", "3"},
    {"غ", "G"}, {"ف", "f"}, {"ڤ", "f"}, {"ڥ", "f"}, {"ق", "q"}, {"ڨ", "g"}, {"ك", "k"},
    {"گ", "g"}, {"ڭ", "g"}, {"ل", "l"}, {"م", "m"}, {"ن", "n"}, {"ه", "h"}, {"و", "u"},
    {"ي", "i"}, {"ء", "'"}, {"ئ", "'"}, {"ؤ", "'"}, {"ې", "i"}, {"ۆ", "u"}, {"ێ", "i"},
}};

// Words whose digits are digits.
bool IsName(absl::string_view folded) {
  static const auto& names = *new absl::flat_hash_set<absl::string_view>{
      "mp3", "mp4",  "2g",  "3g",   "4g",   "5g",  "6g",  "2d",  "3d",  "4d",  "2k",  "4k",
      "5k",  "8k",   "ps2", "ps3",  "ps4",  "ps5", "b2b", "b2c", "c2c", "b2g", "h2o", "s3",
      "co2", "web2", "u2",  "web3", "r2d2", "i3",  "i5",  "i7",  "i9",  "g7",  "g8",  "m6",
      "a4",  "a3",   "a5",  "5s",   "6s",   "7up", "k7",  "e2e", "v8",  "v6",  "f2f", "p2p",
      "c3",  "c4",   "2m",  "7h",   "8h",   "9h",  "2x",  "3x",  "4x4", "bac2"};
  return names.contains(folded);
}

// Digits are letters where each stands alone or doubled beside letters and spells a sound.
bool DigitsAreLetters(absl::string_view folded) {
  if (IsName(folded)) return false;
  for (size_t i = 0; i < folded.size(); ++i) {
    if (!absl::ascii_isdigit(folded[i])) continue;
    if (!absl::StrContains("23456789", folded[i])) return false;
    const bool after_digit = i > 0 && absl::ascii_isdigit(folded[i - 1]);
    if (after_digit && (folded[i] != folded[i - 1] || (i > 1 && folded[i - 2] == folded[i]))) {
      return false;
    }
  }
  return true;
}

bool IsVowel(char c) { return absl::StrContains("aeiuw", c); }

// "c" and "qu" sound by what follows.
size_t LatinLetter(absl::string_view rest, std::string* out) {
  const bool soft = rest.size() > 1 && absl::StrContains("eiy", rest[1]);
  if (rest[0] == 'c') {
    out->push_back(soft ? 's' : 'k');
    return 1;
  }
  if (absl::StartsWith(rest, "qu") && rest.size() > 2 && absl::StrContains("eiy", rest[2])) {
    out->push_back('k');
    return 2;
  }
  const size_t at = kLatin.find(rest[0]);
  if (at != absl::string_view::npos) out->push_back(kLatinSounds[at]);
  return 1;
}

std::string FromLatin(absl::string_view word) {
  std::string out;
  while (!word.empty()) {
    const auto digraph = std::find_if(kDigraphs.begin(), kDigraphs.end(), [&](const Spelling& s) {
      return absl::StartsWith(word, s.letters);
    });
    if (digraph != kDigraphs.end()) {
      out.append(digraph->sounds.data(), digraph->sounds.size());
      word.remove_prefix(digraph->letters.size());
    } else {
      word.remove_prefix(LatinLetter(word, &out));
    }
  }
  return out;
}

std::string FromArabic(absl::string_view word) {
  constexpr absl::string_view kArticle = "ال", kWaw = "و", kHeh = "ه";
  constexpr size_t kArabicLetterBytes = 2;
  if (word.size() >= 5 * kArabicLetterBytes) absl::ConsumePrefix(&word, kArticle);
  const bool feminine =
      word.size() > 2 * kArabicLetterBytes && absl::ConsumeSuffix(&word, kHeh);  // ة is folded to ه
  std::string out;
  if (absl::ConsumePrefix(&word, kWaw)) out.push_back('w');
  while (!word.empty()) {
    const auto letter = std::find_if(kArabic.begin(), kArabic.end(), [&](const Spelling& s) {
      return absl::StartsWith(word, s.letters);
    });
    if (letter == kArabic.end()) {
      word.remove_prefix(1);
      continue;
    }
    out.append(letter->sounds.data(), letter->sounds.size());
    word.remove_prefix(letter->letters.size());
  }
  if (feminine) out.push_back('a');
  return out;
}

// Consonants as the key has them.
std::string Consonants(absl::string_view sounds) {
  std::string key;
  for (char c : sounds) {
    if (IsVowel(c) || c == '\'' || c == '3') continue;
    if (c == 'H') c = 'h';
    if (c == 'q' || c == 'g') c = 'k';
    if (key.empty() || key.back() != c) key.push_back(c);
  }
  return key;
}

// How many sounds a Latin article takes; 0: there is none, or hardly anything would be left.
size_t ArticleLength(absl::string_view sounds) {
  const size_t l = !sounds.empty() && absl::StrContains("aei", sounds[0]) ? 1 : 0;
  if (l + 1 >= sounds.size() || sounds[l] != 'l' || sounds.size() - l - 1 < 2) return 0;
  return l + 1;
}

std::string WithoutInterdentals(absl::string_view sounds) {
  return absl::StrReplaceAll(sounds, {{"dh", "d"}, {"th", "t"}});
}

double Substitution(char a, char b) {
  if (a == b) return 0;
  auto are = [a, b](char x, char y) { return (a == x && b == y) || (a == y && b == x); };
  if (IsVowel(a) && IsVowel(b)) {
    if (are('u', 'w')) return 0.05;
    if (are('a', 'e')) return 0.1;
    return are('e', 'i') ? 0.2 : 0.45;
  }
  if (are('\'', 'a')) return 0.2;
  if (are('h', 'H')) return 0.25;
  if (are('q', 'k') || are('q', 'g') || are('3', 'a') || are('3', '\'')) return 0.3;
  return are('k', 'g') ? 0.45 : 1;
}

// Of the sound at `i`, which is cheaper as the second of a double.
double Insertion(absl::string_view sounds, size_t i) {
  const char c = sounds[i];
  if (i > 0 && sounds[i - 1] == c) return 0.1;
  if (c == 'e' || c == '\'') return 0.15;
  if (c == 'a') return 0.25;
  if (c == 'i' || c == 'u' || c == 'w' || c == '3') return 0.4;
  return c == 'h' || c == 'l' ? 0.5 : 1;
}

char FinalVowel(absl::string_view sounds) {
  return !sounds.empty() && absl::StrContains("aiu", sounds.back()) ? sounds.back() : 0;
}

}  // namespace

std::string Sounds(absl::string_view folded) {
  const Script script = ScriptOf(folded);
  if (script != Script::kLatin && script != Script::kArabic) return "";
  if (!DigitsAreLetters(folded)) return "";
  std::string sounds = script == Script::kLatin ? FromLatin(folded) : FromArabic(folded);
  sounds.erase(std::unique(sounds.begin(), sounds.end(),
                           [](char x, char y) { return x == y && IsVowel(x); }),
               sounds.end());
  const auto consonants =
      std::count_if(sounds.begin(), sounds.end(), [](char c) { return !IsVowel(c) && c != '\''; });
  return consonants < 2 || Consonants(sounds).empty() ? "" : sounds;
}

std::string SkeletonKey(absl::string_view sounds) {
  const size_t article = ArticleLength(sounds);
  if (article > 0 && !IsVowel(sounds[article]) && sounds[article] != '\'') {
    sounds.remove_prefix(article);
  }
  if (sounds.size() > 2 && sounds.back() == 'h' && IsVowel(sounds[sounds.size() - 2])) {
    sounds.remove_suffix(1);
  }
  return Consonants(WithoutInterdentals(sounds));
}

std::vector<std::string> SkeletonKeys(absl::string_view sounds) {
  std::vector<std::string> keys;
  auto add = [&keys](std::string key) {
    const bool known = std::find(keys.begin(), keys.end(), key) != keys.end();
    if (!key.empty() && !known) keys.push_back(std::move(key));
  };
  add(SkeletonKey(sounds));
  for (const size_t from : {size_t{0}, ArticleLength(sounds)}) {
    const absl::string_view word = sounds.substr(from);
    const bool open = word.size() > 2 && (word.back() == 'h' || word.back() == 'H');
    for (const size_t cut : {size_t{0}, size_t{open ? 1u : 0u}}) {
      const absl::string_view reading = word.substr(0, word.size() - cut);
      add(Consonants(reading));
      add(Consonants(WithoutInterdentals(reading)));
    }
  }
  return keys;
}

double SoundDistance(absl::string_view a, absl::string_view b) {
  std::vector<double> row(b.size() + 1, 0.0), next(b.size() + 1);
  for (size_t j = 0; j < b.size(); ++j) row[j + 1] = row[j] + Insertion(b, j);
  for (size_t i = 0; i < a.size(); ++i) {
    next[0] = row[0] + Insertion(a, i);
    for (size_t j = 0; j < b.size(); ++j) {
      next[j + 1] = std::min({row[j] + Substitution(a[i], b[j]), row[j + 1] + Insertion(a, i),
                              next[j] + Insertion(b, j)});
    }
    row.swap(next);
  }
  return row.back() + (FinalVowel(a) != FinalVowel(b) ? 0.25 : 0);
}

}  // namespace halqa::text
