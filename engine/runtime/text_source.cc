#include "engine/runtime/text_source.h"

#include "engine/base/status_macros.h"

namespace halqa::runtime {

absl::StatusOr<std::shared_ptr<const StorePostings>> StorePostings::Open(
    const store::Store& db, std::shared_ptr<store::ReadView> view) {
  std::shared_ptr<StorePostings> postings(new StorePostings(db, std::move(view)));
  HALQA_ASSIGN_OR_RETURN(auto sums, db.Get(store::Family::kMeta, store::meta::kIndexStatistics,
                                           postings->view_.get()));
  if (sums) {
    HALQA_ASSIGN_OR_RETURN(postings->statistics_, index::IndexStatistics::Decode(*sums));
  }
  return std::shared_ptr<const StorePostings>(std::move(postings));
}

absl::StatusOr<std::string> StorePostings::Fetch(absl::string_view term) const {
  HALQA_ASSIGN_OR_RETURN(auto value, db_.Get(store::Family::kPostings, term, view_.get()));
  return value.value_or("");
}

absl::Status StorePostings::ForEach(absl::string_view prefix, const TermFn& fn) const {
  std::string end(prefix);
  ++end.back();
  return db_.Scan(store::Family::kPostings, prefix, end, fn, view_.get());
}

absl::StatusOr<std::vector<discovery::ScoredAccount>> TextSearch::Search(
    const text::ResolvedQuery& query, size_t limit) const {
  auto evaluator = Borrow();
  auto found = evaluator->TopK(index::MakeQueryWords(query), *postings_, limit,
                               [this](AccountId account) { return accounts_->Listed(account); });
  // After an error the accumulators may hold leftovers: that evaluator is not used again.
  if (!found.ok()) return found.status();
  Return(std::move(evaluator));
  std::vector<discovery::ScoredAccount> out;
  out.reserve(found->size());
  for (const index::Scored& s : *found) out.push_back({s.account, s.score});
  return out;
}

std::unique_ptr<index::QueryEvaluator> TextSearch::Borrow() const {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<index::QueryEvaluator>();
  auto evaluator = std::move(idle_.back());
  idle_.pop_back();
  return evaluator;
}

void TextSearch::Return(std::unique_ptr<index::QueryEvaluator> evaluator) const {
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(evaluator));
}

}  // namespace halqa::runtime
