#include "engine/store/backup.h"

#include <rocksdb/db.h>
#include <rocksdb/rate_limiter.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/store/backup_engine.h"
#include "engine/store/backup_files.h"
#include "engine/store/family_options.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/rocks_status.h"
#include "engine/store/store_impl.h"

namespace halqa::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kCallbackBytes = 4 << 20;

// What the engine itself says of a backup is the only copy of its list of files and checksums.
std::string MetaPath(const std::string& directory, uint32_t id) {
  return absl::StrCat(directory, "/meta/", id);
}

// One process at a time changes a directory of backups.
class DirectoryLock {
 public:
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(const std::string& directory) {
    rocksdb::FileLock* lock = nullptr;
    const auto s =
        rocksdb::Env::Default()->LockFile(absl::StrCat(directory, "/backups.lock"), &lock);
    if (!s.ok()) {
      return MakeError(absl::StatusCode::kAborted, "BACKUP_BUSY",
                       absl::StrCat(directory, ": another backup is being made or removed there"),
                       {{"directory", directory}});
    }
    return std::unique_ptr<DirectoryLock>(new DirectoryLock(lock));
  }
  ~DirectoryLock() { rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError(); }

 private:
  explicit DirectoryLock(rocksdb::FileLock* lock) : lock_(lock) {}
  rocksdb::FileLock* const lock_;
};

rocksdb::BackupEngineOptions EngineOptions(const std::string& directory) {
  // Opening a backup where it lies takes absolute paths only.
  rocksdb::BackupEngineOptions options(fs::absolute(directory).lexically_normal().string());
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.backup_log_files = true;
  options.max_background_operations = 1;
  options.callback_trigger_interval_size = kCallbackBytes;
  return options;
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenEngine(
    const rocksdb::BackupEngineOptions& options) {
  rocksdb::BackupEngine* engine = nullptr;
  HALQA_RETURN_IF_ERROR(FromRocks(
      rocksdb::BackupEngine::Open(options, rocksdb::Env::Default(), &engine), options.backup_dir));
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

uint64_t GraphNumber(const Store& db) {
  return DecodeFixed64BE(AsBytes(HashExternalId(db.secret(), "halqa:backup")));
}

uint64_t LiveBytes(const Store& db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  StoreAccess::Of(db).db->GetLiveFilesMetaData(&files);
  uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size;
  return bytes;
}

absl::Status CheckSameGraph(const Store& db, const std::string& directory) {
  for (uint32_t id : DescribedBackups(directory)) {
    const auto text = ReadFile(DescriptionPath(directory, id));
    const auto info = text.ok() ? DecodeDescription(*text) : text.status();
    if (!info.ok() || info->graph == GraphNumber(db)) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "BACKUP_OF_OTHER_GRAPH",
                     absl::StrCat(directory, " holds backups of another graph"),
                     {{"directory", directory}});
  }
  return absl::OkStatus();
}

absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  return ErrnoError(error.value(), "BACKUP_DIRECTORY_FAILED", directory);
}

// Backups whose making was cut: RocksDB knows them, but they have no description.
absl::Status RemoveUnfinished(const std::string& directory, rocksdb::BackupEngine* engine) {
  std::vector<rocksdb::BackupInfo> known;
  engine->GetBackupInfo(&known);
  const std::vector<uint32_t> described = DescribedBackups(directory);
  for (const auto& backup : known) {
    if (std::binary_search(described.begin(), described.end(), backup.backup_id)) continue;
    HALQA_RETURN_IF_ERROR(FromRocks(engine->DeleteBackup(backup.backup_id), directory));
  }
  return absl::OkStatus();
}

