#pragma once
// Looking after an open graph: backup, check and compaction as jobs; restore of a directory.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/runtime/fsck.h"
#include "engine/runtime/graph.h"
#include "engine/store/backup.h"
#include "engine/store/restore.h"

namespace halqa::runtime {

using store::BackupInfo;
using store::DeleteBackup;
using store::KeepNewestBackups;
using store::ListBackups;
using store::RestoreReport;
using store::RestoreRequest;
using store::VerifyBackup;

struct BackupPlan {
  std::string directory;
  uint32_t keep_newest = 0;           // 0 = all
  uint64_t bytes_per_second_max = 0;  // 0 = no limit
};

// Queue a job on the graph. Errors: those of JobManager::Start; the job's are those of
// store::CreateBackup, store::VerifyBackup and CheckLive. Results: see proto AdminService.
absl::StatusOr<JobRow> StartBackup(Graph& graph, const BackupPlan& plan);
absl::StatusOr<JobRow> StartVerify(Graph& graph, const std::string& directory, uint32_t id);
absl::StatusOr<JobRow> StartCheck(Graph& graph, const CheckOptions& options);
absl::StatusOr<JobRow> StartCompaction(Graph& graph);

// What the result of a check job says, in the order it is shown.
std::map<std::string, std::string> ResultOf(const CheckReport& report);

// Writes everybody who is erased on the list beside the backups; returns how many are on it.
// Errors: those of store::AddErasures.
absl::StatusOr<uint64_t> ListErasures(const Graph& graph, const std::string& backup_directory);

struct GraphStatus {
  Lsn lsn = 0, folded_lsn = 0, snapshot_lsn = 0;
  uint32_t accounts = 0, format_version = 0;
  uint64_t timeline = 0, free_bytes = 0;
  std::string halqa_version;
  GraphStats stats;
};
absl::StatusOr<GraphStatus> StatusOf(Graph& graph);

// Restores a backup, opens the new graph once, so that its snapshot is there, erases again whoever
// was erased since the backup, and closes it; only then the directory takes its name. `finish` of
// the request is not read. Errors: those of store::RestoreBackup and Graph::Open.
absl::StatusOr<RestoreReport> RestoreGraph(const RestoreRequest& request,
                                           const GraphOptions& options, RunContext& run);

}  // namespace halqa::runtime
