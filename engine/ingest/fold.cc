#include "engine/ingest/fold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/radix_sort.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/write_request.h"
#include "engine/store/mask.h"

namespace halqa::ingest {
namespace {

using store::Family;

// What the records of one fold say.
struct Changes {
  struct Follow {
    uint32_t src = 0;
    store::FollowEntry entry;
  };
  std::vector<Follow> follows;
  std::vector<store::InteractionChange> interactions;
  std::vector<uint32_t> gone;  // erased or merged: their lists are deleted
  NewestWords newest;
};

// Collects one record. Changes of accounts that were merged earlier go to the account that stands
// for them; those of erased ones are left out.
void Collect(const store::ChangeRecord& record, const store::Mask& mask, Changes* changes) {
  for (uint32_t id : record.erased) changes->gone.push_back(id);
  for (const store::AliasChange& a : record.aliases) changes->gone.push_back(a.alias);
  if (mask.SourceHidden(record.source)) return;
  for (const store::FollowChange& f : record.follows) {
    changes->newest.Add(f.word);
    const uint32_t src = mask.Canonical(f.src), dst = mask.Canonical(f.dst);
    if (mask.Hidden(src) || mask.Hidden(dst) || src == dst) continue;
    changes->follows.push_back({src, {dst, f.word, record.source}});
  }
  for (const store::InteractionChange& x : record.interactions) {
    const uint32_t src = mask.Canonical(x.src);
    store::InteractionEntry entry = x.entry;
    entry.dst = mask.Canonical(entry.dst);
    if (mask.Hidden(src) || mask.Hidden(entry.dst) || src == entry.dst) continue;
    changes->interactions.push_back({src, entry});
  }
}

// The stored lists of accounts merged by the records move to the account that stands for them.
absl::Status MoveAliases(const store::Store& db, const std::vector<store::AliasChange>& aliases,
                         const store::Mask& mask, Changes* changes) {
  for (const store::AliasChange& a : aliases) {
    const uint32_t to = mask.Canonical(a.canonical);
    if (mask.Hidden(to)) continue;
    std::vector<store::FollowEntry> follows;
    HALQA_ASSIGN_OR_RETURN(auto row,
                           db.Get(Family::kFollowOut, store::FollowKey(AccountId{a.alias})));
    if (row) HALQA_RETURN_IF_ERROR(store::DecodeFollows(*row, &follows));
    mask.Apply(to, &follows);
    for (const auto& e : follows) changes->follows.push_back({to, e});
    std::vector<store::InteractionEntry> interactions;
    HALQA_ASSIGN_OR_RETURN(row,
                           db.Get(Family::kInteractOut, store::AccountKey(AccountId{a.alias})));
    if (row) HALQA_RETURN_IF_ERROR(store::DecodeInteractions(*row, &interactions));
    mask.Apply(to, &interactions);
    for (const auto& e : interactions) changes->interactions.push_back({to, e});
  }
  return absl::OkStatus();
}

// One merge operand per source of `rows`, which are sorted by source, and a deletion for each
// account of `gone`, ascending and without a row.
template <typename Entry, typename Rows, typename EntryOf, typename Key>
absl::Status WriteOperands(const Rows& rows, const std::vector<uint32_t>& gone, EntryOf entry_of,
                           Key key, store::SstBuilder* sst) {
  std::vector<Entry> entries;
  size_t next_gone = 0;
  auto delete_before = [&](uint64_t src) -> absl::Status {
    for (; next_gone < gone.size() && gone[next_gone] < src; ++next_gone)
      HALQA_RETURN_IF_ERROR(sst->Delete(key(AccountId{gone[next_gone]})));
    return absl::OkStatus();
  };
  for (size_t i = 0; i < rows.size();) {
    const uint32_t src = rows[i].src;
    HALQA_RETURN_IF_ERROR(delete_before(src));
    entries.clear();
    for (; i < rows.size() && rows[i].src == src; ++i) entries.push_back(entry_of(rows[i]));
    if constexpr (std::is_same_v<Entry, store::FollowEntry>) {
      store::NormaliseFollows(&entries);
      HALQA_RETURN_IF_ERROR(sst->Merge(key(AccountId{src}), store::EncodeFollows(entries)));
    } else {
      store::NormaliseInteractions(&entries);
      HALQA_RETURN_IF_ERROR(sst->Merge(key(AccountId{src}), store::EncodeInteractions(entries)));
    }
  }
  HALQA_RETURN_IF_ERROR(delete_before(~uint64_t{0}));
  return sst->Finish();
}

absl::Status IngestChanges(store::Store& db, Changes* changes, const LogTail& marker) {
  HALQA_ASSIGN_OR_RETURN(NewestWords newest, NewestFoldedWords(db));
  newest.Add(changes->newest);
  std::vector<uint32_t>& gone = changes->gone;
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  RadixSort(&changes->follows, [](const Changes::Follow& f) { return f.src; });
  RadixSort(&changes->interactions, [](const store::InteractionChange& c) { return c.src; });
  HALQA_ASSIGN_OR_RETURN(auto follows, db.NewSst(Family::kFollowOut, store::Packing::kQuick));
  HALQA_ASSIGN_OR_RETURN(auto interactions,
                         db.NewSst(Family::kInteractOut, store::Packing::kQuick));
  HALQA_ASSIGN_OR_RETURN(auto fold, db.NewSst(Family::kFold));
  HALQA_RETURN_IF_ERROR(WriteOperands<store::FollowEntry>(
      changes->follows, gone, [](const Changes::Follow& f) { return f.entry; },
      [](AccountId id) { return store::FollowKey(id); }, follows.get()));
  HALQA_RETURN_IF_ERROR(WriteOperands<store::InteractionEntry>(
      changes->interactions, gone, [](const store::InteractionChange& c) { return c.entry; },
      [](AccountId id) { return store::AccountKey(id); }, interactions.get()));
  HALQA_RETURN_IF_ERROR(fold->Put(store::meta::kFoldMarker, EncodeMarker(marker, newest)));
  HALQA_RETURN_IF_ERROR(fold->Finish());
  return db.Ingest({follows.get(), interactions.get(), fold.get()});
}

}  // namespace

std::string EncodeMarker(const LogTail& marker, const NewestWords& newest) {
  std::string out = EncodeTail(marker);
  PutFixed32BE(newest.any, &out);
  PutFixed32BE(newest.removed, &out);
  return out;
}

absl::StatusOr<LogTail> FoldMarker(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kFold, store::meta::kFoldMarker));
  if (!value) return LogTail{};
  return DecodeTail(absl::string_view(*value).substr(0, 16));
}

