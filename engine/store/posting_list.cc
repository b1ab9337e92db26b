#include "engine/store/posting_list.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::store {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint8_t kFieldMask = 0x1f;
constexpr uint8_t kAllOnes = 0x20;
constexpr uint64_t kEntryBytesMin = 3;
// Two varint32 of at most 5 bytes, the shape byte, one more varint32 and the counts.
constexpr int64_t kEntryBytesMax = 5 + 5 + 1 + 5 + kPostingFields;

// Reads a varint32 without looking at the end. REQUIRES: 5 readable bytes. False when longer.
inline bool ReadVarint32(const uint8_t*& p, uint32_t* v) {
  uint32_t result = *p++;
  if (result < 0x80) [[likely]] {
    *v = result;
    return true;
  }
  result &= 0x7f;
  for (int shift = 7; shift < 35; shift += 7) {
    const uint32_t byte = *p++;
    if (shift == 28 && byte > 0x0f) return false;
    result |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      *v = result;
      return true;
    }
  }
  return false;
}

// Parses one entry that starts at `p`; advances p. REQUIRES: kEntryBytesMax readable bytes.
inline bool ParseEntry(const uint8_t*& p, uint32_t* gap, Posting* out) {
  if (!ReadVarint32(p, gap) || !ReadVarint32(p, &out->document_version)) return false;
  const uint8_t shape = *p++;
  if ((shape & ~(kFieldMask | kAllOnes)) != 0) return false;
  out->tf = {};
  if (shape == 0) {
    out->document_length = 0;
    return true;
  }
  if ((shape & kFieldMask) == 0 || !ReadVarint32(p, &out->document_length)) return false;
  for (uint32_t fields = shape & kFieldMask; fields != 0; fields &= fields - 1) {
    const uint8_t tf = (shape & kAllOnes) != 0 ? 1 : *p++;
    if (tf == 0) return false;
    out->tf[std::countr_zero(fields)] = tf;
  }
  return true;
}

void AppendEntry(uint64_t previous_plus_one, const Posting& posting, std::string* out) {
  const uint64_t plus_one = uint64_t{Raw(posting.account)} + 1;
  HALQA_CHECK(plus_one > previous_plus_one && posting.account != kNoAccount);
  PutVarint64(plus_one - previous_plus_one, out);
  PutVarint64(posting.document_version, out);
  uint8_t shape = 0;
  bool all_ones = true;
  for (int f = 0; f < kPostingFields; ++f) {
    if (posting.tf[f] == 0) continue;
    shape |= static_cast<uint8_t>(1 << f);
    all_ones = all_ones && posting.tf[f] == 1;
  }
  if (shape == 0) {
    out->push_back('\0');
    return;
  }
  out->push_back(static_cast<char>(all_ones ? shape | kAllOnes : shape));
  PutVarint64(posting.document_length, out);
  for (int f = 0; f < kPostingFields && !all_ones; ++f) {
    if (posting.tf[f] != 0) out->push_back(static_cast<char>(posting.tf[f]));
  }
}

void AppendHeader(uint64_t count, std::string* out) {
  out->push_back(static_cast<char>(kFormat));
  PutVarint64(count, out);
}

// Total order of the entries of one account: the largest one wins a merge.
bool Older(const Posting& a, const Posting& b) {
  return std::tie(a.document_version, a.tf, a.document_length) <
         std::tie(b.document_version, b.tf, b.document_length);
}

absl::Status DecodeInto(absl::string_view bytes, std::vector<Posting>* out) {
  PostingReader reader(bytes);
  Posting posting;
  out->reserve(out->size() + reader.count());
  while (reader.Next(&posting)) out->push_back(posting);
  return reader.status();
}

// Sorts by account and leaves the newest entry of each.
void KeepNewest(std::vector<Posting>* postings) {
  std::sort(postings->begin(), postings->end(), [](const Posting& a, const Posting& b) {
    return a.account != b.account ? a.account < b.account : Older(b, a);
  });
  auto same = [](const Posting& a, const Posting& b) { return a.account == b.account; };
  postings->erase(std::unique(postings->begin(), postings->end(), same), postings->end());
}

