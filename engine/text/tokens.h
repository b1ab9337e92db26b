#pragma once
// Words, hashtags, mentions and links of a text.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::text {

// Rises whenever Tokenize can return other tokens for the same text.
inline constexpr int kTokensVersion = 2;

enum class Script : uint8_t { kLatin, kArabic, kNumber, kOther };

struct Token {
  std::string folded;    // Fold of the word: the key of exact matching
  std::string accented;  // FoldKeepingAccents of the word: what stems are made from
  Script script = Script::kOther;
  bool is_hashtag = false;    // a whole hashtag, without '#' and '_'
  bool from_hashtag = false;  // a word found inside the hashtag before it
  // The stretch of text it stands in, numbered from 0; sentence marks, line ends, '|', '/', bullets
  // and emoji end one.
  uint32_t run = 0;
};

struct TokenizedText {
  std::vector<Token> tokens;          // in text order; a hashtag stands before its parts
  std::vector<std::string> mentions;  // handles without '@', as written
  std::vector<std::string> urls;      // links and e-mail addresses, as written
};

// Splits a text. Words follow ICU's word segmentation (UAX #29), split further at '.', '_' and ':';
// French elision is dropped ("l'atelier" -> "atelier", "mom's" -> "mom"). Mentions, links and mail
// addresses give no words. Text longer than kTextBytesMax is cut there. Thread safe. Cost: linear.
TokenizedText Tokenize(absl::string_view utf8);
inline constexpr size_t kTextBytesMax = 64 * 1024;

// The tokens of one hashtag given without '#': the whole, then its words where it has more than one
// ("TajineMarocain" -> tajinemarocain, tajine, marocain). Boundaries: '_', a capital after a small
// letter, digits, a change of script. Only the whole keeps digits beside letters ("covid19" ->
// covid19, covid, 19). Empty when the tag holds no letter and no digit.
std::vector<Token> TokenizeHashtag(absl::string_view tag);

// True for a text made of letters whose first letter is of the Arabic script.
Script ScriptOf(absl::string_view folded);

}  // namespace halqa::text