// Copies what is new. The engine calls back from the thread that copies while this one waits.
absl::StatusOr<uint32_t> Copy(const Store& db, rocksdb::BackupEngine* engine, RunContext& run) {
  const uint64_t total = std::max<uint64_t>(LiveBytes(db), 1);
  uint64_t done = 0;
  absl::Status stopped;
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = false;
  options.progress_callback = [&] {
    done = std::min(done + kCallbackBytes, total);
    if (!stopped.ok()) return;
    stopped = run.Checkpoint(static_cast<double>(done), static_cast<double>(total));
    if (!stopped.ok()) engine->StopBackup();
  };
  rocksdb::BackupID id = 0;
  const auto status =
      FromRocks(engine->CreateNewBackup(options, StoreAccess::Of(db).db.get(), &id), "backup");
  HALQA_RETURN_IF_ERROR(stopped);
  HALQA_RETURN_IF_ERROR(status);
  return id;
}

absl::StatusOr<std::string> Required(rocksdb::DB* db, absl::string_view key) {
  std::string value;
  HALQA_RETURN_IF_ERROR(FromRocks(db->Get(rocksdb::ReadOptions(), ToSlice(key), &value), "backup"));
  return value;
}

// Opens the backup where it lies and reads what it holds: while it was copied the store went on
// writing, so only the copy itself knows its newest record.
absl::Status ReadState(const rocksdb::BackupInfo& files, BackupInfo* info) {
  rocksdb::DBOptions options = DatabaseOptions(false);
  options.env = files.env_for_open.get();
  options.max_open_files = 64;
  std::unique_ptr<rocksdb::DB> db;
  {
    const auto cache = rocksdb::NewLRUCache(1 << 20);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    HALQA_RETURN_IF_ERROR(
        FromRocks(rocksdb::DB::OpenForReadOnly(
                      options, files.name_for_open,
                      {{rocksdb::kDefaultColumnFamilyName, FamilyOptions(Family::kMeta, cache)}},
                      &handles, &opened),
                  "backup"));
    db.reset(opened);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
  HALQA_ASSIGN_OR_RETURN(const auto version, Required(db.get(), meta::kFormatVersion));
  HALQA_ASSIGN_OR_RETURN(const auto timeline, Required(db.get(), meta::kTimeline));
  HALQA_ASSIGN_OR_RETURN(const auto secret, Required(db.get(), meta::kSecret));
  if (version.size() != 4 || timeline.size() != 8) return BackupDamaged(info->id, "has no format");
  info->format_version = DecodeFixed32BE(version);
  info->timeline = DecodeFixed64BE(timeline);
  info->graph = DecodeFixed64BE(AsBytes(HashExternalId(secret, "halqa:backup")));
  std::string value;
  const rocksdb::ReadOptions read;
  if (db->Get(read, ToSlice(meta::kTail), &value).ok() && value.size() == 16) {
    info->lsn = DecodeFixed64BE(value);
    info->chain = DecodeFixed64BE(absl::string_view(value).substr(8));
  }
  if (db->Get(read, ToSlice(meta::kNextAccount), &value).ok() && value.size() == 4)
    info->accounts = DecodeFixed32BE(value);
  if (db->Get(read, ToSlice(meta::kCurrentGeneration), &value).ok() && value.size() == 4)
    info->generation = DecodeFixed32BE(value);
  return absl::OkStatus();
}

// Compares every byte with its checksum, and what is inside with `said`.
absl::Status VerifyFiles(const rocksdb::BackupEngineReadOnlyBase& engine, const BackupInfo& said) {
  const auto files = engine.VerifyBackup(said.id, /*verify_with_checksum=*/true);
  if (!files.ok()) return BackupDamaged(said.id, files.ToString());
  rocksdb::BackupInfo details;
  const auto found = engine.GetBackupInfo(said.id, &details, /*include_file_details=*/true);
  if (!found.ok()) return BackupDamaged(said.id, found.ToString());
  BackupInfo held;
  held.id = said.id;
  if (auto s = ReadState(details, &held); !s.ok()) return BackupDamaged(said.id, s.message());
  if (held.lsn == said.lsn && held.chain == said.chain && held.timeline == said.timeline &&
      held.accounts == said.accounts && held.graph == said.graph)
    return absl::OkStatus();
  return BackupDamaged(
      said.id, absl::StrCat("holds record ", held.lsn, ", its description says ", said.lsn));
}

// Fills the description from the finished copy and writes it: from here on the backup counts.
absl::Status Describe(const std::string& directory, const rocksdb::BackupEngine& engine,
                      uint64_t bytes_before, BackupInfo* info) {
  rocksdb::BackupInfo details;
  HALQA_RETURN_IF_ERROR(FromRocks(engine.GetBackupInfo(info->id, &details, true), directory));
  HALQA_RETURN_IF_ERROR(ReadState(details, info));
  HALQA_ASSIGN_OR_RETURN(const std::string meta, ReadFile(MetaPath(directory, info->id)));
  info->meta_checksum = Checksum64(meta);
  info->bytes = details.size;
  const uint64_t bytes_after = SizeOfTree(directory);
  info->added_bytes = bytes_after > bytes_before ? bytes_after - bytes_before : 0;
  info->created_at = std::time(nullptr);
  info->halqa_version = HalqaVersion();
  HALQA_RETURN_IF_ERROR(VerifyFiles(engine, *info));
  return WriteFileDurably(DescriptionPath(directory, info->id), EncodeDescription(*info));
}

absl::Status RemoveOne(const std::string& directory, rocksdb::BackupEngine* engine, uint32_t id) {
  std::error_code error;
  fs::remove(DescriptionPath(directory, id), error);
  if (error) return ErrnoError(error.value(), "FILE_REMOVE_FAILED", DescriptionPath(directory, id));
  HALQA_RETURN_IF_ERROR(SyncDirectory(directory));
  const auto s = engine->DeleteBackup(id);
  return s.IsNotFound() ? absl::OkStatus() : FromRocks(s, directory);
}

absl::StatusOr<std::vector<uint32_t>> RemoveBackups(const std::string& directory,
                                                    const std::vector<uint32_t>& ids) {
  HALQA_ASSIGN_OR_RETURN(const auto lock, DirectoryLock::Take(directory));
  HALQA_ASSIGN_OR_RETURN(const auto engine, OpenEngine(EngineOptions(directory)));
  for (uint32_t id : ids) HALQA_RETURN_IF_ERROR(RemoveOne(directory, engine.get(), id));
  HALQA_RETURN_IF_ERROR(FromRocks(engine->GarbageCollect(), directory));
  return ids;
}

absl::Status CheckThere(const std::string& directory) {
  std::error_code error;
  if (fs::is_directory(absl::StrCat(directory, "/meta"), error)) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kNotFound, "NO_BACKUPS",
      absl::StrCat(directory, " holds no backups; make one with: halqa backup create --data DIR ",
                   "--to ", directory),
      {{"directory", directory}});
}

}  // namespace

