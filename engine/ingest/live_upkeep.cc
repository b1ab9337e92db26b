// Undoing imports, forgetting history: what an operator asks for or a night's work does.

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/live_graph.h"
#include "engine/ingest/undo_rows.h"

namespace halqa::ingest {
namespace {

using store::Family;

constexpr size_t kRowsPerRequest = 500;
constexpr int64_t kUndoSeconds = 30 * 86400;

// Sends rows to the writer, some hundred at a time.
class Restorer {
 public:
  Restorer(LiveGraph* graph, uint32_t source, RunContext* run)
      : graph_(graph), run_(run), request_{source, {}} {}

  absl::Status Add(RestoreRow row) {
    request_.rows.push_back(std::move(row));
    return request_.rows.size() < kRowsPerRequest ? absl::OkStatus() : Send();
  }
  absl::Status Send() {
    if (request_.rows.empty()) return absl::OkStatus();
    HALQA_RETURN_IF_ERROR(run_->Checkpoint(0.1, 1));
    const uint32_t source = request_.source;
    auto ack = graph_->Write(std::exchange(request_, {source, {}}));
    if (!ack.ok()) return ack.status();
    restored += ack->restored_rows;
    kept += ack->kept_rows;
    return absl::OkStatus();
  }
  uint64_t restored = 0, kept = 0;

 private:
  LiveGraph* graph_;
  RunContext* run_;
  RestoreRequest request_;
};

// The row of an account of which nothing is known but that it exists.
store::AccountRow BlankRow(const store::Store& db, const store::AccountRow& row) {
  store::AccountRow blank;
  const std::string& id = row.record.external_id;
  blank.record.external_id =
      row.named ? store::PseudonymOf(id, store::HashExternalId(db.id_key(), id)) : id;
  return blank;
}

// What takes an expired profile and the posts of its account away.
absl::StatusOr<RestoreRow> Expiry(const store::Store& db, AccountId id,
                                  const store::AccountRow& row) {
  RestoreRow expiry{id, row.document_version, store::EncodeAccount(BlankRow(db, row)), {}};
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kPost, store::AccountKey(id),
                                store::AccountKey(AccountId{Raw(id) + 1}),
                                [&](absl::string_view key, absl::string_view) {
                                  expiry.posts.emplace_back(key, "");
                                  return true;
                                }));
  return expiry;
}

absl::Status DeleteUndoRows(store::Store& db, uint32_t source) {
  for (;;) {
    store::Batch batch;
    HALQA_RETURN_IF_ERROR(db.Scan(Family::kUndo, store::NumberKey(source),
                                  store::NumberKey(source + 1),
                                  [&](absl::string_view key, absl::string_view) {
                                    batch.Delete(Family::kUndo, key);
                                    return batch.bytes() < (1 << 20);
                                  }));
    if (batch.empty()) return absl::OkStatus();
    HALQA_RETURN_IF_ERROR(db.Write(batch, store::Durability::kNoSync, store::Space::kReserve));
  }
}

}  // namespace

absl::StatusOr<LiveGraph::UndoReport> LiveGraph::UndoImport(uint32_t source, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const WriteAck ack, Write(UndoRequest{source}));
  Restorer restorer(this, source, &run);
  HALQA_RETURN_IF_ERROR(
      ForEachRestore(*db_, source, [&](RestoreRow row) { return restorer.Add(std::move(row)); }));
  HALQA_RETURN_IF_ERROR(restorer.Send());
  RunContext fold = run.Part(0.3, 1);
  HALQA_RETURN_IF_ERROR(Fold(fold));
  return UndoReport{restorer.restored, restorer.kept, ack.duplicate};
}

absl::StatusOr<uint64_t> LiveGraph::ExpireProfiles(UnixSeconds now, RunContext& run) {
  Restorer restorer(this, 0, &run);
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto account = store::DecodeAccount(value);
    status = account.status();
    if (!status.ok()) return false;
    const UnixSeconds expires = account->record.provenance.expires_at;
    if (expires == 0 || expires > now) return true;
    auto expiry = Expiry(*db_, AccountId{DecodeFixed32BE(key)}, *account);
    status = expiry.ok() ? restorer.Add(*std::move(expiry)) : expiry.status();
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db_->Scan(Family::kAccount, "", "", row, nullptr, /*bulk=*/true));
  HALQA_RETURN_IF_ERROR(status);
  HALQA_RETURN_IF_ERROR(restorer.Send());
  return restorer.restored;
}

absl::StatusOr<LiveGraph::PurgeReport> LiveGraph::Purge(UnixSeconds horizon, RunContext& run) {
  PurgeReport report;
  const UnixSeconds now = std::time(nullptr);
  if (horizon > 0) HALQA_RETURN_IF_ERROR(Write(HorizonRequest{horizon}).status());
  HALQA_ASSIGN_OR_RETURN(const SourceTable sources, SourceTable::Load(*db_));
  for (const auto& [number, row] : sources.rows) {
    const UnixSeconds expires = row.provenance.expires_at;
    if (!row.undone && !row.founding && expires != 0 && expires <= now) {
      RunContext part = run.Part(0, 0.2);
      HALQA_RETURN_IF_ERROR(UndoImport(number, part).status());
      ++report.expired_sources;
    }
    if (row.created_at < now - kUndoSeconds) HALQA_RETURN_IF_ERROR(DeleteUndoRows(*db_, number));
  }
  RunContext profiles = run.Part(0.2, 0.4);
  HALQA_ASSIGN_OR_RETURN(report.expired_profiles, ExpireProfiles(now, profiles));
  RunContext fold = run.Part(0.4, 0.6);
  HALQA_RETURN_IF_ERROR(FoldOnly(fold));
  std::lock_guard one(fold_mutex_);
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.6, 1));
  HALQA_RETURN_IF_ERROR(db_->PurgeBefore(horizon));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.8, 1));
  HALQA_RETURN_IF_ERROR(db_->PurgeDeleted());
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return report;
}

}  // namespace halqa::ingest
