#pragma once
// Backups of a store: a directory of its own beside, or far from, the data. Incremental: sorted
// files that an earlier backup holds already are not copied again. Online: the store goes on
// writing. docs/STORAGE_FORMAT.md has the files.
//
// Invariants:
// 1. A backup counts once its description (backup-<id>.halqa) is there, and that is written last,
// after every byte of the backup was read back and found right.
// 2. A directory holds backups of one graph (one secret) only.
// 3. What a restore gives is the state at `lsn`, exactly; but people erased since stay erased.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/records.h"
#include "engine/base/run_context.h"
#include "engine/store/store.h"

namespace halqa::store {

// One backup, as its description says.
struct BackupInfo {
  uint32_t id = 0;             // rises from backup to backup
  UnixSeconds created_at = 0;  // when it was finished
  uint64_t graph = 0;          // tells graphs apart; the same before and after a restore
  uint64_t timeline = 0;
  Lsn lsn = 0;         // the newest change record inside
  uint64_t chain = 0;  // and its chain value
  uint32_t accounts = 0;
  uint32_t generation = 0;  // the current one, 0 = none
  uint32_t format_version = 0;
  std::string halqa_version;
  uint64_t bytes = 0;          // of all files a restore needs
  uint64_t added_bytes = 0;    // of those that no earlier backup had
  uint64_t erasures = 0;       // people in `erasures.halqa` then; the file never has fewer later
  uint64_t meta_checksum = 0;  // of RocksDB's own description
  std::string problem;         // why it cannot be restored; "" = nothing known
};

struct BackupOptions {
  uint64_t bytes_per_second_max = 0;  // 0 = as fast as it goes
};

// Makes a backup of all that is committed when it begins, and of what is while it runs. Reads the
// whole store before (a damaged store is not backed up) and the whole backup after. Adds the
// store's erasures to `erasures.halqa`. Cancel and deadline are seen every 4 MiB. Errors:
// FailedPrecondition (BACKUP_OF_OTHER_GRAPH), Aborted (BACKUP_BUSY: another one runs there),
// DataLoss (STORE_CORRUPT; BACKUP_DAMAGED: what was written reads back wrong), those of
// Checkpoint. After an error the directory holds the backups it held.
absl::StatusOr<BackupInfo> CreateBackup(const Store& db, const std::string& directory,
                                        const BackupOptions& options, RunContext& run);

// All backups, oldest first, damaged ones included (`problem` says why). Only descriptions are
// read. Errors: NotFound (NO_BACKUPS: the directory is none of backups).
absl::StatusOr<std::vector<BackupInfo>> ListBackups(const std::string& directory);

// Reads all of one backup and compares every checksum, opens it and compares its newest record
// with the description. Errors: NotFound (BACKUP_NOT_FOUND), DataLoss (BACKUP_DAMAGED).
absl::StatusOr<BackupInfo> VerifyBackup(const std::string& directory, uint32_t id);

// Removes one backup and the files that no other one needs. Errors: NotFound (BACKUP_NOT_FOUND),
// Aborted (BACKUP_BUSY).
absl::Status DeleteBackup(const std::string& directory, uint32_t id);

// Removes all but the `keep` newest and returns the ids that went. REQUIRES: keep >= 1.
absl::StatusOr<std::vector<uint32_t>> KeepNewestBackups(const std::string& directory,
                                                        uint32_t keep);

// The version of this program, as descriptions of backups have it.
std::string HalqaVersion();

}  // namespace halqa::store