uint64_t SizeOfTree(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(directory, error), end;
  for (; !error && it != end; it.increment(error)) {
    std::error_code gone;  // a file may be renamed while this looks
    if (it->is_regular_file(gone)) {
      const uint64_t size = it->file_size(gone);
      if (!gone) bytes += size;
    }
  }
  return bytes;
}

absl::Status NoBackup(const std::string& directory, uint32_t id) {
  return MakeError(absl::StatusCode::kNotFound, "BACKUP_NOT_FOUND",
                   absl::StrCat(directory, " holds no backup ", id),
                   {{"directory", directory}, {"backup", absl::StrCat(id)}});
}

absl::Status BackupDamaged(uint32_t id, absl::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "BACKUP_DAMAGED",
                   absl::StrCat("backup ", id, " is damaged: ", why),
                   {{"backup", absl::StrCat(id)}});
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenBackupsReadOnly(
    const std::string& directory) {
  HALQA_RETURN_IF_ERROR(CheckThere(directory));
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  HALQA_RETURN_IF_ERROR(FromRocks(rocksdb::BackupEngineReadOnly::Open(
                                      EngineOptions(directory), rocksdb::Env::Default(), &engine),
                                  directory));
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

absl::StatusOr<BackupInfo> ReadBackupInfo(const std::string& directory, uint32_t id) {
  const std::string path = DescriptionPath(directory, id);
  std::error_code error;
  if (!fs::exists(path, error)) return NoBackup(directory, id);
  HALQA_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto info = DecodeDescription(text);
  if (!info.ok()) return Annotate(info.status(), path);
  if (info->id != id) return BackupDamaged(id, "its description is that of another one");
  const auto meta = ReadFile(MetaPath(directory, id));
  if (!meta.ok()) return BackupDamaged(id, meta.status().message());
  if (Checksum64(*meta) != info->meta_checksum)
    return BackupDamaged(id, absl::StrCat(MetaPath(directory, id), " has a wrong checksum"));
  return info;
}

absl::StatusOr<BackupInfo> CreateBackup(const Store& db, const std::string& directory,
                                        const BackupOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  HALQA_RETURN_IF_ERROR(MakeDirectory(directory));
  HALQA_ASSIGN_OR_RETURN(const auto lock, DirectoryLock::Take(directory));
  HALQA_RETURN_IF_ERROR(CheckSameGraph(db, directory));
  BackupInfo info;
  HALQA_ASSIGN_OR_RETURN(info.erasures, AddErasures(db, directory));
  HALQA_RETURN_IF_ERROR(db.VerifyChecksums());
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.3, 1));
  rocksdb::BackupEngineOptions engine_options = EngineOptions(directory);
  engine_options.backup_rate_limit = options.bytes_per_second_max;
  HALQA_ASSIGN_OR_RETURN(const auto engine, OpenEngine(engine_options));
  HALQA_RETURN_IF_ERROR(RemoveUnfinished(directory, engine.get()));
  const uint64_t bytes_before = SizeOfTree(directory);
  RunContext copying = run.Part(0.3, 0.7);
  HALQA_ASSIGN_OR_RETURN(info.id, Copy(db, engine.get(), copying));
  absl::Status status = run.Checkpoint(0.7, 1);
  if (status.ok()) status = Describe(directory, *engine, bytes_before, &info);
  if (!status.ok()) {
    engine->DeleteBackup(info.id).PermitUncheckedError();  // else the next one removes it
    return status;
  }
  run.Checkpoint(1, 1).IgnoreError();  // it is made: too late for a cancel
  return info;
}