// Walks two sorted sequences and appends the newest of each account to `out`.
std::vector<Posting> MergeTwo(const std::vector<Posting>& a, const std::vector<Posting>& b) {
  std::vector<Posting> out;
  out.reserve(a.size() + b.size());
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i].account < b[j].account) {
      out.push_back(a[i++]);
    } else if (b[j].account < a[i].account) {
      out.push_back(b[j++]);
    } else {
      out.push_back(Older(a[i], b[j]) ? b[j] : a[i]);
      ++i, ++j;
    }
  }
  out.insert(out.end(), a.begin() + i, a.end());
  out.insert(out.end(), b.begin() + j, b.end());
  return out;
}

}  // namespace

std::string EncodePostings(absl::Span<const Posting> postings) {
  std::string out;
  out.reserve(12 + postings.size() * 8);
  AppendHeader(postings.size(), &out);
  uint64_t previous = 0;
  for (const Posting& posting : postings) {
    AppendEntry(previous, posting, &out);
    previous = uint64_t{Raw(posting.account)} + 1;
  }
  return out;
}

std::string EncodePosting(const Posting& posting) { return EncodePostings({&posting, 1}); }

PostingReader::PostingReader(absl::string_view bytes) {
  if (bytes.empty() || static_cast<uint8_t>(bytes.front()) != kFormat) {
    Damaged("unknown format");
    return;
  }
  bytes.remove_prefix(1);
  if (!GetVarint64(&bytes, &count_) || count_ > bytes.size() / kEntryBytesMin) {
    count_ = 0;
    Damaged("count beyond the bytes");
    return;
  }
  left_ = count_;
  p_ = reinterpret_cast<const uint8_t*>(bytes.data());
  end_ = p_ + bytes.size();
}

bool PostingReader::Damaged(absl::string_view what) {
  left_ = 0;
  p_ = end_;
  status_ = MakeError(absl::StatusCode::kDataLoss, "POSTING_LIST_DAMAGED",
                      absl::StrCat("posting list is damaged: ", what));
  return false;
}

bool PostingReader::NextSlow(Posting* posting) {
  if (left_ == 0 || end_ - p_ < kEntryBytesMax) return NextNearEnd(posting);
  uint32_t gap = 0;
  if (!ParseEntry(p_, &gap, posting)) return Damaged("bad entry");
  account_plus_one_ += gap;
  if (gap == 0 || account_plus_one_ > Raw(kNoAccount)) return Damaged("accounts do not rise");
  posting->account = AccountId{static_cast<uint32_t>(account_plus_one_ - 1)};
  --left_;
  return true;
}

// The end of the list, and the entries near it, which are parsed from a padded copy.
bool PostingReader::NextNearEnd(Posting* posting) {
  if (!status_.ok()) return false;
  if (left_ == 0) return p_ == end_ ? false : Damaged("bytes after the last entry");
  std::array<uint8_t, kEntryBytesMax> padded = {};
  const auto rest = std::min<int64_t>(end_ - p_, kEntryBytesMax);
  std::copy(p_, p_ + rest, padded.begin());
  const uint8_t* p = padded.data();
  uint32_t gap = 0;
  if (!ParseEntry(p, &gap, posting)) return Damaged("bad entry");
  if (p - padded.data() > rest) return Damaged("cut in an entry");
  account_plus_one_ += gap;
  if (gap == 0 || account_plus_one_ > Raw(kNoAccount)) return Damaged("accounts do not rise");
  p_ += p - padded.data();
  posting->account = AccountId{static_cast<uint32_t>(account_plus_one_ - 1)};
  --left_;
  return true;
}

absl::StatusOr<std::vector<Posting>> DecodePostings(absl::string_view bytes) {
  std::vector<Posting> postings;
  HALQA_RETURN_IF_ERROR(DecodeInto(bytes, &postings));
  return postings;
}

absl::StatusOr<std::string> MergePostings(absl::Span<const absl::string_view> operands) {
  size_t longest = 0;
  for (size_t i = 1; i < operands.size(); ++i) {
    if (operands[i].size() > operands[longest].size()) longest = i;
  }
  std::vector<Posting> base, others;
  for (size_t i = 0; i < operands.size(); ++i) {
    absl::Status status = DecodeInto(operands[i], i == longest ? &base : &others);
    if (!status.ok()) return WithDetail(std::move(status), "operand", absl::StrCat(i));
  }
  KeepNewest(&others);
  return EncodePostings(others.empty() ? base : MergeTwo(base, others));
}

}  // namespace halqa::store
