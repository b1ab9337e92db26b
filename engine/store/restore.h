#pragma once
// From a backup to a directory that can be opened.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/store/backup.h"

namespace halqa::store {

struct RestoreRequest {
  std::string backups;  // directory of the backups
  uint32_t id = 0;      // which one: always named, never "the newest"
  std::string target;   // must not exist
  // Directories of stores of the same graph whose erasures count too, for example the damaged one.
  std::vector<std::string> erased_from;
  // Called with the finished directory before it takes its name, and the keyed hashes of the people
  // who were erased since and whom the backup still has: erasing them is the writer's business. An
  // error ends the restore, and nothing is left.
  using FinishFn = std::function<absl::Status(const std::string& directory,
                                              const std::vector<std::string>& erase)>;
  FinishFn finish;
};

struct RestoreReport {
  BackupInfo backup;
  uint64_t timeline = 0;  // the new one
  uint64_t erasures = 0;  // people on the lists
  uint64_t erased = 0;    // of those, the ones that the backup still had
};

// Builds `target` beside itself, as target.restoring, and renames it once: killed at any point, it
// leaves no target (and the next restore removes what is unfinished). The store gets a new
// timeline, so that no snapshot and no page token of before matches it. Everybody on the lists of
// erasures is suppressed, or handed to `finish`. Errors: AlreadyExists (RESTORE_TARGET_EXISTS),
// NotFound (BACKUP_NOT_FOUND, NO_BACKUPS), DataLoss (BACKUP_DAMAGED, ERASURES_DAMAGED),
// FailedPrecondition (ERASURES_OF_OTHER_GRAPH), ResourceExhausted (STORAGE_FULL), those of
// Store::Open and Checkpoint.
absl::StatusOr<RestoreReport> RestoreBackup(const RestoreRequest& request, RunContext& run);

}  // namespace halqa::store
