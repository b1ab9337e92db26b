#pragma once
// Inside of the store: RocksDB's backup engine as backup.cc and restore.cc use it.

#include <rocksdb/utilities/backup_engine.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/store/backup.h"

namespace halqa::store {

// Bytes of all files below a directory.
uint64_t SizeOfTree(const std::string& directory);

absl::Status NoBackup(const std::string& directory, uint32_t id);
absl::Status BackupDamaged(uint32_t id, absl::string_view why);

// For reading only; takes no lock.
absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> OpenBackupsReadOnly(
    const std::string& directory);

// The description of a backup, compared with RocksDB's. Errors: NotFound (BACKUP_NOT_FOUND),
// DataLoss (BACKUP_DAMAGED).
absl::StatusOr<BackupInfo> ReadBackupInfo(const std::string& directory, uint32_t id);

}  // namespace halqa::store
