#include "engine/text/taxonomy.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/text/skeleton.h"
#include "engine/text/taxonomy_file.h"

namespace halqa::text {

// Made by CMake from data/taxonomy.toml.
extern const unsigned char kDefaultTaxonomyBytes[];
extern const unsigned long kDefaultTaxonomySize;

namespace {

// Stems shorter than this stand for too many words to name a topic alone.
constexpr size_t kStemBytesMin = 3;

// How far a word may sound from a synonym to name its topic: nearer than what makes two spellings
// one word, since a topic answers for all its synonyms. Two consonants tell little.
constexpr double kTopicSoundMax = 0.42, kShortSoundMax = 0.2;
constexpr size_t kShortSkeleton = 2;

std::string ExactKey(absl::Span<const AnalyzedToken> tokens) {
  return absl::StrJoin(tokens, " ", [](std::string* out, const AnalyzedToken& t) {
    absl::StrAppend(out, t.token.folded);
  });
}

const std::string* StemIn(const AnalyzedToken& token, Language language) {
  for (const LanguageStem& stem : token.stems) {
    if (stem.language == language) return &stem.stem;
  }
  return nullptr;
}

// Stems joined by ' '; empty when a token has no stem in the language.
std::string StemKey(absl::Span<const AnalyzedToken> tokens, Language language) {
  std::string key;
  for (const AnalyzedToken& token : tokens) {
    const std::string* stem = StemIn(token, language);
    if (stem == nullptr) return "";
    absl::StrAppend(&key, key.empty() ? "" : " ", *stem);
  }
  return key;
}

std::string StemStart(Language language, absl::string_view stem) {
  return absl::StrCat(LanguageCode(language), ":", stem);
}

// The language whose stems a synonym has; false for Darija in Latin script and Tamazight, which
// have no stemmer.
bool StemLanguage(absl::string_view code, Language* language) {
  if (code == "ary-Latn" || code == "zgh") return false;
  *language = code == "fr"   ? Language::kFrench
              : code == "en" ? Language::kEnglish
                             : Language::kArabic;
  return true;
}

void Raise(absl::flat_hash_map<std::string, size_t>* map, std::string key, size_t words) {
  size_t& value = (*map)[std::move(key)];
  value = std::max(value, words);
}

}  // namespace

std::string ResolvedQuery::Describe() const {
  std::vector<std::string> parts;
  for (const ResolvedTopic& topic : topics) {
    std::vector<std::string> words = {topic.matched};
    for (const std::string& synonym : topic.synonyms) {
      if (std::find(words.begin(), words.end(), synonym) == words.end()) words.push_back(synonym);
    }
    parts.push_back(absl::StrJoin(words, " = "));
  }
  if (!free_terms.empty()) {
    parts.push_back(absl::StrCat(
        "free: ", absl::StrJoin(free_terms, ", ", [](std::string* out, const AnalyzedToken& t) {
          absl::StrAppend(out, t.token.is_hashtag ? "#" : "", t.token.folded);
        })));
  }
  if (!ignored.empty()) parts.push_back(absl::StrCat("ignored: ", absl::StrJoin(ignored, ", ")));
  return absl::StrJoin(parts, "; ");
}

absl::StatusOr<Taxonomy> Taxonomy::Parse(absl::string_view toml, absl::string_view file) {
  Taxonomy taxonomy;
  HALQA_ASSIGN_OR_RETURN(taxonomy.topics_, ParseTopics(toml, file));
  for (size_t i = 0; i < taxonomy.topics_.size(); ++i) {
    const std::string& id = taxonomy.topics_[i].id;
    if (!taxonomy.by_id_.try_emplace(id, static_cast<int>(i)).second) {
      return TaxonomyError(file, id, "the id stands twice");
    }
  }
  HALQA_RETURN_IF_ERROR(taxonomy.Check(file));
  taxonomy.Index();
  taxonomy.fingerprint_ = Checksum64(toml);
  return taxonomy;
}

absl::string_view Taxonomy::DefaultToml() {
  return {reinterpret_cast<const char*>(kDefaultTaxonomyBytes), kDefaultTaxonomySize};
}

const Taxonomy& Taxonomy::Default() {
  static const Taxonomy& taxonomy = *[] {
    auto parsed = Parse(DefaultToml(), "taxonomy.toml");
    HALQA_CHECK(parsed.ok());
    return new Taxonomy(*std::move(parsed));
  }();
  return taxonomy;
}

int Taxonomy::Find(absl::string_view id) const {
  auto it = by_id_.find(id);
  return it == by_id_.end() ? -1 : it->second;
}

std::vector<int> Taxonomy::WithAncestors(int topic) const {
  std::vector<int> found = {topic};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const std::string& parent : topics_[found[i]].parents) {
      const int index = Find(parent);
      if (std::find(found.begin(), found.end(), index) == found.end()) found.push_back(index);
    }
  }
  return found;
}

