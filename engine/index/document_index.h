#pragma once
// From documents to changes of postings, and the statistics that scoring needs.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "engine/text/analyze_document.h"

namespace halqa::index {

// One merge operand for the list of one term (see store/posting_list.h and the names of terms in
// text/analyze_document.h).
struct PostingOp {
  std::string term;
  std::string operand;
};

// The operands that bring the index from the previous document of an account to `next`, sorted by
// term: an entry of `version` for each term of `next`, a tombstone of `version` for each term that
// only `previous` has. `previous` null: the account had no document; `next` null: it has none any
// more. REQUIRES: version greater than that of `previous`; the operands and the statistics change
// in the same batch. Cost: linear in the terms.
std::vector<PostingOp> MakePostingOps(AccountId account, uint32_t version,
                                      const text::DocumentTerms* previous,
                                      const text::DocumentTerms* next);

// Sums over the current documents. A pure function of them, so it can be recomputed and checked.
// Thread safety: none of its own.
struct IndexStatistics {
  uint64_t documents = 0;
  std::array<uint64_t, text::kFields> field_lengths = {};
  uint64_t weighted_length = 0;  // sum of DocumentTerms::WeightedLength

  void Add(const text::DocumentTerms& document);
  // REQUIRES: the document was added.
  void Remove(const text::DocumentTerms& document);
  void Merge(const IndexStatistics& other);
  // 0 when there is no document.
  double AverageLength() const;
  double AverageFieldLength(text::Field field) const;

  std::string Encode() const;
  // Errors: DataLoss (INDEX_STATISTICS_DAMAGED).
  static absl::StatusOr<IndexStatistics> Decode(absl::string_view bytes);
  friend bool operator==(const IndexStatistics&, const IndexStatistics&) = default;
};

}  // namespace halqa::index
