#include "engine/index/query.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/posting_list.h"
#include "engine/text/bm25f.h"

namespace halqa::index {
namespace {

// Accumulators grow by doubling up to the largest account seen.
void GrowTo(uint32_t account, std::vector<float>* column) {
  if (account >= column->size()) {
    column->resize(std::max<size_t>(size_t{account} + 1, column->size() * 2), 0.0f);
  }
}

bool Better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.account < b.account;
}

}  // namespace

std::vector<QueryWord> MakeQueryWords(const text::ResolvedQuery& query) {
  std::vector<QueryWord> words;
  for (const text::ResolvedTopic& topic : query.topics) {
    words.push_back({text::TopicTerm(topic.id), {}, 2, 1});
  }
  for (const text::AnalyzedToken& term : query.free_terms) {
    QueryWord& word = words.emplace_back();
    if (term.token.is_hashtag) {
      word.exact = text::HashtagTerm(term.token.folded);
      word.stems.push_back(text::ExactTerm(term.token.folded));
      continue;
    }
    word.exact = text::ExactTerm(term.token.folded);
    for (const text::LanguageStem& stem : term.stems) {
      word.stems.push_back(text::StemTerm(stem.language, stem.stem));
    }
  }
  return words;
}

absl::StatusOr<std::vector<Scored>> QueryEvaluator::TopK(absl::Span<const QueryWord> words,
                                                         const PostingSource& source,
                                                         size_t limit) {
  const double average_length = source.statistics().AverageLength();
  absl::Status status;
  for (const QueryWord& word : words) {
    status = AddWord(word, source, average_length);
    if (!status.ok()) break;
  }
  std::vector<Scored> best = Select(limit);  // also clears the accumulators
  if (!status.ok()) return status;
  return best;
}

absl::Status QueryEvaluator::AddWord(const QueryWord& word, const PostingSource& source,
                                     double average_length) {
  const uint64_t documents = source.statistics().documents;
  if (!word.exact.empty()) {
    HALQA_RETURN_IF_ERROR(ReadList(word.exact, source, average_length));
    const double idf = text::Idf(documents, hits_.size());
    const auto weight = static_cast<float>(word.exact_weight * idf);
    for (const Hit& hit : hits_) Add(hit.account, weight * hit.saturated);
  }
  for (const std::string& stem : word.stems) {
    absl::Status status = ReadList(stem, source, average_length);
    if (!status.ok()) {
      for (uint32_t account : best_touched_) best_[account] = 0;
      best_touched_.clear();
      return status;
    }
    const auto weight = static_cast<float>(word.stem_weight * text::Idf(documents, hits_.size()));
    for (const Hit& hit : hits_) {
      GrowTo(hit.account, &best_);
      float& best = best_[hit.account];
      if (best == 0) best_touched_.push_back(hit.account);
      best = std::max(best, weight * hit.saturated);
    }
  }
  for (uint32_t account : best_touched_) {
    Add(account, best_[account]);
    best_[account] = 0;
  }
  best_touched_.clear();
  return absl::OkStatus();
}

absl::Status QueryEvaluator::ReadList(absl::string_view term, const PostingSource& source,
                                      double average_length) {
  hits_.clear();
  HALQA_ASSIGN_OR_RETURN(const std::string bytes, source.Fetch(term));
  if (bytes.empty()) return absl::OkStatus();
  const absl::Span<const uint32_t> versions = source.document_versions();
  store::PostingReader reader(bytes);
  hits_.reserve(reader.count());
  store::Posting posting;
  while (reader.Next(&posting)) {
    if (posting.tombstone()) continue;
    const uint32_t account = Raw(posting.account);
    if (!versions.empty() &&
        (account >= versions.size() || versions[account] != posting.document_version)) {
      continue;
    }
    const double count = text::WeightedCount(posting.tf);
    hits_.push_back({account, static_cast<float>(text::SaturatedCount(
                                  count, posting.document_length, average_length))});
  }
  return WithDetail(reader.status(), "term", term);
}

void QueryEvaluator::Add(uint32_t account, float score) {
  if (!(score > 0)) return;
  GrowTo(account, &scores_);
  if (scores_[account] == 0) touched_.push_back(account);
  scores_[account] += score;
}

std::vector<Scored> QueryEvaluator::Select(size_t limit) {
  std::vector<Scored> all;
  all.reserve(touched_.size());
  for (uint32_t account : touched_) {
    all.push_back({AccountId{account}, scores_[account]});
    scores_[account] = 0;
  }
  touched_.clear();
  if (limit < all.size()) {
    std::nth_element(all.begin(), all.begin() + static_cast<int64_t>(limit), all.end(), Better);
    all.resize(limit);
  }
  std::sort(all.begin(), all.end(), Better);
  return all;
}

}  // namespace halqa::index
