#include "engine/index/document_index.h"

#include <algorithm>

#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/store/posting_list.h"

namespace halqa::index {

static_assert(text::kFields == store::kPostingFields);

std::vector<PostingOp> MakePostingOps(AccountId account, uint32_t version,
                                      const text::DocumentTerms* previous,
                                      const text::DocumentTerms* next) {
  std::vector<PostingOp> ops;
  store::Posting posting;
  posting.account = account;
  posting.document_version = version;
  if (previous != nullptr) {
    const std::string tombstone = store::EncodePosting(posting);
    for (const auto& [term, counts] : previous->terms) {
      if (next == nullptr || !next->terms.contains(term)) ops.push_back({term, tombstone});
    }
  }
  if (next != nullptr) {
    posting.document_length = next->WeightedLength();
    for (const auto& [term, counts] : next->terms) {
      posting.tf = counts;
      ops.push_back({term, store::EncodePosting(posting)});
    }
  }
  std::sort(ops.begin(), ops.end(),
            [](const PostingOp& a, const PostingOp& b) { return a.term < b.term; });
  return ops;
}

void IndexStatistics::Add(const text::DocumentTerms& document) {
  ++documents;
  for (int f = 0; f < text::kFields; ++f) field_lengths[f] += document.lengths[f];
  weighted_length += document.WeightedLength();
}

void IndexStatistics::Remove(const text::DocumentTerms& document) {
  // What the store says is never trusted to add up: a sum stops at 0 instead of wrapping.
  auto subtract = [](uint64_t amount, uint64_t* from) { *from -= std::min(*from, amount); };
  subtract(1, &documents);
  for (int f = 0; f < text::kFields; ++f) subtract(document.lengths[f], &field_lengths[f]);
  subtract(document.WeightedLength(), &weighted_length);
}

void IndexStatistics::Merge(const IndexStatistics& other) {
  documents += other.documents;
  for (int f = 0; f < text::kFields; ++f) field_lengths[f] += other.field_lengths[f];
  weighted_length += other.weighted_length;
}

double IndexStatistics::AverageLength() const {
  return documents == 0 ? 0 : static_cast<double>(weighted_length) / static_cast<double>(documents);
}

double IndexStatistics::AverageFieldLength(text::Field field) const {
  const uint64_t sum = field_lengths[static_cast<size_t>(field)];
  return documents == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(documents);
}

std::string IndexStatistics::Encode() const {
  std::string out;
  PutVarint64(documents, &out);
  for (uint64_t length : field_lengths) PutVarint64(length, &out);
  PutVarint64(weighted_length, &out);
  return out;
}

absl::StatusOr<IndexStatistics> IndexStatistics::Decode(absl::string_view bytes) {
  IndexStatistics out;
  bool ok = GetVarint64(&bytes, &out.documents);
  for (uint64_t& length : out.field_lengths) ok = ok && GetVarint64(&bytes, &length);
  ok = ok && GetVarint64(&bytes, &out.weighted_length);
  if (!ok || !bytes.empty()) {
    return MakeError(absl::StatusCode::kDataLoss, "INDEX_STATISTICS_DAMAGED",
                     "the statistics of the text index are damaged");
  }
  return out;
}

}  // namespace halqa::index
