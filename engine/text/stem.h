#pragma once
// Stems by Snowball, and the choice of the language they are made in.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/text/tokens.h"

namespace halqa::text {

// Rises whenever a stem or the choice of languages can change.
inline constexpr int kStemVersion = 1;

enum class Language : uint8_t { kFrench, kEnglish, kArabic };
inline constexpr int kLanguages = 3;

// "fr", "en", "ar".
absl::string_view LanguageCode(Language language);

// The stem of an accented folded word, then without Latin accents, so that "beautés" and "beaute"
// meet. Thread safe: each thread has stemmers of its own. Paper: Snowball (Porter 2001); Arabic:
// Tashaphyne-based Snowball stemmer of libstemmer 2.
std::string Stem(Language language, absl::string_view accented);

// Which languages the Latin words of one run of text are in.
struct LatinLanguages {
  bool french = true;
  bool english = true;
};

// Reads the language of a run off its function words ("et", "avec" / "and", "with"): one side needs
// at least 2 and twice the other. Else the languages declared for the account (BCP 47) decide when
// exactly one of fr and en is among them; else both are left, and both are indexed.
LatinLanguages DetectLatinLanguages(absl::Span<const Token> tokens,
                                    absl::Span<const std::string> declared);

// True for function words of French, English and Arabic, which no query and no label should use.
bool IsStopWord(absl::string_view folded);

struct LanguageStem {
  Language language;
  std::string stem;
};

struct AnalyzedToken {
  Token token;
  std::vector<LanguageStem> stems;  // empty for numbers and other scripts; two when unsure
};

// Tokens with their stems. `declared`: the languages of the account, may be empty.
std::vector<AnalyzedToken> Analyze(std::vector<Token> tokens,
                                   absl::Span<const std::string> declared);
std::vector<AnalyzedToken> AnalyzeText(absl::string_view utf8,
                                       absl::Span<const std::string> declared);

}  // namespace halqa::text
