#include "engine/text/language.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "engine/text/skeleton.h"

namespace halqa::text {
namespace {

constexpr std::array<absl::string_view, 6> kCodes = {"und", "fr", "en", "ar", "ary", "zgh"};

using WordSet = absl::flat_hash_set<absl::string_view>;

// Folded function words. Words that two Latin languages use ("on", "a", "me") are in neither list.
const WordSet& FrenchWords() {
  static const auto& words = *new WordSet{
      "le",   "la",    "les",   "un",   "une",  "des",   "du",     "de",   "et",   "est",
      "en",   "au",    "aux",   "dans", "avec", "pour",  "par",    "sur",  "que",  "qui",
      "nous", "vous",  "je",    "il",   "elle", "ma",    "mon",    "mes",  "ses",  "son",
      "sa",   "ce",    "cette", "ces",  "mais", "ou",    "ne",     "pas",  "plus", "votre",
      "vos",  "notre", "nos",   "chez", "tout", "toute", "toutes", "tous", "leur", "se"};
  return words;
}

const WordSet& EnglishWords() {
  static const auto& words = *new WordSet{
      "the",  "and",  "of",   "with",  "for",  "my",  "your", "our", "is",  "are",   "you",
      "this", "that", "from", "by",    "to",   "in",  "it",   "we",  "i",   "be",    "have",
      "has",  "was",  "at",   "about", "all",  "who", "what", "his", "her", "their", "an",
      "or",   "not",  "but",  "as",    "will", "can", "just", "am"};
  return words;
}

const WordSet& DarijaWords() {
  static const auto& words = *new WordSet{
      "dyal",   "dial",   "diali",  "dyali", "dyalk",   "dyalna", "dyalo",  "dyalha", "dyalkom",
      "wach",   "wash",   "bzaf",   "bezaf", "kayn",    "kayna",  "kaynin", "machi",  "hada",
      "hadi",   "hadchi", "hadak",  "hadik", "had",     "bach",   "daba",   "ghir",   "hit",
      "7it",    "3la",    "3lik",   "3liya", "m3a",     "m3ak",   "chno",   "chnou",  "chnahia",
      "kifach", "3lach",  "fin",    "nta",   "nti",     "ntoma",  "hna",    "7na",    "howa",
      "hiya",   "rah",    "rani",   "wakha", "walakin", "3ndi",   "3ndek",  "bla",    "mabin",
      "dakchi", "kolchi", "chwiya", "ana",   "wlla",    "awla",   "ديال",   "ديالي",  "ديالك",
      "ديالو",  "ديالنا", "ديالها", "واش",   "بزاف",    "كاين",   "كاينه",  "كاينين", "ماشي",
      "هاد",    "هادا",   "هادي",   "هادشي", "هداك",    "باش",    "دابا",   "غير",    "حيت",
      "شنو",    "شنوا",   "كيفاش",  "علاش",  "فين",     "نتا",    "نتي",    "نتوما",  "حنا",
      "راه",    "راني",   "واخا",   "ولكن",  "عندي",    "عندك",   "بلا",    "كلشي",   "شويه",
      "معاك",   "ديما",   "كنت",    "فاش",   "داكشي",   "اش",     "شي"};
  return words;
}

const WordSet& OtherStopWords() {
  static const auto& words =
      *new WordSet{"a",   "on", "me", "no",  "y",   "l",    "d",    "من", "في", "على", "علي",
                   "الي", "عن", "مع", "هذا", "هذه", "التي", "الذي", "كل", "ما", "لا",  "و",
                   "ان",  "او", "هو", "هي",  "انا", "نحن",  "li",   "fi", "w"};
  return words;
}

bool Declares(absl::Span<const std::string> declared, absl::string_view code) {
  return std::any_of(declared.begin(), declared.end(), [code](const std::string& tag) {
    return absl::StartsWithIgnoreCase(tag, code) &&
           (tag.size() == code.size() || !absl::ascii_isalpha(tag[code.size()]));
  });
}

bool SpellsWithDigits(absl::string_view folded) {
  return std::any_of(folded.begin(), folded.end(), absl::ascii_isdigit) && !Sounds(folded).empty();
}

// What speaks for each language in a stretch of text.
struct Evidence {
  int french = 0, english = 0, darija_latin = 0, darija_arabic = 0;

