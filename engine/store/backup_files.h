#pragma once
// The files that Halqa keeps in a directory of backups besides those of RocksDB: one description
// per backup, and the erasures. Text, each line or file with its checksum.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/store/backup.h"

namespace halqa::store {

std::string DescriptionPath(const std::string& directory, uint32_t id);
std::string ErasuresPath(const std::string& directory);

// "halqa backup 1", one "name value" line per field, and a line with the checksum of those before.
std::string EncodeDescription(const BackupInfo& info);
// Errors: DataLoss (BACKUP_DAMAGED), FailedPrecondition (FORMAT_NEWER).
absl::StatusOr<BackupInfo> DecodeDescription(absl::string_view text);

// Ids of the descriptions in `directory`, rising. Empty where there is no such directory.
std::vector<uint32_t> DescribedBackups(const std::string& directory);

// Erasures by keyed hash (16 bytes); the value is what family `suppress` has under it.
using Erasures = std::map<std::string, std::string>;
std::string EncodeErasures(const Erasures& erasures);
// Errors: DataLoss (ERASURES_DAMAGED): a list that cannot be trusted is not read in part.
absl::StatusOr<Erasures> DecodeErasures(absl::string_view text);

// Those of the file; none where there is no file.
absl::StatusOr<Erasures> ReadErasures(const std::string& directory);
// All of family `suppress`.
absl::StatusOr<Erasures> ErasuresOf(const Store& db);
// Adds the erasures of `db` to the file. Those that are in the file only stay: a list of the erased
// never shrinks by itself. Returns how many there are now.
absl::StatusOr<uint64_t> AddErasures(const Store& db, const std::string& directory);

}  // namespace halqa::store
