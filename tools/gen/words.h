#pragma once
// The words that the invented people use.

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace halqa::gen {

enum Tongue { kFrench, kArabic, kDarijaArabic, kDarijaLatin, kEnglish, kTongues };

struct TopicWords {
  absl::string_view id;  // as in the engine's taxonomy
  absl::Span<const absl::string_view> words[kTongues];
  // Spellings people use that stand in no list.
  absl::Span<const absl::string_view> unlisted;
};

absl::Span<const TopicWords> Topics();

struct City {
  absl::string_view name;
  double share;
};
absl::Span<const City> Cities();

struct Platform {
  absl::string_view id;
  double share;  // percent of people in Morocco who use it
};
absl::Span<const Platform> Platforms();

absl::Span<const absl::string_view> FirstNames();
absl::Span<const absl::string_view> Nouns();
// Sentences about nothing in particular, by tongue.
absl::Span<const absl::string_view> SmallTalk(Tongue tongue);
// Sentences with $w (topic word), $c (city).
absl::Span<const absl::string_view> PostPatterns(Tongue tongue);
absl::Span<const absl::string_view> BioPatterns(Tongue tongue);
// "fr", "ar", "ary", "ary", "en".
absl::string_view LanguageTag(Tongue tongue);

}  // namespace halqa::gen