// Parents exist and nobody is their own ancestor.
absl::Status Taxonomy::Check(absl::string_view file) const {
  for (const Topic& topic : topics_) {
    for (const std::string& parent : topic.parents) {
      if (Find(parent) < 0) {
        return TaxonomyError(file, topic.id, absl::StrCat("unknown parent \"", parent, "\""));
      }
    }
  }
  for (const Topic& topic : topics_) {
    for (int ancestor : WithAncestors(Find(topic.id))) {
      const auto& parents = topics_[ancestor].parents;
      if (std::find(parents.begin(), parents.end(), topic.id) != parents.end()) {
        return TaxonomyError(file, topic.id, "the topic is its own ancestor");
      }
    }
  }
  return absl::OkStatus();
}

void Taxonomy::Index() {
  for (size_t t = 0; t < topics_.size(); ++t) {
    const Topic& topic = topics_[t];
    IndexPhrase({static_cast<int>(t), -1}, topic.id, "ary-Latn");
    for (size_t s = 0; s < topic.synonyms.size(); ++s) {
      const Synonym& synonym = topic.synonyms[s];
      IndexPhrase({static_cast<int>(t), static_cast<int>(s)}, synonym.phrase, synonym.language);
    }
  }
}

void Taxonomy::IndexPhrase(const Target& target, absl::string_view phrase,
                           absl::string_view language) {
  const std::vector<std::string> declared = {std::string(language)};
  const auto tokens = AnalyzeText(phrase, declared);
  if (tokens.empty()) return;
  auto add = [&target](Phrases* phrases, const std::string& key) {
    auto& targets = (*phrases)[key];
    for (const Target& t : targets) {
      if (t.topic == target.topic) return;
    }
    targets.push_back(target);
  };
  const std::string exact = ExactKey(tokens);
  add(&exact_, exact);
  Raise(&longest_, tokens.front().token.folded, tokens.size());
  if (tokens.size() > 1) {  // "street food" is written #streetfood
    std::string joined = exact;
    joined.erase(std::remove(joined.begin(), joined.end(), ' '), joined.end());
    add(&exact_, joined);
    Raise(&longest_, joined, 1);
  }
  if (tokens.size() == 1 && target.synonym >= 0 && absl::StartsWith(language, "ar")) {
    IndexSounds(target, tokens.front().token);
  }
  Language stem_language;
  if (!StemLanguage(language, &stem_language)) return;
  const std::string stems = StemKey(tokens, stem_language);
  if (stems.size() < kStemBytesMin) return;
  add(&stem_[static_cast<size_t>(stem_language)], stems);
  Raise(&longest_, StemStart(stem_language, *StemIn(tokens.front(), stem_language)), tokens.size());
}

// Two consonants in Arabic letters say nothing of the vowels, and little of the word.
void Taxonomy::IndexSounds(const Target& target, const Token& token) {
  const std::string sounds = Sounds(token.folded);
  if (token.script == Script::kArabic && SkeletonKey(sounds).size() <= kShortSkeleton) return;
  sounds_.Add(sounds, static_cast<uint32_t>(sound_targets_.size()));
  sound_targets_.push_back(target);
}

// The targets of the longest phrase that starts at `begin`; null when none does.
const std::vector<Taxonomy::Target>* Taxonomy::Longest(absl::Span<const AnalyzedToken> tokens,
                                                       size_t begin, size_t* end,
                                                       bool* exact) const {
  auto words_max = [this](const std::string& start) -> size_t {
    auto it = longest_.find(start);
    return it == longest_.end() ? 0 : it->second;
  };
  const AnalyzedToken& first = tokens[begin];
  size_t longest = words_max(first.token.folded);
  for (const LanguageStem& stem : first.stems) {
    longest = std::max(longest, words_max(StemStart(stem.language, stem.stem)));
  }
  for (size_t words = std::min(longest, tokens.size() - begin); words > 0; --words) {
    const auto phrase = tokens.subspan(begin, words);
    *end = begin + words;
    auto it = exact_.find(ExactKey(phrase));
    *exact = it != exact_.end();
    if (*exact) return &it->second;
    for (const LanguageStem& stem : first.stems) {
      const Phrases& phrases = stem_[static_cast<size_t>(stem.language)];
      auto found = phrases.find(StemKey(phrase, stem.language));
      if (found != phrases.end()) return &found->second;
    }
  }
  return nullptr;
}

