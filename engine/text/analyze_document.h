#pragma once
// From the texts of an account to the terms that stand for it in the index.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/text/bm25f.h"
#include "engine/text/stem.h"
#include "engine/text/taxonomy.h"

namespace halqa::text {

// Rises whenever the same document can give other terms (with the versions of fold, tokens, stem).
inline constexpr int kAnalyzeVersion = 3;

// The texts of one account. Everything may be empty.
struct DocumentText {
  std::string handle, display_name, bio, category, city;
  std::vector<std::string> hashtags;   // without '#'
  std::vector<std::string> lists;      // names of lists that hold the account
  std::vector<std::string> posts;      // texts of posts
  std::vector<std::string> languages;  // BCP 47
};

// Counts of one account, each capped so that repeating a word buys nothing.
inline constexpr uint8_t kCountMax = 15;
// Longer words are noise and would make long keys.
inline constexpr size_t kWordBytesMax = 64;

struct DocumentTerms {
  // Term (see below) -> count per field.
  absl::flat_hash_map<std::string, FieldCounts> terms;
  std::array<uint32_t, kFields> lengths = {};  // words per field

  // Σ weight × length: the document length that a posting holds.
  uint32_t WeightedLength() const;
};

// Names of terms. A term is one of
//   e:<skeleton>|<folded word>  exact spelling; spellings of one word stand together
//   s:<fr|en|ar>:<stem>    a stem
//   h:<folded hashtag>     a whole hashtag
//   p:<folded word>        a word of the place it is in
//   t:<topic id>           the document names the topic, or a narrower one
std::string ExactTerm(absl::string_view folded);
// What the terms of all spellings with a skeleton begin with; the spelling in such a term.
std::string SpellingPrefix(absl::string_view skeleton);
absl::string_view SpellingOf(absl::string_view exact_term);
std::string StemTerm(Language language, absl::string_view stem);
std::string HashtagTerm(absl::string_view folded);
std::string PlaceTerm(absl::string_view folded);
std::string TopicTerm(absl::string_view topic_id);

// Counts the terms of a document. Function words give none. Names (handle, display name) count in
// kName, lists, category and place in kLists, hashtags and those inside the bio in kHashtags. The
// language of Latin words is found per text. Thread safe. Cost: linear in the text.
DocumentTerms AnalyzeDocument(const DocumentText& document, const Taxonomy& taxonomy);

// Whether one text of the document holds the words behind each other, by exact folded spelling; a
// hashtag stands as its words. `phrase`: not empty. Cost: linear in the text.
bool HasPhrase(const DocumentText& document, absl::Span<const AnalyzedToken> phrase);

}  // namespace halqa::text
