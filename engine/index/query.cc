#include "engine/index/query.h"

#include <algorithm>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/posting_list.h"
#include "engine/text/bm25f.h"
#include "engine/text/skeleton.h"

namespace halqa::index {
namespace {

constexpr uint32_t kShortLength = 1024;

struct Better {
  bool operator()(const Scored& a, const Scored& b) const {
    return a.score != b.score ? a.score > b.score : a.account < b.account;
  }
};

}  // namespace

QueryWord TopicWord(absl::string_view topic_id) {
  QueryWord word;
  word.exact = text::TopicTerm(topic_id);
  return word;
}

QueryWord FreeWord(const text::AnalyzedToken& token) {
  QueryWord word;
  if (token.token.is_hashtag) {
    word.exact = text::HashtagTerm(token.token.folded);
    word.stems.push_back(text::ExactTerm(token.token.folded));
    return word;
  }
  word.exact = text::ExactTerm(token.token.folded);
  word.stems.push_back(text::PlaceTerm(token.token.folded));
  for (const text::LanguageStem& stem : token.stems) {
    word.stems.push_back(text::StemTerm(stem.language, stem.stem));
  }
  const bool other = token.language == text::SpokenLanguage::kFrench ||
                     token.language == text::SpokenLanguage::kEnglish;
  if (!other) word.sounds = text::Sounds(token.token.folded);
  return word;
}

std::vector<QueryWord> MakeQueryWords(const text::ResolvedQuery& query) {
  std::vector<QueryWord> words;
  for (const text::ResolvedTopic& topic : query.topics) words.push_back(TopicWord(topic.id));
  for (const text::AnalyzedToken& term : query.free_terms) words.push_back(FreeWord(term));
  return words;
}

absl::StatusOr<std::vector<Scored>> QueryEvaluator::TopK(absl::Span<const QueryWord> words,
                                                         const PostingSource& source, size_t limit,
                                                         const KeepFn& keep) {
  statistics_ = source.statistics();
  norms_.resize(kShortLength);
  for (uint32_t length = 0; length < kShortLength; ++length) {
    norms_[length] = static_cast<float>(text::LengthNorm(length, statistics_.AverageLength()));
  }
  absl::Status status;
  for (const QueryWord& word : words) {
    status = AddWord(word, source);
    if (!status.ok()) break;
  }
  std::vector<Scored> best = Select(limit, keep);  // also clears the accumulator
  if (!status.ok()) return status;
  return best;
}

absl::StatusOr<std::vector<AccountId>> QueryEvaluator::Matches(const QueryWord& word,
                                                               const PostingSource& source) {
  HALQA_ASSIGN_OR_RETURN(const std::vector<Scored> found,
                         TopK({&word, 1}, source, std::numeric_limits<uint32_t>::max()));
  std::vector<AccountId> accounts;
  accounts.reserve(found.size());
  for (const Scored& s : found) accounts.push_back(s.account);
  std::sort(accounts.begin(), accounts.end());
  return accounts;
}

absl::Status QueryEvaluator::AddWord(const QueryWord& word, const PostingSource& source) {
  if (!word.exact.empty()) {
    HALQA_RETURN_IF_ERROR(ReadList(word.exact, word.exact_weight, source, &hits_));
    AddAll(hits_);
  }
  stems_.clear();
  for (const std::string& stem : word.stems) {
    HALQA_RETURN_IF_ERROR(ReadList(stem, word.stem_weight, source, &hits_));
    stems_.empty() ? stems_.swap(hits_) : MergeLarger(hits_, &stems_);
  }
  HALQA_RETURN_IF_ERROR(AddVariants(word, source));
  AddAll(stems_);
  return absl::OkStatus();
}

absl::Status QueryEvaluator::AddVariants(const QueryWord& word, const PostingSource& source) {
  struct Variant {
    double distance;
    std::string term, list;
  };
  std::vector<Variant> variants;
  for (const std::string& skeleton : text::SkeletonKeys(word.sounds)) {
    size_t spellings = 0;
    auto compare = [&](absl::string_view term, absl::string_view list) {
      const double d = text::SoundDistance(word.sounds, text::Sounds(text::SpellingOf(term)));
      if (d <= word.variant_distance_max && term != word.exact) {
        variants.push_back({d, std::string(term), std::string(list)});
      }
      return ++spellings < kSpellingsMax;
    };
    HALQA_RETURN_IF_ERROR(source.ForEach(text::SpellingPrefix(skeleton), compare));
  }
  std::sort(variants.begin(), variants.end(), [](const Variant& a, const Variant& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.term < b.term;
  });
  if (variants.size() > kVariantsMax) variants.resize(kVariantsMax);
  for (const Variant& v : variants) {
    const double weight = word.variant_weight * (1 - v.distance);
    HALQA_RETURN_IF_ERROR(WithDetail(ReadBytes(v.list, weight, source, &hits_), "term", v.term));
    MergeLarger(hits_, &stems_);
  }
  return absl::OkStatus();
}

float QueryEvaluator::Norm(uint32_t length) const {
  return length < kShortLength
             ? norms_[length]
             : static_cast<float>(text::LengthNorm(length, statistics_.AverageLength()));
}

absl::Status QueryEvaluator::ReadList(absl::string_view term, double weight,
                                      const PostingSource& source, std::vector<Hit>* hits) const {
  HALQA_ASSIGN_OR_RETURN(const std::string bytes, source.Fetch(term));
  return WithDetail(ReadBytes(bytes, weight, source, hits), "term", term);
}

absl::Status QueryEvaluator::ReadBytes(absl::string_view bytes, double weight,
                                       const PostingSource& source, std::vector<Hit>* hits) const {
  hits->clear();
  if (bytes.empty()) return absl::OkStatus();
  const absl::Span<const uint32_t> versions = source.document_versions();
  store::PostingReader reader(bytes);
  hits->resize(reader.count());
  Hit* end = hits->data();
  store::Posting posting;
  while (reader.Next(&posting)) {
    const uint32_t account = Raw(posting.account);
    if (!versions.empty() &&
        (account >= versions.size() || versions[account] != posting.document_version)) {
      continue;
    }
    const auto count = static_cast<float>(text::WeightedCount(posting.tf));
    if (count == 0) continue;  // a tombstone
    *end++ = {account, count / (count + Norm(posting.document_length))};
  }
  hits->resize(static_cast<size_t>(end - hits->data()));
  // How many documents have the term is known only now.
  const auto factor = static_cast<float>(weight * text::Idf(statistics_.documents, hits->size()));
  for (Hit& hit : *hits) hit.value *= factor;
  return reader.status();
}

void QueryEvaluator::MergeLarger(const std::vector<Hit>& b, std::vector<Hit>* a) {
  merged_.clear();
  merged_.reserve(a->size() + b.size());
  auto i = a->cbegin();
  auto j = b.cbegin();
  while (i != a->cend() && j != b.cend()) {
    if (i->account == j->account) {
      merged_.push_back({i->account, std::max(i->value, j->value)});
      ++i, ++j;
    } else {
      merged_.push_back(i->account < j->account ? *i++ : *j++);
    }
  }
  merged_.insert(merged_.end(), i, a->cend());
  merged_.insert(merged_.end(), j, b.cend());
  a->swap(merged_);
}

void QueryEvaluator::AddAll(const std::vector<Hit>& hits) {
  if (hits.empty()) return;
  if (hits.back().account >= scores_.size()) scores_.resize(size_t{hits.back().account} + 1, 0.0f);
  touched_.reserve(touched_.size() + hits.size());
  for (const Hit& hit : hits) {
    float& score = scores_[hit.account];
    if (score == 0) touched_.push_back(hit.account);
    score += hit.value;
  }
}

std::vector<Scored> QueryEvaluator::Select(size_t limit, const KeepFn& keep) {
  std::vector<Scored> best;
  const size_t room = std::min(touched_.size(), 2 * limit + 1);
  best.reserve(room);
  // Keeps at most twice the limit: what is worse than the limit-th so far cannot come back.
  auto shrink = [&best, limit] {
    std::nth_element(best.begin(), best.begin() + static_cast<int64_t>(limit), best.end(),
                     Better());
    best.resize(limit);
  };
  Scored worst{kNoAccount, 0};
  for (uint32_t account : touched_) {
    const Scored scored{AccountId{account}, scores_[account]};
    scores_[account] = 0;
    if (limit == 0 || !Better()(scored, worst)) continue;
    if (keep && !keep(scored.account)) continue;
    best.push_back(scored);
    if (best.size() > 2 * limit) {
      shrink();
      worst = *std::max_element(best.begin(), best.end(), Better());
    }
  }
  touched_.clear();
  if (best.size() > limit) shrink();
  std::sort(best.begin(), best.end(), Better());
  return best;
}

}  // namespace halqa::index