std::string HalqaVersion() { return HALQA_VERSION; }

absl::StatusOr<std::vector<BackupInfo>> ListBackups(const std::string& directory) {
  HALQA_RETURN_IF_ERROR(CheckThere(directory));
  std::vector<BackupInfo> out;
  for (uint32_t id : DescribedBackups(directory)) {
    auto info = ReadBackupInfo(directory, id);
    if (!info.ok()) {
      BackupInfo damaged;
      damaged.id = id;
      damaged.problem = std::string(info.status().message());
      info = std::move(damaged);
    }
    out.push_back(*std::move(info));
  }
  return out;
}

absl::StatusOr<BackupInfo> VerifyBackup(const std::string& directory, uint32_t id) {
  HALQA_ASSIGN_OR_RETURN(const auto engine, OpenBackupsReadOnly(directory));
  HALQA_ASSIGN_OR_RETURN(BackupInfo info, ReadBackupInfo(directory, id));
  HALQA_RETURN_IF_ERROR(VerifyFiles(*engine, info));
  return info;
}

absl::Status DeleteBackup(const std::string& directory, uint32_t id) {
  HALQA_RETURN_IF_ERROR(CheckThere(directory));
  const std::vector<uint32_t> ids = DescribedBackups(directory);
  if (!std::binary_search(ids.begin(), ids.end(), id)) return NoBackup(directory, id);
  return RemoveBackups(directory, {id}).status();
}

absl::StatusOr<std::vector<uint32_t>> KeepNewestBackups(const std::string& directory,
                                                        uint32_t keep) {
  HALQA_RETURN_IF_ERROR(CheckThere(directory));
  std::vector<uint32_t> ids = DescribedBackups(directory);
  ids.resize(ids.size() > keep ? ids.size() - keep : 0);
  return RemoveBackups(directory, ids);
}

}  // namespace halqa::store
