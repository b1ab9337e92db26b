#include "engine/store/change_record.h"

#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::store {
namespace {

constexpr char kFormat = 2;
constexpr char kOldFormat = 1;  // knew neither sources nor erased accounts

absl::Status Corrupt(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "CHANGE_RECORD_CORRUPT",
                   std::string("change record: ") + std::string(what));
}

void PutFollows(const std::vector<FollowChange>& follows, std::string* out) {
  PutVarint64(follows.size(), out);
  uint32_t previous = 0;
  for (const FollowChange& f : follows) {
    PutVarint64(ZigZag(int64_t{f.src} - previous), out);
    previous = f.src;
    PutVarint64(f.dst, out);
    PutFixed32BE(f.word, out);
  }
}

bool GetFollows(absl::string_view* in, std::vector<FollowChange>* follows) {
  uint64_t n = 0;
  if (!GetVarint64(in, &n) || n > in->size()) return false;
  follows->resize(n);
  int64_t previous = 0;
  for (FollowChange& f : *follows) {
    uint64_t delta = 0, dst = 0;
    if (!GetVarint64(in, &delta) || !GetVarint64(in, &dst) || !GetFixed32BE(in, &f.word))
      return false;
    previous += UnZigZag(delta);
    f.src = static_cast<uint32_t>(previous);
    f.dst = static_cast<uint32_t>(dst);
  }
  return true;
}

void PutInteractions(const std::vector<InteractionChange>& changes, std::string* out) {
  PutVarint64(changes.size(), out);
  for (const InteractionChange& c : changes) {
    PutVarint64(c.src, out);
    InteractionEntry entry = c.entry;
    entry.source = 0;  // the record says it once for all
    PutLengthPrefixed(EncodeInteractions({&entry, 1}), out);
  }
}

bool GetInteractions(absl::string_view* in, uint32_t source,
                     std::vector<InteractionChange>* changes) {
  uint64_t n = 0;
  if (!GetVarint64(in, &n) || n > in->size()) return false;
  for (uint64_t i = 0; i < n; ++i) {
    uint64_t src = 0;
    absl::string_view bytes;
    std::vector<InteractionEntry> entries;
    if (!GetVarint64(in, &src) || !GetLengthPrefixed(in, &bytes) ||
        !DecodeInteractions(bytes, &entries).ok() || entries.size() != 1) {
      return false;
    }
    entries[0].source = source;
    changes->push_back({static_cast<uint32_t>(src), entries[0]});
  }
  return true;
}

bool GetNumber(absl::string_view* in, uint32_t* v) {
  uint64_t wide = 0;
  if (!GetVarint64(in, &wide) || wide > 0xffffffffull) return false;
  *v = static_cast<uint32_t>(wide);
  return true;
}

void PutNumbers(const std::vector<uint32_t>& numbers, std::string* out) {
  PutVarint64(numbers.size(), out);
  for (uint32_t v : numbers) PutVarint64(v, out);
}

bool GetNumbers(absl::string_view* in, std::vector<uint32_t>* numbers) {
  uint64_t n = 0;
  if (!GetVarint64(in, &n) || n > in->size()) return false;
  numbers->resize(n);
  for (uint32_t& v : *numbers) {
    if (!GetNumber(in, &v)) return false;
  }
  return true;
}

void PutAliases(const std::vector<AliasChange>& aliases, std::string* out) {
  PutVarint64(aliases.size(), out);
  for (const AliasChange& a : aliases) {
    PutVarint64(a.alias, out);
    PutVarint64(a.canonical, out);
  }
}

bool GetAliases(absl::string_view* in, std::vector<AliasChange>* aliases) {
  uint64_t n = 0;
  if (!GetVarint64(in, &n) || n > in->size()) return false;
  aliases->resize(n);
  for (AliasChange& a : *aliases) {
    if (!GetNumber(in, &a.alias) || !GetNumber(in, &a.canonical)) return false;
  }
  return true;
}

bool GetBody(absl::string_view in, char format, ChangeRecord* record) {
  if (format != kOldFormat && !GetNumber(&in, &record->source)) return false;
  if (!GetFollows(&in, &record->follows) ||
      !GetInteractions(&in, record->source, &record->interactions)) {
    return false;
  }
  if (format != kOldFormat &&
      (!GetNumbers(&in, &record->erased) || !GetAliases(&in, &record->aliases) ||
       !GetNumbers(&in, &record->undone))) {
    return false;
  }
  return in.empty();
}

}  // namespace

std::string EncodeChangeRecord(const ChangeRecord& record, uint64_t* chain) {
  std::string out;
  out.reserve(64 + record.follows.size() * 12 + record.interactions.size() * 16);
  out.push_back(kFormat);
  PutFixed64BE(record.lsn, &out);
  PutFixed64BE(static_cast<uint64_t>(record.commit_time), &out);
  PutFixed64BE(record.previous_chain, &out);
  PutVarint64(record.source, &out);
  PutFollows(record.follows, &out);
  PutInteractions(record.interactions, &out);
  PutNumbers(record.erased, &out);
  PutAliases(record.aliases, &out);
  PutNumbers(record.undone, &out);
  *chain = Checksum64(out, record.previous_chain);
  PutFixed64BE(*chain, &out);
  return out;
}

absl::StatusOr<ChangeRecord> DecodeChangeRecord(absl::string_view bytes, uint64_t* chain) {
  if (bytes.size() < 33 || (bytes[0] != kFormat && bytes[0] != kOldFormat))
    return Corrupt("unknown format");
  const absl::string_view body = bytes.substr(0, bytes.size() - 8);
  ChangeRecord record;
  record.lsn = DecodeFixed64BE(body.substr(1));
  record.commit_time = static_cast<int64_t>(DecodeFixed64BE(body.substr(9)));
  record.previous_chain = DecodeFixed64BE(body.substr(17));
  *chain = DecodeFixed64BE(bytes.substr(body.size()));
  if (Checksum64(body, record.previous_chain) != *chain) return Corrupt("wrong checksum");
  if (!GetBody(body.substr(25), bytes[0], &record)) return Corrupt("wrong lengths");
  return record;
}

}  // namespace halqa::store
