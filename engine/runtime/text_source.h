#pragma once
// Postings of the store as the index and the answers read them.

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/discovery/sources.h"
#include "engine/index/query.h"
#include "engine/runtime/account_columns.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// Posting lists as one view of the store sees them.
// Thread safety: const methods from any thread.
class StorePostings : public index::PostingSource {
 public:
  static absl::StatusOr<std::shared_ptr<const StorePostings>> Open(
      const store::Store& db, std::shared_ptr<store::ReadView> view);
  absl::StatusOr<std::string> Fetch(absl::string_view term) const override;
  absl::Status ForEach(absl::string_view prefix, const TermFn& fn) const override;
  // The texts that the document of an account is made from; nullopt where it has none.
  absl::StatusOr<std::optional<text::DocumentText>> Texts(AccountId account) const;
  index::IndexStatistics statistics() const override { return statistics_; }

 private:
  StorePostings(const store::Store& db, std::shared_ptr<store::ReadView> view)
      : db_(db), view_(std::move(view)) {}
  const store::Store& db_;
  std::shared_ptr<store::ReadView> view_;
  index::IndexStatistics statistics_;
};

// Text search over postings. Keeps evaluators for reuse; each query borrows one.
// Thread safety: all methods from any thread.
class TextSearch : public discovery::TextSource {
 public:
  TextSearch(std::shared_ptr<const StorePostings> postings,
             std::shared_ptr<const AccountColumns> accounts)
      : postings_(std::move(postings)), accounts_(std::move(accounts)) {}
  absl::StatusOr<std::vector<discovery::ScoredAccount>> Search(const text::ResolvedQuery& query,
                                                               size_t limit) const override;
  absl::StatusOr<std::vector<AccountId>> Matches(const text::QueryNode& leaf) const override;

 private:
  absl::StatusOr<std::vector<AccountId>> MatchesWord(const index::QueryWord& word) const;
  absl::StatusOr<std::vector<AccountId>> MatchesPhrase(
      absl::Span<const text::AnalyzedToken> phrase) const;
  std::unique_ptr<index::QueryEvaluator> Borrow() const;
  void Return(std::unique_ptr<index::QueryEvaluator> evaluator) const;
  std::shared_ptr<const StorePostings> postings_;
  std::shared_ptr<const AccountColumns> accounts_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<index::QueryEvaluator>> idle_;
};

}  // namespace halqa::runtime
