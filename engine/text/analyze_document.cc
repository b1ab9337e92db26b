#include "engine/text/analyze_document.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/text/skeleton.h"

namespace halqa::text {
namespace {

class Counter {
 public:
  Counter(const DocumentText& document, const Taxonomy& taxonomy)
      : document_(document), taxonomy_(taxonomy) {}

  DocumentTerms Run() {
    CountHandle();
    CountText(document_.display_name, Field::kName);
    CountText(document_.bio, Field::kBio);
    CountText(document_.category, Field::kLists);
    CountPlace();
    for (const std::string& list : document_.lists) CountText(list, Field::kLists);
    for (const std::string& tag : document_.hashtags) {
      Count(TokenizeHashtag(tag), Field::kHashtags);
    }
    for (const std::string& post : document_.posts) CountText(post, Field::kPosts);
    return std::move(out_);
  }

 private:
  // A handle is written like a hashtag, but is a name.
  void CountHandle() {
    std::vector<Token> tokens =
        TokenizeHashtag(absl::StrReplaceAll(document_.handle, {{".", "_"}, {"-", "_"}}));
    for (Token& token : tokens) token.is_hashtag = token.from_hashtag = false;
    Count(std::move(tokens), Field::kName);
  }

  // A place is a term of its own: it can be searched for, but does not tell what somebody is about.
  void CountPlace() {
    for (const Token& token : Tokenize(document_.city).tokens) {
      ++out_.lengths[static_cast<size_t>(Field::kLists)];
      if (token.folded.size() <= kWordBytesMax) Add(PlaceTerm(token.folded), Field::kLists);
    }
  }

  void CountText(absl::string_view text, Field field) {
    if (!text.empty()) Count(Tokenize(text).tokens, field);
  }

  void Count(std::vector<Token> raw, Field field) {
    const std::vector<AnalyzedToken> tokens = Analyze(std::move(raw), document_.languages);
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool split = i + 1 < tokens.size() && tokens[i + 1].token.from_hashtag;
      CountToken(tokens[i], split, FieldOf(tokens[i].token, field));
    }
    for (const TopicHit& hit : taxonomy_.Match(tokens)) {
      for (int topic : taxonomy_.WithAncestors(hit.topic)) {
        Add(TopicTerm(taxonomy_.topics()[topic].id), FieldOf(tokens[hit.begin].token, field));
      }
    }
  }

  static Field FieldOf(const Token& token, Field field) {
    const bool tag = token.is_hashtag || token.from_hashtag;
    return tag && field == Field::kBio ? Field::kHashtags : field;
  }

  // `split`: a whole hashtag whose words follow; they bring the stems and the length.
  void CountToken(const AnalyzedToken& analyzed, bool split, Field field) {
    const Token& token = analyzed.token;
    const bool whole_and_split = token.is_hashtag && split;
    if (!whole_and_split) ++out_.lengths[static_cast<size_t>(field)];
    if (token.folded.size() > kWordBytesMax) return;
    if (token.is_hashtag) Add(HashtagTerm(token.folded), field);
    if (IsStopWord(token.folded)) return;
    Add(ExactTerm(token.folded), field);
    if (whole_and_split) return;
    for (const LanguageStem& stem : analyzed.stems) Add(StemTerm(stem.language, stem.stem), field);
  }

  void Add(std::string term, Field field) {
    uint8_t& count = out_.terms[std::move(term)][static_cast<size_t>(field)];
    count = std::min<uint8_t>(count + 1, kCountMax);
  }

  const DocumentText& document_;
  const Taxonomy& taxonomy_;
  DocumentTerms out_;
};

}  // namespace

uint32_t DocumentTerms::WeightedLength() const {
  uint64_t sum = 0;
  for (int f = 0; f < kFields; ++f) sum += static_cast<uint64_t>(kFieldWeights[f]) * lengths[f];
  return static_cast<uint32_t>(std::min<uint64_t>(sum, 0xffffffffu));
}

std::string ExactTerm(absl::string_view folded) {
  return absl::StrCat(SpellingPrefix(SkeletonKey(Sounds(folded))), folded);
}
std::string SpellingPrefix(absl::string_view skeleton) { return absl::StrCat("e:", skeleton, "|"); }
absl::string_view SpellingOf(absl::string_view exact_term) {
  return exact_term.substr(exact_term.find('|') + 1);
}
std::string StemTerm(Language language, absl::string_view stem) {
  return absl::StrCat("s:", LanguageCode(language), ":", stem);
}
std::string HashtagTerm(absl::string_view folded) { return absl::StrCat("h:", folded); }
std::string PlaceTerm(absl::string_view folded) { return absl::StrCat("p:", folded); }
std::string TopicTerm(absl::string_view topic_id) { return absl::StrCat("t:", topic_id); }

bool HasPhrase(const DocumentText& document, absl::Span<const AnalyzedToken> phrase) {
  auto same = [](const Token& token, const AnalyzedToken& wanted) {
    return token.folded == wanted.token.folded;
  };
  auto holds = [&](std::vector<Token> tokens) {
    std::vector<Token> words;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool split = i + 1 < tokens.size() && tokens[i + 1].from_hashtag;
      if (!tokens[i].is_hashtag || !split) words.push_back(std::move(tokens[i]));
    }
    return std::search(words.begin(), words.end(), phrase.begin(), phrase.end(), same) !=
           words.end();
  };
  for (const std::string* text : {&document.display_name, &document.bio, &document.category,
                                  &document.city, &document.handle}) {
    if (!text->empty() && holds(Tokenize(*text).tokens)) return true;
  }
  for (const std::string& tag : document.hashtags) {
    if (holds(TokenizeHashtag(tag))) return true;
  }
  auto any = [&](const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return holds(Tokenize(text).tokens); });
  };
  return any(document.lists) || any(document.posts);
}

DocumentTerms AnalyzeDocument(const DocumentText& document, const Taxonomy& taxonomy) {
  return Counter(document, taxonomy).Run();
}

}  // namespace halqa::text
