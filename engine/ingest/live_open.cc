// Opening a graph: what the store says, the newest snapshot, the records after it.

#include <ctime>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/live_graph.h"
#include "engine/ingest/reindex.h"
#include "engine/ingest/snapshot_dir.h"

namespace halqa::ingest {

using store::Family;

absl::Status LiveGraph::LoadSettings() {
  HALQA_ASSIGN_OR_RETURN(auto settings, db_->Get(Family::kMeta, store::meta::kSettings));
  if (settings) {
    HALQA_ASSIGN_OR_RETURN(settings_, store::DecodeSettings(*settings));
  } else {
    settings_ = options_.settings_if_new;
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kSettings, store::EncodeSettings(settings_));
    HALQA_RETURN_IF_ERROR(db_->Write(batch, store::Durability::kSync));
  }
  HALQA_ASSIGN_OR_RETURN(auto next, db_->Get(Family::kMeta, store::meta::kNextAccount));
  next_account_ = next ? DecodeFixed32BE(*next) : 0;
  HALQA_RETURN_IF_ERROR(LoadIndex());
  HALQA_ASSIGN_OR_RETURN(auto horizon, db_->Get(Family::kMeta, store::meta::kHorizon));
  if (horizon) horizon_ = static_cast<UnixSeconds>(DecodeFixed64BE(*horizon));
  HALQA_ASSIGN_OR_RETURN(sources_, SourceTable::Load(*db_));
  if (next_account_ == 0) ids_.set_complete();
  return LoadErasures();
}

absl::Status LiveGraph::LoadIndex() {
  HALQA_ASSIGN_OR_RETURN(taxonomy_, index::LoadTaxonomy(*db_));
  HALQA_ASSIGN_OR_RETURN(const bool whole, index::IndexedBy(*db_, *taxonomy_));
  if (!whole && next_account_ > 0) {
    options_.log("the rules of the text index have changed: making it anew");
  }
  RunContext run(options_.threads);
  HALQA_RETURN_IF_ERROR(ReindexIfNeeded(*db_, *taxonomy_, next_account_, run));
  HALQA_ASSIGN_OR_RETURN(auto sums, db_->Get(Family::kMeta, store::meta::kIndexStatistics));
  if (sums) {
    HALQA_ASSIGN_OR_RETURN(statistics_, index::IndexStatistics::Decode(*sums));
  }
  return absl::OkStatus();
}

absl::Status LiveGraph::LoadErasures() {
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto erasure = store::DecodeErasure(value);
    status = erasure.status();
    if (!status.ok() || key.size() != sizeof(store::KeyedHash)) return false;
    store::KeyedHash hash;
    std::copy_n(key.data(), hash.size(), hash.begin());
    suppressed_[hash] = *erasure;
    return true;
  };
  HALQA_RETURN_IF_ERROR(db_->Scan(Family::kSuppress, "", "", row));
  return status;
}

absl::Status LiveGraph::Recover() {
  HALQA_RETURN_IF_ERROR(LoadSettings());
  HALQA_ASSIGN_OR_RETURN(auto tail_bytes, db_->Get(Family::kMeta, store::meta::kTail));
  LogTail tail;
  if (tail_bytes) {
    HALQA_ASSIGN_OR_RETURN(tail, DecodeTail(*tail_bytes));
  }
  HALQA_ASSIGN_OR_RETURN(const LogTail marker, FoldMarker(*db_));
  if (marker.lsn > tail.lsn) {
    return MakeError(
        absl::StatusCode::kDataLoss, "LOG_HOLE",
        absl::StrCat("the fold marker ", marker.lsn, " is beyond the log's end ", tail.lsn));
  }
  folded_lsn_ = marker.lsn;
  HALQA_ASSIGN_OR_RETURN(below_, NewestFoldedWords(*db_));
  Epoch epoch;
  HALQA_ASSIGN_OR_RETURN(epoch.mask, store::LoadMask(*db_, nullptr));
  db_->SetPurgeMask(epoch.mask);
  RunContext run(options_.threads);
  HALQA_ASSIGN_OR_RETURN(auto opened,
                         OpenOrBuildSnapshot(*db_, marker, tail, next_account_, options_.log, run));
  epoch.snapshot = opened.snapshot;
  epoch.tail = tail;
  epoch.durable_lsn = tail.lsn;
  epoch.accounts = next_account_;
  HALQA_RETURN_IF_ERROR(Replay(opened.mark, tail, &epoch));
  active_ = std::make_shared<Delta>(tail.lsn);
  epoch.overlay.deltas = {active_};
  oldest_unfolded_ = oldest_unsnapshotted_ = std::chrono::steady_clock::now();
  Publish(std::make_shared<Epoch>(std::move(epoch)));
  return absl::OkStatus();
}

// The records after the snapshot become one packed layer.
absl::Status LiveGraph::Replay(const LogTail& from, const LogTail& tail, Epoch* epoch) {
  std::vector<DeltaEdge> edges;
  NewestWords newest;
  auto replay = [&](const store::ChangeRecord& record, uint64_t) -> absl::Status {
    HideAccounts(record, epoch);
    if (epoch->mask->SourceHidden(record.source)) return absl::OkStatus();
    for (const store::FollowChange& f : record.follows) newest.Add(f.word);
    return ApplyToDelta(record, *epoch, nullptr, &edges);
  };
  HALQA_RETURN_IF_ERROR(ReadLog(*db_, from, tail.lsn, replay));
  if (from.lsn < tail.lsn)
    epoch->overlay.runs = {std::make_shared<DeltaRun>(std::move(edges), tail.lsn)};
  below_.Add(newest);
  return absl::OkStatus();
}

}  // namespace halqa::ingest
