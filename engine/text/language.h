#pragma once
// Which language the words of a text are in. Bios and posts of the market change it in
// mid-sentence, so it is decided for each run of words between sentence marks, and per script.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/text/tokens.h"

namespace halqa::text {

// Rises whenever the choice of a language can change.
inline constexpr int kLanguageVersion = 1;

enum class SpokenLanguage : uint8_t {
  kUnknown,
  kFrench,
  kEnglish,
  kArabic,     // the written standard
  kDarija,     // in either script
  kTamazight,  // in Tifinagh
};

// BCP 47: "und", "fr", "en", "ar", "ary", "zgh".
absl::string_view SpokenCode(SpokenLanguage language);

// One language per token. Latin words: function words of the run decide ("et", "avec" / "and",
// "with" / "dyal", "wach"; a word with digits for Arabic sounds speaks for Darija): one side needs
// at least 2 and twice each other, or Darija 1 where the others have none. Else those of the whole
// text decide in the same way; else the languages declared for the account (BCP 47), when exactly
// one of fr, en and ary is among them; else it is unknown. Arabic words: Darija where the run has a
// function word of it or one of its letters (گ ڭ ڤ), else standard Arabic. Numbers and other
// scripts: unknown. Cost: linear, a few look-ups per token.
std::vector<SpokenLanguage> DetectLanguages(absl::Span<const Token> tokens,
                                            absl::Span<const std::string> declared);

// True for function words of French, English, Arabic and Darija, which no query and no label should
// use.
bool IsStopWord(absl::string_view folded);

}  // namespace halqa::text
