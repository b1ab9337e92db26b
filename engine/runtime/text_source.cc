#include "engine/runtime/text_source.h"

#include <algorithm>

#include "engine/base/status_macros.h"
#include "engine/ingest/document.h"
#include "engine/store/account_codec.h"
#include "engine/store/keys.h"

namespace halqa::runtime {
namespace {

// In an expression a word must match or must not: only spellings that hardly differ count.
constexpr double kExpressionSoundMax = 0.42;

}  // namespace

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

absl::StatusOr<std::optional<text::DocumentText>> StorePostings::Texts(AccountId account) const {
  HALQA_ASSIGN_OR_RETURN(const auto value,
                         db_.Get(store::Family::kAccount, store::AccountKey(account), view_.get()));
  if (!value) return std::nullopt;
  HALQA_ASSIGN_OR_RETURN(const store::AccountRow row, store::DecodeAccount(*value));
  std::vector<PostRecord> posts;
  absl::Status status;
  auto add = [&](absl::string_view, absl::string_view bytes) {
    auto post = store::DecodePost(bytes);
    status = post.status();
    if (post.ok()) posts.push_back(*std::move(post));
    return status.ok() && posts.size() < 2 * ingest::kDocumentPostsMax;
  };
  if (row.named) {
    HALQA_RETURN_IF_ERROR(db_.Scan(store::Family::kPost, store::AccountKey(account),
                                   store::AccountKey(AccountId{Raw(account) + 1}), add,
                                   view_.get()));
  }
  HALQA_RETURN_IF_ERROR(status);
  return index::AccountTexts(row.record, ingest::DocumentPosts({}, posts));
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

absl::StatusOr<std::vector<AccountId>> TextSearch::MatchesWord(const index::QueryWord& word) const {
  auto evaluator = Borrow();
  auto found = evaluator->Matches(word, *postings_);
  if (!found.ok()) return found.status();
  Return(std::move(evaluator));
  return *std::move(found);
}

// The documents that hold all of its words, read again for their order.
absl::StatusOr<std::vector<AccountId>> TextSearch::MatchesPhrase(
    absl::Span<const text::AnalyzedToken> phrase) const {
  std::vector<AccountId> accounts;
  bool first = true;
  for (const text::AnalyzedToken& token : phrase) {
    if (text::IsStopWord(token.token.folded)) continue;  // is in no posting list
    index::QueryWord word;
    word.exact = text::ExactTerm(token.token.folded);
    word.stems = {text::PlaceTerm(token.token.folded)};
    HALQA_ASSIGN_OR_RETURN(std::vector<AccountId> found, MatchesWord(word));
    if (!first) {
      std::erase_if(accounts, [&](AccountId a) {
        return !std::binary_search(found.begin(), found.end(), a);
      });
    } else {
      accounts = std::move(found);
    }
    first = false;
  }
  std::vector<AccountId> matches;
  for (const AccountId account : accounts) {
    HALQA_ASSIGN_OR_RETURN(const auto texts, postings_->Texts(account));
    if (texts && text::HasPhrase(*texts, phrase)) matches.push_back(account);
  }
  return matches;
}

absl::StatusOr<std::vector<AccountId>> TextSearch::Matches(const text::QueryNode& leaf) const {
  if (leaf.kind == text::QueryNode::Kind::kTopic) {
    return MatchesWord(index::TopicWord(leaf.topic.id));
  }
  if (leaf.kind == text::QueryNode::Kind::kPhrase) return MatchesPhrase(leaf.tokens);
  index::QueryWord word = index::FreeWord(leaf.tokens.front());
  word.variant_distance_max = kExpressionSoundMax;
  return MatchesWord(word);
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
