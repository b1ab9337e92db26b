#include "engine/store/restore.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/store/backup_engine.h"
#include "engine/store/backup_files.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/rocks_status.h"

namespace halqa::store {
namespace {

namespace fs = std::filesystem;

absl::Status CheckTarget(const std::string& target) {
  std::error_code error;
  if (!fs::exists(target, error)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAlreadyExists, "RESTORE_TARGET_EXISTS",
                   absl::StrCat(target,
                                " exists; a restore never writes over anything: give "
                                "another directory, or move this one away"),
                   {{"directory", target}});
}

fs::path ParentOf(const std::string& target) {
  const fs::path parent = fs::absolute(target).lexically_normal();
  return parent.has_filename() ? parent.parent_path() : parent.parent_path().parent_path();
}

absl::Status CheckSpace(const std::string& target, uint64_t bytes) {
  std::error_code error;
  const fs::space_info space = fs::space(ParentOf(target), error);
  if (error) return ErrnoError(error.value(), "RESTORE_FAILED", ParentOf(target).string());
  if (space.available >= bytes + bytes / 20) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kResourceExhausted, "STORAGE_FULL",
      absl::StrCat("the backup needs ", bytes, " bytes and ", space.available, " are free for ",
                   target),
      {{"needed_bytes", absl::StrCat(bytes)}, {"allowed_bytes", absl::StrCat(space.available)}});
}

// The erasures kept beside the backups; never fewer than when any of the backups was made.
absl::StatusOr<Erasures> TrustedErasures(const std::string& backups) {
  HALQA_ASSIGN_OR_RETURN(Erasures all, ReadErasures(backups));
  HALQA_ASSIGN_OR_RETURN(const auto list, ListBackups(backups));
  for (const BackupInfo& backup : list) {
    if (backup.erasures <= all.size()) continue;
    return MakeError(absl::StatusCode::kDataLoss, "ERASURES_DAMAGED",
                     absl::StrCat(ErasuresPath(backups), " holds ", all.size(),
                                  " people, but held ", backup.erasures, " at backup ", backup.id,
                                  "; a restore without them could bring erased people back"));
  }
  return all;
}

// Adds the erasures of another store of the same graph.
absl::Status AddErasuresOf(const std::string& directory, const std::string& secret, Erasures* all) {
  HALQA_ASSIGN_OR_RETURN(const auto db, Store::OpenReadOnly(directory, StoreOptions()));
  if (db->secret() != secret) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "ERASURES_OF_OTHER_GRAPH",
                     absl::StrCat(directory, " is another graph than the backup"),
                     {{"directory", directory}});
  }
  HALQA_ASSIGN_OR_RETURN(const Erasures more, ErasuresOf(*db));
  for (const auto& [hash, value] : more) (*all)[hash] = value;
  return absl::OkStatus();
}

// Suppresses everybody on the list whom the store does not know; returns those it knows.
absl::StatusOr<std::vector<std::string>> Suppress(const Erasures& erasures, const Store& db,
                                                  Batch* batch) {
  std::vector<std::string> known;
  for (const auto& [hash, value] : erasures) {
    HALQA_ASSIGN_OR_RETURN(const auto id, db.Get(Family::kExternalToId, hash));
    if (id) {
      known.push_back(hash);
    } else {
      batch->Put(Family::kSuppress, hash, value);
    }
  }
  return known;
}

