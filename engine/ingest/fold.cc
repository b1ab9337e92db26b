#include "engine/ingest/fold.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::ingest {
namespace {

using store::Family;

struct Changes {
  std::vector<store::FollowChange> follows;
  std::vector<store::InteractionChange> interactions;
};

store::FollowEntry EntryOf(const store::FollowChange& change) {
  return {change.dst, change.word, change.word >> 2};
}

// Writes one merge operand per source from changes sorted by source.
template <typename Change, typename Entry, typename Convert, typename Normalise, typename Encode,
          typename Key>
absl::Status WriteOperands(std::vector<Change>* changes, Convert convert, Normalise normalise,
                           Encode encode, Key key, store::SstBuilder* sst) {
  std::stable_sort(changes->begin(), changes->end(),
                   [](const Change& a, const Change& b) { return a.src < b.src; });
  std::vector<Entry> entries;
  for (size_t i = 0; i < changes->size();) {
    const uint32_t src = (*changes)[i].src;
    entries.clear();
    for (; i < changes->size() && (*changes)[i].src == src; ++i)
      entries.push_back(convert((*changes)[i]));
    normalise(&entries);
    HALQA_RETURN_IF_ERROR(sst->Merge(key(AccountId{src}), encode(entries)));
  }
  return sst->Finish();
}

absl::Status IngestChanges(store::Store& db, Changes* changes, const LogTail& marker) {
  HALQA_ASSIGN_OR_RETURN(uint32_t newest, NewestFoldedWord(db));
  for (const store::FollowChange& f : changes->follows) newest = std::max(newest, f.word);
  HALQA_ASSIGN_OR_RETURN(auto follows, db.NewSst(Family::kFollowOut));
  HALQA_ASSIGN_OR_RETURN(auto interactions, db.NewSst(Family::kInteractOut));
  HALQA_ASSIGN_OR_RETURN(auto fold, db.NewSst(Family::kFold));
  auto follow_status = WriteOperands<store::FollowChange, store::FollowEntry>(
      &changes->follows, EntryOf, store::NormaliseFollows,
      [](const auto& e) { return store::EncodeFollows(e); },
      [](AccountId id) { return store::FollowKey(id); }, follows.get());
  HALQA_RETURN_IF_ERROR(follow_status);
  auto interaction_status = WriteOperands<store::InteractionChange, store::InteractionEntry>(
      &changes->interactions, [](const store::InteractionChange& c) { return c.entry; },
      store::NormaliseInteractions, [](const auto& e) { return store::EncodeInteractions(e); },
      [](AccountId id) { return store::AccountKey(id); }, interactions.get());
  HALQA_RETURN_IF_ERROR(interaction_status);
  HALQA_RETURN_IF_ERROR(fold->Put(store::meta::kFoldMarker, EncodeMarker(marker, newest)));
  HALQA_RETURN_IF_ERROR(fold->Finish());
  return db.Ingest({follows.get(), interactions.get(), fold.get()});
}

}  // namespace

std::string EncodeMarker(const LogTail& marker, uint32_t newest_word) {
  std::string out = EncodeTail(marker);
  PutFixed32BE(newest_word, &out);
  return out;
}

absl::StatusOr<LogTail> FoldMarker(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kFold, store::meta::kFoldMarker));
  if (!value) return LogTail{};
  return DecodeTail(absl::string_view(*value).substr(0, 16));
}

absl::StatusOr<uint32_t> NewestFoldedWord(const store::Store& db) {
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kFold, store::meta::kFoldMarker));
  if (!value) return 0;
  if (value->size() != 20) {
    return MakeError(absl::StatusCode::kDataLoss, "FOLD_MARKER_CORRUPT",
                     "the fold marker is damaged");
  }
  return DecodeFixed32BE(absl::string_view(*value).substr(16));
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

absl::StatusOr<LogTail> FoldLog(store::Store& db, const LogTail& through, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(LogTail marker, FoldMarker(db));
  if (marker.lsn >= through.lsn) return marker;
  Changes changes;
  auto collect = [&](const store::ChangeRecord& record, uint64_t chain) {
    changes.follows.insert(changes.follows.end(), record.follows.begin(), record.follows.end());
    changes.interactions.insert(changes.interactions.end(), record.interactions.begin(),
                                record.interactions.end());
    marker = {record.lsn, chain};
    return absl::OkStatus();
  };
  const LogTail start = marker;
  HALQA_RETURN_IF_ERROR(ReadLog(db, start, through.lsn, collect));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 3));
  HALQA_RETURN_IF_ERROR(IngestChanges(db, &changes, marker));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(3, 3));
  return marker;
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
  return db.Write(batch, store::Durability::kNoSync);
}

}  // namespace halqa::ingest
