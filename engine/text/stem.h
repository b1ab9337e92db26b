#pragma once
// Stems by Snowball.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/text/language.h"
#include "engine/text/tokens.h"

namespace halqa::text {

// Rises whenever a stem can change.
inline constexpr int kStemVersion = 2;

enum class Language : uint8_t { kFrench, kEnglish, kArabic };
inline constexpr int kLanguages = 3;

// "fr", "en", "ar".
absl::string_view LanguageCode(Language language);

// The stem of an accented folded word, then without Latin accents, so that "beautés" and "beaute"
// meet. Thread safe: each thread has stemmers of its own. Paper: Snowball (Porter 2001); Arabic:
// Tashaphyne-based Snowball stemmer of libstemmer 2.
std::string Stem(Language language, absl::string_view accented);

struct LanguageStem {
  Language language;
  std::string stem;
};

struct AnalyzedToken {
  Token token;
  SpokenLanguage language = SpokenLanguage::kUnknown;
  // Empty for numbers and other scripts; French and English where the word may be either, as in
  // Darija, which borrows from both.
  std::vector<LanguageStem> stems;
};

// Tokens with their languages and stems. `declared`: the languages of the account, may be empty.
std::vector<AnalyzedToken> Analyze(std::vector<Token> tokens,
                                   absl::Span<const std::string> declared);
std::vector<AnalyzedToken> AnalyzeText(absl::string_view utf8,
                                       absl::Span<const std::string> declared);

}  // namespace halqa::text
