#pragma once
// Topics, their synonyms in each language and script, and the words of a query that name them.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/text/sound_index.h"
#include "engine/text/stem.h"

namespace halqa::text {

struct Synonym {
  std::string language;  // "fr", "ar", "en", "ary-Arab", "ary-Latn" or "zgh"
  std::string phrase;    // as written in the file
};

struct Topic {
  std::string id;
  std::vector<std::string> parents;           // ids of broader topics
  std::map<std::string, std::string> labels;  // display name by language
  std::vector<Synonym> synonyms;              // in file order, by language
  bool sensitive = false;                     // searched only with a grant
};

// One place of a text that names a topic.
struct TopicHit {
  int topic = 0;              // index in topics()
  int synonym = 0;            // index in its synonyms, -1: the id itself
  size_t begin = 0, end = 0;  // tokens [begin, end)
  bool exact = true;          // false: only the stems or the sounds agree
};

struct ResolvedTopic {
  int topic = 0;
  std::string id;
  bool sensitive = false;
  std::string matched;                // the words of the query, folded
  std::vector<std::string> synonyms;  // the synonym that matched, then one of each other language
};

// What a query was taken to mean; answers echo it.
struct ResolvedQuery {
  std::vector<ResolvedTopic> topics;      // in order of first appearance, each once
  std::vector<AnalyzedToken> free_terms;  // words that name no topic, each once
  std::vector<std::string> ignored;       // function words, mentions, links

  // "chhiwat = شهيوات = cuisine; free: casablanca; ignored: in". Empty when the query was.
  std::string Describe() const;
};

// Thread safety: immutable.
// Invariants: 1. topic ids are distinct and each parent exists. 2. no topic is its own ancestor.
class Taxonomy {
 public:
  // Reads a taxonomy. `file` is named in errors. Errors: InvalidArgument (TAXONOMY_INVALID with
  // file, topic and what is wrong; line where the file is no TOML).
  static absl::StatusOr<Taxonomy> Parse(absl::string_view toml, absl::string_view file);

  // The taxonomy that is built into the program, and its file.
  static const Taxonomy& Default();
  static absl::string_view DefaultToml();

  absl::Span<const Topic> topics() const { return topics_; }
  // Index of a topic, or -1.
  int Find(absl::string_view id) const;
  // Checksum of the file: results made with another taxonomy are out of date.
  uint64_t fingerprint() const { return fingerprint_; }

  // The topics that a text names: from left to right, the longest phrase first, exact spelling
  // before stems, stems before sounds; no two hits overlap unless several topics share the phrase.
  // Sounds speak for single words of Arabic and Darija synonyms, and not inside French and English
  // runs. The parts of a hashtag that names a topic as a whole are skipped. Cost: linear, a few
  // look-ups per token.
  std::vector<TopicHit> Match(absl::Span<const AnalyzedToken> tokens) const;

  // Phrases of the topics whose synonyms sound like the word, but not enough to be taken for it;
  // nearest first, at most two.
  std::vector<std::string> SoundingLike(absl::string_view folded) const;

  // Splits a query into topics, free words and what is ignored.
  ResolvedQuery ResolveQuery(absl::string_view query) const;

  // The topic and all its ancestors, by index, the topic first.
  std::vector<int> WithAncestors(int topic) const;

 private:
  struct Target {
    int topic, synonym;
  };
  using Phrases = absl::flat_hash_map<std::string, std::vector<Target>>;

  absl::Status Check(absl::string_view file) const;
  void Index();
  void IndexPhrase(const Target& target, absl::string_view phrase, absl::string_view language);
  void IndexSounds(const Target& target, const Token& token);
  const std::vector<Target>* Longest(absl::Span<const AnalyzedToken> tokens, size_t begin,
                                     size_t* end, bool* exact) const;
  std::vector<Target> SoundsLike(const AnalyzedToken& token) const;
  ResolvedTopic Resolve(const TopicHit& hit, absl::Span<const AnalyzedToken> tokens) const;

  std::vector<Topic> topics_;
  absl::flat_hash_map<std::string, int> by_id_;
  Phrases exact_;                         // folded words joined by ' '
  std::array<Phrases, kLanguages> stem_;  // stems joined by ' '
  SoundIndex sounds_;                     // by index in sound_targets_
  std::vector<Target> sound_targets_;
  // Longest phrase that starts with a word ("" + folded) or a stem ("fr:" + stem), in words.
  absl::flat_hash_map<std::string, size_t> longest_;
  uint64_t fingerprint_ = 0;
};

}  // namespace halqa::text
