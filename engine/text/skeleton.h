#pragma once
// Darija has no fixed spelling: "chhiwat", "chehiwate" and "شهيوات" are one word. Its sounds,
// written alike from both scripts; the consonant skeleton, which finds spellings; and a distance of
// sounds, which orders what the skeleton finds.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::text {

// Rises whenever the sounds, a skeleton or a distance can change.
inline constexpr int kSkeletonVersion = 1;

// The sounds of a folded word, one ASCII character each; the same for Latin and Arabic letters:
//   a e i u, w at the beginning; b t j x d r z s f g k l m n h;
//   C ش ch sh, G غ gh, H ح 7, q ق 9, 3 ع, ' hamza 2. p stands as b, v as f, emphatic letters as
//   their plain ones (ط t, ص s, ض ظ d), interdentals as stops (ث t, ذ d).
// Vowels are never doubled. The Arabic article is left out, the Latin one ("l", "el", "al") is
// kept, for it may be part of a word.
// "" for words that are not read this way: other scripts; digits that are no letters ("covid19",
// "mp3", "4g"); fewer than two consonants. Cost: linear.
std::string Sounds(absl::string_view folded);

// The key by which a spelling is stored: consonants alone, q g k alike, h and ح alike, without the
// ع, a Latin article before a consonant, and a final h after a vowel. "" for "".
std::string SkeletonKey(absl::string_view sounds);

// The keys by which a spelling is looked up, its own first: with and without what may be an
// article, a final h, an h after d or t. At most 8.
std::vector<std::string> SkeletonKeys(absl::string_view sounds);

// Weighted edit distance of two words' sounds: 0 for equal ones; a short vowel costs 0.15 to 0.25,
// a long one 0.4, doubling 0.1, sounds that spellings mix up 0.25 to 0.45, another consonant 1; a
// different final vowel 0.25 more. Symmetric. Cost: O(length²).
double SoundDistance(absl::string_view a, absl::string_view b);

// Spellings farther apart than this are other words. On the Darija Open Dataset: see
// docs/MEASURED.md.
inline constexpr double kSameWordMax = 0.9;

}  // namespace halqa::text
