#include "engine/text/stem.h"

#include <libstemmer.h>

#include <algorithm>
#include <array>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "engine/base/check.h"
#include "engine/text/fold.h"

namespace halqa::text {
namespace {

constexpr std::array<absl::string_view, kLanguages> kCodes = {"fr", "en", "ar"};
constexpr std::array<const char*, kLanguages> kAlgorithms = {"french", "english", "arabic"};

struct StemmerDelete {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using StemmerPtr = std::unique_ptr<sb_stemmer, StemmerDelete>;

sb_stemmer* StemmerOf(Language language) {
  static thread_local std::array<StemmerPtr, kLanguages> stemmers;
  StemmerPtr& stemmer = stemmers.at(static_cast<size_t>(language));
  if (stemmer == nullptr) {
    stemmer.reset(sb_stemmer_new(kAlgorithms.at(static_cast<size_t>(language)), "UTF_8"));
    HALQA_CHECK(stemmer != nullptr);
  }
  return stemmer.get();
}

using WordSet = absl::flat_hash_set<absl::string_view>;

// Folded function words. Words that both languages use ("on", "a", "me") are in neither list.
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

const WordSet& OtherStopWords() {
  static const auto& words = *new WordSet{
      "a",  "on",  "me",  "no",   "y",     "l",    "d",     "من", "في", "على", "الي", "عن",
      "مع", "هذا", "هذه", "التي", "الذي",  "كل",   "ما",    "لا", "و",  "ان",  "او",  "هو",
      "هي", "انا", "نحن", "ديال", "ديالي", "dyal", "diali", "li", "fi", "w"};
  return words;
}

bool Declares(absl::Span<const std::string> declared, absl::string_view code) {
  return std::any_of(declared.begin(), declared.end(), [code](const std::string& tag) {
    return absl::StartsWithIgnoreCase(tag, code) &&
           (tag.size() == code.size() || !absl::ascii_isalpha(tag[code.size()]));
  });
}

}  // namespace

absl::string_view LanguageCode(Language language) {
  return kCodes.at(static_cast<size_t>(language));
}

std::string Stem(Language language, absl::string_view accented) {
  sb_stemmer* stemmer = StemmerOf(language);
  const auto* word = reinterpret_cast<const sb_symbol*>(accented.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer, word, static_cast<int>(accented.size()));
  HALQA_CHECK(stem != nullptr);
  return StripLatinAccents(absl::string_view(reinterpret_cast<const char*>(stem),
                                             static_cast<size_t>(sb_stemmer_length(stemmer))));
}

LatinLanguages DetectLatinLanguages(absl::Span<const Token> tokens,
                                    absl::Span<const std::string> declared) {
  int french = 0, english = 0;
  for (const Token& token : tokens) {
    if (token.script != Script::kLatin || token.is_hashtag) continue;
    french += FrenchWords().contains(token.folded) ? 1 : 0;
    english += EnglishWords().contains(token.folded) ? 1 : 0;
  }
  if (french >= 2 && french >= 2 * english) return {true, false};
  if (english >= 2 && english >= 2 * french) return {false, true};
  const bool fr = Declares(declared, "fr"), en = Declares(declared, "en");
  if (fr != en) return {fr, en};
  return {true, true};
}

bool IsStopWord(absl::string_view folded) {
  return FrenchWords().contains(folded) || EnglishWords().contains(folded) ||
         OtherStopWords().contains(folded);
}

std::vector<AnalyzedToken> Analyze(std::vector<Token> tokens,
                                   absl::Span<const std::string> declared) {
  const LatinLanguages latin = DetectLatinLanguages(tokens, declared);
  std::vector<AnalyzedToken> analyzed;
  analyzed.reserve(tokens.size());
  for (Token& token : tokens) {
    AnalyzedToken& out = analyzed.emplace_back();
    auto add = [&](Language language) {
      out.stems.push_back({language, Stem(language, token.accented)});
    };
    if (token.script == Script::kArabic) add(Language::kArabic);
    if (token.script == Script::kLatin && latin.french) add(Language::kFrench);
    if (token.script == Script::kLatin && latin.english) add(Language::kEnglish);
    out.token = std::move(token);
  }
  return analyzed;
}

std::vector<AnalyzedToken> AnalyzeText(absl::string_view utf8,
                                       absl::Span<const std::string> declared) {
  return Analyze(Tokenize(utf8).tokens, declared);
}

}  // namespace halqa::text