  void Add(const Token& token) {
    if (token.is_hashtag) return;
    const bool darija = DarijaWords().contains(token.folded);
    if (token.script == Script::kArabic) {
      const bool letter = absl::StrContains(token.folded, "گ") ||
                          absl::StrContains(token.folded, "ڭ") ||
                          absl::StrContains(token.folded, "ڤ");
      darija_arabic += darija || letter ? 1 : 0;
    } else if (token.script == Script::kLatin) {
      french += FrenchWords().contains(token.folded) ? 1 : 0;
      english += EnglishWords().contains(token.folded) ? 1 : 0;
      darija_latin += darija || SpellsWithDigits(token.folded) ? 1 : 0;
    }
  }
  SpokenLanguage Latin() const {
    auto wins = [](int own, int a, int b) { return own >= 2 && own >= 2 * a && own >= 2 * b; };
    if (wins(french, english, darija_latin)) return SpokenLanguage::kFrench;
    if (wins(english, french, darija_latin)) return SpokenLanguage::kEnglish;
    const bool alone = darija_latin > 0 && french == 0 && english == 0;
    if (alone || wins(darija_latin, french, english)) return SpokenLanguage::kDarija;
    return SpokenLanguage::kUnknown;
  }
};

SpokenLanguage Declared(absl::Span<const std::string> declared) {
  SpokenLanguage found = SpokenLanguage::kUnknown;
  for (const SpokenLanguage language :
       {SpokenLanguage::kFrench, SpokenLanguage::kEnglish, SpokenLanguage::kDarija}) {
    if (!Declares(declared, SpokenCode(language))) continue;
    if (found != SpokenLanguage::kUnknown) return SpokenLanguage::kUnknown;
    found = language;
  }
  return found;
}

// U+2D30 to U+2D7F.
bool IsTifinagh(absl::string_view folded) {
  return absl::StartsWith(folded, "\xe2\xb4") || absl::StartsWith(folded, "\xe2\xb5");
}

}  // namespace

absl::string_view SpokenCode(SpokenLanguage language) {
  return kCodes.at(static_cast<size_t>(language));
}

std::vector<SpokenLanguage> DetectLanguages(absl::Span<const Token> tokens,
                                            absl::Span<const std::string> declared) {
  Evidence whole;
  for (const Token& token : tokens) whole.Add(token);
  SpokenLanguage otherwise = whole.Latin();
  if (otherwise == SpokenLanguage::kUnknown) otherwise = Declared(declared);
  std::vector<SpokenLanguage> languages(tokens.size(), SpokenLanguage::kUnknown);
  for (size_t begin = 0; begin < tokens.size();) {
    size_t end = begin;
    Evidence run;
    for (; end < tokens.size() && tokens[end].run == tokens[begin].run; ++end) run.Add(tokens[end]);
    const SpokenLanguage latin = run.Latin() == SpokenLanguage::kUnknown ? otherwise : run.Latin();
    const SpokenLanguage arabic =
        run.darija_arabic > 0 ? SpokenLanguage::kDarija : SpokenLanguage::kArabic;
    for (; begin < end; ++begin) {
      const Token& token = tokens[begin];
      if (token.script == Script::kLatin) languages[begin] = latin;
      if (token.script == Script::kArabic) languages[begin] = arabic;
      if (IsTifinagh(token.folded)) languages[begin] = SpokenLanguage::kTamazight;
    }
  }
  return languages;
}

bool IsStopWord(absl::string_view folded) {
  return FrenchWords().contains(folded) || EnglishWords().contains(folded) ||
         DarijaWords().contains(folded) || OtherStopWords().contains(folded);
}

}  // namespace halqa::text