absl::StatusOr<NewestWords> NewestFoldedWords(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kFold, store::meta::kFoldMarker));
  if (!value) return NewestWords{};
  if (value->size() != 20 && value->size() != 24) {
    return MakeError(absl::StatusCode::kDataLoss, "FOLD_MARKER_CORRUPT",
                     "the fold marker is damaged");
  }
  const uint32_t any = DecodeFixed32BE(absl::string_view(*value).substr(16));
  // Format 1 knew the first only; it is never below the second.
  if (value->size() == 20) return NewestWords{any, any};
  return NewestWords{any, DecodeFixed32BE(absl::string_view(*value).substr(20))};
}

absl::Status ReadLog(const store::Store& db, const LogTail& after, Lsn through,
                     const std::function<absl::Status(const store::ChangeRecord&, uint64_t)>& fn) {
  LogTail expected = after;
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    uint64_t chain = 0;
    auto record = store::DecodeChangeRecord(value, &chain);
    if (!record.ok()) {
      status = Annotate(record.status(), absl::StrCat("lsn ", DecodeFixed64BE(key)));
      return false;
    }
    if (record->lsn != expected.lsn + 1 || record->previous_chain != expected.chain) {
      status = MakeError(absl::StatusCode::kDataLoss, "LOG_HOLE",
                         absl::StrCat("change record ", record->lsn, " does not follow record ",
                                      expected.lsn, "; restore from a backup"));
      return false;
    }
    expected = {record->lsn, chain};
    status = fn(*record, chain);
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(
      db.Scan(Family::kChange, store::LsnKey(after.lsn + 1), store::LsnKey(through + 1), row));
  HALQA_RETURN_IF_ERROR(status);
  if (expected.lsn == through) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "LOG_HOLE",
                   absl::StrCat("the log ends at record ", expected.lsn, ", not at ", through,
                                "; restore from a backup"));
}

absl::StatusOr<FoldResult> FoldLog(store::Store& db, const LogTail& through, RunContext& run) {
  FoldResult result;
  HALQA_ASSIGN_OR_RETURN(result.marker, FoldMarker(db));
  if (result.marker.lsn >= through.lsn) return result;
  HALQA_ASSIGN_OR_RETURN(const auto mask, store::LoadMask(db, nullptr));
  Changes changes;
  std::vector<store::AliasChange> aliases;
  uint64_t records = 0;
  const LogTail start = result.marker;
  auto collect = [&](const store::ChangeRecord& record, uint64_t chain) -> absl::Status {
    Collect(record, *mask, &changes);
    aliases.insert(aliases.end(), record.aliases.begin(), record.aliases.end());
    result.marker = {record.lsn, chain};
    if (++records % 64 != 0) return absl::OkStatus();
    return run.Checkpoint(static_cast<double>(record.lsn - start.lsn),
                          3.0 * static_cast<double>(through.lsn - start.lsn));
  };
  HALQA_RETURN_IF_ERROR(ReadLog(db, start, through.lsn, collect));
  HALQA_RETURN_IF_ERROR(MoveAliases(db, aliases, *mask, &changes));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 3));
  result.follows = changes.follows.size();
  result.interactions = changes.interactions.size();
  HALQA_RETURN_IF_ERROR(IngestChanges(db, &changes, result.marker));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(3, 3));
  return result;
}

absl::Status TrimRequestIds(store::Store& db, UnixSeconds now) {
  store::Batch batch;
  auto row = [&](absl::string_view key, absl::string_view value) {
    // An id may lie a day ahead of the clock, and is refused a day after its own time.
    const int64_t age_max = 2 * kRequestSecondsMax + kFutureSecondsMax;
    if (value.size() == 24 &&
        static_cast<int64_t>(DecodeFixed64BE(value.substr(16))) < now - age_max)
      batch.Delete(Family::kDedup, key);
    return batch.bytes() < (4 << 20);
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kDedup, "r:", "r;", row));
  return batch.empty() ? absl::OkStatus()
                       : db.Write(batch, store::Durability::kNoSync, store::Space::kReserve);
}

absl::Status TrimLog(store::Store& db, Lsn lsn, Lsn newest) {
  store::Batch batch;
  auto row = [&](absl::string_view key, absl::string_view) {
    if (DecodeFixed64BE(key) < newest) batch.Delete(Family::kChange, key);
    return true;
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kChange, "", store::LsnKey(lsn + 1), row));
  if (batch.empty()) return absl::OkStatus();
  // Losing the deletes in a crash only means trimming again.
  return db.Write(batch, store::Durability::kNoSync, store::Space::kReserve);
}

}  // namespace halqa::ingest