// Makes the copy a store of its own, with another timeline. Returns whom is to be erased.
absl::StatusOr<std::vector<std::string>> Adopt(const RestoreRequest& request,
                                               const std::string& directory, Erasures erasures,
                                               RestoreReport* report) {
  HALQA_ASSIGN_OR_RETURN(const auto db, Store::Open(directory, StoreOptions()));
  HALQA_ASSIGN_OR_RETURN(const auto tail, db->Get(Family::kMeta, meta::kTail));
  const uint64_t lsn = tail && tail->size() == 16 ? DecodeFixed64BE(*tail) : 0;
  if (lsn != report->backup.lsn || db->timeline() != report->backup.timeline) {
    return BackupDamaged(report->backup.id, absl::StrCat("restored to record ", lsn));
  }
  Batch batch;
  const std::string timeline = NewSecret().substr(0, 8);
  batch.Put(Family::kMeta, meta::kTimeline, timeline);
  report->timeline = DecodeFixed64BE(timeline);
  for (const std::string& other : request.erased_from) {
    HALQA_RETURN_IF_ERROR(AddErasuresOf(other, db->secret(), &erasures));
  }
  report->erasures = erasures.size();
  HALQA_ASSIGN_OR_RETURN(auto erase, Suppress(erasures, *db, &batch));
  HALQA_RETURN_IF_ERROR(db->Write(batch, Durability::kSync));
  return erase;
}

// Copies all files of a backup, comparing the checksum of each. The engine says nothing while it
// does, so progress is what has arrived; a cancel is seen when the copy has ended.
absl::Status CopyBack(const rocksdb::BackupEngineReadOnly& engine, const BackupInfo& backup,
                      const std::string& path, RunContext& run) {
  auto copying = std::async(std::launch::async,
                            [&] { return engine.RestoreDBFromBackup(backup.id, path, path); });
  absl::Status stopped;
  while (copying.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) {
    const double done = static_cast<double>(std::min(SizeOfTree(path), backup.bytes));
    if (stopped.ok()) stopped = run.Checkpoint(done, static_cast<double>(backup.bytes));
  }
  const auto copied = copying.get();
  HALQA_RETURN_IF_ERROR(stopped);
  if (copied.IsNoSpace()) return FromRocks(copied, path);
  return copied.ok() ? absl::OkStatus() : BackupDamaged(backup.id, copied.ToString());
}

absl::Status Build(const RestoreRequest& request, const std::string& directory,
                   RestoreReport* report, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(Erasures erasures, TrustedErasures(request.backups));
  HALQA_ASSIGN_OR_RETURN(const auto engine, OpenBackupsReadOnly(request.backups));
  const std::string path = absl::StrCat(directory, "/rocksdb");
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return ErrnoError(error.value(), "RESTORE_FAILED", path);
  RunContext copying = run.Part(0, 0.8);
  HALQA_RETURN_IF_ERROR(CopyBack(*engine, report->backup, path, copying));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.8, 1));
  HALQA_ASSIGN_OR_RETURN(const auto erase, Adopt(request, directory, std::move(erasures), report));
  report->erased = erase.size();
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.85, 1));
  HALQA_RETURN_IF_ERROR(request.finish(directory, erase));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.9, 1));
  return SyncTree(directory);
}

}  // namespace

absl::StatusOr<RestoreReport> RestoreBackup(const RestoreRequest& request, RunContext& run) {
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  HALQA_RETURN_IF_ERROR(CheckTarget(request.target));
  RestoreReport report;
  HALQA_RETURN_IF_ERROR(OpenBackupsReadOnly(request.backups).status());
  HALQA_ASSIGN_OR_RETURN(report.backup, ReadBackupInfo(request.backups, request.id));
  HALQA_RETURN_IF_ERROR(CheckSpace(request.target, report.backup.bytes));
  const fs::path target = fs::absolute(request.target).lexically_normal();
  const std::string name = target.has_filename() ? target.string() : target.parent_path().string();
  const std::string building = absl::StrCat(name, ".restoring");
  std::error_code error;
  fs::remove_all(building, error);  // of a restore that was killed
  absl::Status status = Build(request, building, &report, run);
  if (status.ok()) status = CheckTarget(request.target);
  if (status.ok()) {
    fs::rename(building, name, error);
    if (error) status = ErrnoError(error.value(), "RESTORE_FAILED", name);
  }
  if (!status.ok()) {
    fs::remove_all(building, error);
    return status;
  }
  HALQA_RETURN_IF_ERROR(SyncDirectory(ParentOf(request.target).string()));
  run.Checkpoint(1, 1).IgnoreError();  // it is there: too late for a cancel
  return report;
}

}  // namespace halqa::store