// The targets whose synonyms are nearest to the word in sound, each topic once.
std::vector<Taxonomy::Target> Taxonomy::SoundsLike(const AnalyzedToken& token) const {
  const bool other =
      token.language == SpokenLanguage::kFrench || token.language == SpokenLanguage::kEnglish;
  if (other || IsStopWord(token.token.folded)) return {};
  const std::string sounds = Sounds(token.token.folded);
  if (sounds.empty()) return {};
  const bool brief = SkeletonKey(sounds).size() <= kShortSkeleton;
  std::vector<Target> targets;
  double nearest = brief ? kShortSoundMax : kTopicSoundMax;
  for (const SoundIndex::Match& match : sounds_.Find(sounds, nearest)) {
    if (!targets.empty() && match.distance > nearest) break;
    nearest = match.distance;
    const Target& target = sound_targets_[match.id];
    const bool known = std::any_of(targets.begin(), targets.end(),
                                   [&](const Target& t) { return t.topic == target.topic; });
    if (!known) targets.push_back(target);
  }
  return targets;
}

std::vector<std::string> Taxonomy::SoundingLike(absl::string_view folded) const {
  constexpr double kSuggestedSoundMax = 1.2;
  constexpr size_t kSuggestedMax = 2;
  std::vector<std::string> phrases;
  for (const SoundIndex::Match& match : sounds_.Find(Sounds(folded), kSuggestedSoundMax)) {
    const Target& target = sound_targets_[match.id];
    const Topic& topic = topics_[target.topic];
    if (!topic.sensitive) phrases.push_back(topic.synonyms[target.synonym].phrase);
    if (phrases.size() == kSuggestedMax) break;
  }
  return phrases;
}

std::vector<TopicHit> Taxonomy::Match(absl::Span<const AnalyzedToken> tokens) const {
  std::vector<TopicHit> hits;
  for (size_t i = 0; i < tokens.size();) {
    size_t end = i;
    bool exact = false;
    const std::vector<Target>* written = Longest(tokens, i, &end, &exact);
    if (written == nullptr) end = i + 1;
    const std::vector<Target> targets = written != nullptr ? *written : SoundsLike(tokens[i]);
    if (targets.empty()) {
      ++i;
      continue;
    }
    while (tokens[i].token.is_hashtag && end < tokens.size() && tokens[end].token.from_hashtag) {
      ++end;  // the whole tag said it already
    }
    for (const Target& target : targets) {
      hits.push_back({target.topic, target.synonym, i, end, exact});
    }
    i = end;
  }
  return hits;
}

ResolvedTopic Taxonomy::Resolve(const TopicHit& hit, absl::Span<const AnalyzedToken> tokens) const {
  const Topic& topic = topics_[hit.topic];
  ResolvedTopic resolved{hit.topic, topic.id, topic.sensitive, "", {}};
  resolved.matched = tokens[hit.begin].token.is_hashtag
                         ? tokens[hit.begin].token.folded
                         : ExactKey(tokens.subspan(hit.begin, hit.end - hit.begin));
  std::set<std::string> languages;
  if (hit.synonym >= 0) {
    languages.insert(topic.synonyms[hit.synonym].language);
    resolved.synonyms.push_back(topic.synonyms[hit.synonym].phrase);
  }
  for (const Synonym& synonym : topic.synonyms) {
    if (languages.insert(synonym.language).second) resolved.synonyms.push_back(synonym.phrase);
  }
  return resolved;
}

ResolvedQuery Taxonomy::ResolveQuery(absl::string_view query) const {
  TokenizedText text = Tokenize(query);
  ResolvedQuery resolved;
  const std::vector<AnalyzedToken> tokens = Analyze(std::move(text.tokens), {});
  std::vector<bool> used(tokens.size(), false);
  for (const TopicHit& hit : Match(tokens)) {
    std::fill(used.begin() + static_cast<int64_t>(hit.begin),
              used.begin() + static_cast<int64_t>(hit.end), true);
    const auto& topics = resolved.topics;
    const bool known = std::any_of(topics.begin(), topics.end(),
                                   [&hit](const ResolvedTopic& t) { return t.topic == hit.topic; });
    if (!known) resolved.topics.push_back(Resolve(hit, tokens));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i].token;
    if (used[i] || !seen.insert((token.is_hashtag ? "#" : "") + token.folded).second) continue;
    if (!token.is_hashtag && IsStopWord(token.folded)) {
      resolved.ignored.push_back(token.folded);
    } else {
      resolved.free_terms.push_back(tokens[i]);
    }
  }
  for (std::string& mention : text.mentions) resolved.ignored.push_back("@" + mention);
  for (std::string& url : text.urls) resolved.ignored.push_back(std::move(url));
  return resolved;
}

}  // namespace halqa::text
