#pragma once
// Packed posting lists: which accounts use a term, how often in each field of their document, and
// in which version of the document. One list is one value of the store; small lists (one entry) are
// the merge operands by which a writer changes it.
//
// Bytes: format (1), varint count, then per entry: varint gap to the previous account (the first
// entry: the account + 1, so that a gap is never 0), varint document version, one shape byte and,
// unless the shape byte is 0 (a tombstone), varint document length and the non-zero counts. Shape
// byte: bits 0-4 say which of the five counts are non-zero; bit 5 says that all of those are 1 and
// are left out.

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"

namespace halqa::store {

inline constexpr int kPostingFields = 5;

// What one document says about one term. Which field stands where is up to the index.
struct Posting {
  AccountId account = kNoAccount;
  uint32_t document_version = 0;  // of the account's document; a newer one replaces an older one
  std::array<uint8_t, kPostingFields> tf = {};  // all 0: the term left the document (a tombstone)
  uint32_t document_length = 0;                 // 0 in a tombstone

  bool tombstone() const { return tf == std::array<uint8_t, kPostingFields>{}; }
  friend bool operator==(const Posting&, const Posting&) = default;
};

// Encodes entries in the order given. A tombstone's document length is not kept.
// REQUIRES: accounts rise strictly and none is kNoAccount.
std::string EncodePostings(absl::Span<const Posting> postings);

// The operand for one account.
std::string EncodePosting(const Posting& posting);

// Walks an encoded list without allocating. `bytes` must outlive the reader.
//
// Thread safety: one thread at a time.
// Invariants: 1. accounts rise strictly. 2. After Next() returned false, status() says whether the
// whole list was read; an error stays.
class PostingReader {
 public:
  explicit PostingReader(absl::string_view bytes);

  // Reads the next entry, tombstones included. False at the end and on damage: ask status().
  bool Next(Posting* posting) {
    if (left_ == 0 || end_ - p_ < kFastBytes || !NextFast(posting)) return NextSlow(posting);
    return true;
  }

  // Number of entries the list says it has, tombstones included.
  uint64_t count() const { return count_; }
  // OK, or DataLoss (POSTING_LIST_DAMAGED).
  const absl::Status& status() const { return status_; }

 private:
  static constexpr int64_t kFastBytes = 9;  // four numbers and five counts of one byte each

  // Reads an entry whose numbers all take one byte; false, nothing read, for any other.
  // REQUIRES: kFastBytes readable bytes.
  bool NextFast(Posting* posting) {
    const uint32_t gap = p_[0], version = p_[1], shape = p_[2], length = p_[3];
    uint32_t fields = shape & 0x1f;
    const bool simple = ((gap | version | length) & 0x80) == 0 && (shape & 0xc0) == 0;
    if (!simple || gap == 0 || fields == 0) return false;
    const uint32_t ones = (shape >> 5) & 1;  // no branch on it: it is as good as random
    const uint8_t* p = p_ + 4;
    posting->tf = {};
    bool zero = false;
    for (; fields != 0; fields &= fields - 1) {
      const auto tf = static_cast<uint8_t>((*p & (ones - 1)) | ones);
      p += 1 - ones;
      zero |= tf == 0;
      posting->tf[std::countr_zero(fields)] = tf;
    }
    if (zero || account_plus_one_ + gap > Raw(kNoAccount)) return false;
    p_ = p;
    account_plus_one_ += gap;
    posting->account = AccountId{static_cast<uint32_t>(account_plus_one_ - 1)};
    posting->document_version = version;
    posting->document_length = length;
    --left_;
    return true;
  }
  bool NextSlow(Posting* posting);
  bool NextNearEnd(Posting* posting);
  bool Damaged(absl::string_view what);

  const uint8_t* p_ = nullptr;
  const uint8_t* end_ = nullptr;
  uint64_t count_ = 0;
  uint64_t left_ = 0;
  uint64_t account_plus_one_ = 0;
  absl::Status status_;
};

// All entries of a list. Errors: DataLoss (POSTING_LIST_DAMAGED).
absl::StatusOr<std::vector<Posting>> DecodePostings(absl::string_view bytes);

// One list that holds, for each account of any operand, the entry of the newest document version.
// Among different entries of one version (a writer never makes them) the larger counts win, so the
// operation is associative, commutative and idempotent for any input. Tombstones are kept: only a
// compaction knows that nothing older remains. Operands may be whole lists, in any order.
// Errors: DataLoss (POSTING_LIST_DAMAGED, with the number of the operand).
// Cost: one pass over the longest operand + sorting the entries of all others.
absl::StatusOr<std::string> MergePostings(absl::Span<const absl::string_view> operands);

}  // namespace halqa::store
