#pragma once
// Best matches of a query by BM25F.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/index/document_index.h"
#include "engine/text/skeleton.h"
#include "engine/text/taxonomy.h"

namespace halqa::index {

// Rises whenever the same postings can give another score.
inline constexpr int kQueryVersion = 2;

// Where encoded lists come from; one consistent snapshot of them.
class PostingSource {
 public:
  virtual ~PostingSource() = default;
  // The list of a term, "" when it has none.
  virtual absl::StatusOr<std::string> Fetch(absl::string_view term) const = 0;
  // Calls fn(term, list) for the terms that begin with `prefix`, in order, until it returns false.
  using TermFn = std::function<bool(absl::string_view term, absl::string_view list)>;
  virtual absl::Status ForEach(absl::string_view prefix, const TermFn& fn) const = 0;
  virtual IndexStatistics statistics() const = 0;
  // Current document version by account (0: no document). Entries of other versions, and of
  // accounts beyond the end, are ignored. Empty: all entries count.
  virtual absl::Span<const uint32_t> document_versions() const { return {}; }
};

// One word or topic of a query. The score of a word is
//   exact_weight · BM25F(exact) + max(stem_weight · BM25F(stem), variant_weight · (1 - d) ·
//   BM25F(variant)), over all stems, and over the spellings with one of its skeletons whose sounds
//   are at a distance d <= variant_distance_max: the nearest kVariantsMax of them.
struct QueryWord {
  std::string exact;               // a term, or "" for none
  std::vector<std::string> stems;  // one per language that the word may be in, and the place
  double exact_weight = 2, stem_weight = 1;
  std::string sounds = "";  // of the word; "": other spellings of it are not looked for
  double variant_weight = 0.5;
  double variant_distance_max = text::kSameWordMax;
};
inline constexpr size_t kVariantsMax = 16;
// Spellings of one skeleton that are compared; more share it only where it is short.
inline constexpr size_t kSpellingsMax = 1024;

// A topic is one word with the exact term t:<id>; a free hashtag is h:<tag> with e:<tag> as stem.
std::vector<QueryWord> MakeQueryWords(const text::ResolvedQuery& query);
QueryWord TopicWord(absl::string_view topic_id);
QueryWord FreeWord(const text::AnalyzedToken& token);

struct Scored {
  AccountId account = kNoAccount;
  float score = 0;
  friend bool operator==(const Scored&, const Scored&) = default;
};

// Scores queries; keeps its dense accumulator between them.
//
// Thread safety: one query at a time per evaluator.
// Invariants: 1. between queries the accumulator is 0; only touched entries are reset.
class QueryEvaluator {
 public:
  using KeepFn = std::function<bool(AccountId)>;
  // The `limit` best accounts with score > 0 that `keep` (null: all) does not leave out: sum over
  // the words, best first, ties by the smaller id. The same postings give the same bits. Errors:
  // DataLoss (POSTING_LIST_DAMAGED with "term"), errors of the source. Cost: two passes over the
  // lists of the query + selection; memory 4 bytes per account and 8 per posting of the longest
  // list.
  absl::StatusOr<std::vector<Scored>> TopK(absl::Span<const QueryWord> words,
                                           const PostingSource& source, size_t limit,
                                           const KeepFn& keep = nullptr);
  // All accounts that TopK would score, rising. Errors and cost: as TopK.
  absl::StatusOr<std::vector<AccountId>> Matches(const QueryWord& word,
                                                 const PostingSource& source);

 private:
  // One account of a list, sorted by account: the saturated count, later the score.
  struct Hit {
    uint32_t account;
    float value;
  };

  absl::Status AddWord(const QueryWord& word, const PostingSource& source);
  // Merges the lists of other spellings of the word into stems_.
  absl::Status AddVariants(const QueryWord& word, const PostingSource& source);
  // The current entries of a list, each worth weight · idf · saturated count.
  absl::Status ReadList(absl::string_view term, double weight, const PostingSource& source,
                        std::vector<Hit>* hits) const;
  absl::Status ReadBytes(absl::string_view bytes, double weight, const PostingSource& source,
                         std::vector<Hit>* hits) const;
  // For each account of either list the larger value; into *a.
  void MergeLarger(const std::vector<Hit>& b, std::vector<Hit>* a);
  void AddAll(const std::vector<Hit>& hits);
  std::vector<Scored> Select(size_t limit, const KeepFn& keep);
  float Norm(uint32_t length) const;

  IndexStatistics statistics_;     // of the query at hand
  std::vector<float> norms_;       // LengthNorm of short documents
  std::vector<float> scores_;      // by account
  std::vector<uint32_t> touched_;  // accounts with scores_ > 0
  std::vector<Hit> hits_, stems_, merged_;
};

}  // namespace halqa::index
