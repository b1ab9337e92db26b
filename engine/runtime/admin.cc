#include "engine/runtime/admin.h"

#include <atomic>
#include <filesystem>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/fold.h"
#include "engine/store/account_codec.h"
#include "engine/store/backup_files.h"

namespace halqa::runtime {
namespace {

// Findings that the result of a job lists; all are counted.
constexpr size_t kListedMax = 50;

uint64_t StoreBytes(const store::Store& db) {
  uint64_t bytes = 0;
  for (const auto& file : db.SortedFiles()) bytes += file.bytes;
  return bytes;
}

JobRow JobOf(const std::string& kind, std::map<std::string, std::string> parameters) {
  JobRow job;
  job.kind = kind;
  job.parameters = std::move(parameters);
  return job;
}

absl::Status Backup(const store::Store& db, const BackupPlan& plan, RunContext& run,
                    JobReporter& reporter) {
  reporter.Stage("backup");
  RunContext making = run.Part(0, 0.95);
  HALQA_ASSIGN_OR_RETURN(
      const BackupInfo info,
      store::CreateBackup(db, plan.directory, {plan.bytes_per_second_max}, making));
  reporter.Result("backup", absl::StrCat(info.id));
  reporter.Result("lsn", absl::StrCat(info.lsn));
  reporter.Result("accounts", absl::StrCat(info.accounts));
  reporter.Result("bytes", absl::StrCat(info.bytes));
  reporter.Result("added_bytes", absl::StrCat(info.added_bytes));
  if (plan.keep_newest == 0) return absl::OkStatus();
  reporter.Stage("remove old backups");
  HALQA_ASSIGN_OR_RETURN(const auto removed,
                         store::KeepNewestBackups(plan.directory, plan.keep_newest));
  reporter.Result("removed", absl::StrCat(removed.size()));
  return absl::OkStatus();
}

// Compacts one family; a cancel is seen while it runs.
absl::Status CompactFamily(store::Store& db, store::Family family, double done, double total,
                           RunContext& run) {
  std::atomic<bool> stop{false};
  auto work = std::async(std::launch::async, [&] { return db.Compact(family, &stop); });
  absl::Status stopped;
  do {
    if (stopped.ok()) stopped = run.Checkpoint(done, total);
    if (!stopped.ok()) stop = true;
  } while (work.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready);
  const absl::Status status = work.get();
  return stopped.ok() ? status : stopped;
}

absl::Status CompactAll(store::Store& db, RunContext& run, JobReporter& reporter) {
  constexpr auto kFamilies = static_cast<uint32_t>(store::Family::kFixedFamilies);
  reporter.Result("bytes_before", absl::StrCat(StoreBytes(db)));
  for (uint32_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<store::Family>(i);
    reporter.Stage(absl::StrCat("compact ", store::FamilyName(family)));
    HALQA_RETURN_IF_ERROR(CompactFamily(db, family, i, kFamilies, run));
  }
  reporter.Result("bytes_after", absl::StrCat(StoreBytes(db)));
  return absl::OkStatus();
}

// Erases the account of a keyed hash, as whoever asked for it did.
absl::Status EraseAgain(ingest::LiveGraph& live, const std::string& hash) {
  const store::Store& db = live.db();
  HALQA_ASSIGN_OR_RETURN(const auto id, db.Get(store::Family::kExternalToId, hash));
  if (!id) return absl::OkStatus();  // went with an account it was merged into
  HALQA_ASSIGN_OR_RETURN(const auto bytes, db.Get(store::Family::kAccount, *id));
  if (!bytes) {
    return MakeError(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_MISSING",
                     absl::StrCat("account ", DecodeFixed32BE(*id), " has an id but no row"));
  }
  HALQA_ASSIGN_OR_RETURN(const auto row, store::DecodeAccount(*bytes));
  HALQA_RETURN_IF_ERROR(live.Write(ingest::EraseRequest{row.record.external_id}).status());
  HALQA_ASSIGN_OR_RETURN(const auto left, db.Get(store::Family::kExternalToId, hash));
  if (!left) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "RESTORE_ERASE_FAILED",
                   absl::StrCat("account ", DecodeFixed32BE(*id), " could not be erased again"));
}

// Opens the restored graph, which builds its snapshot, and erases whom the backup still had; their
// edges leave the edge families with the fold.
absl::Status FinishRestore(const std::string& directory, const GraphOptions& options,
                           const std::vector<std::string>& erase) {
  HALQA_ASSIGN_OR_RETURN(const auto graph, Graph::Open(directory, options));
  for (const std::string& hash : erase) HALQA_RETURN_IF_ERROR(EraseAgain(graph->live(), hash));
  if (erase.empty()) return absl::OkStatus();
  RunContext run(options.threads);
  return graph->live().Fold(run);
}

}  // namespace

absl::StatusOr<JobRow> StartBackup(Graph& graph, const BackupPlan& plan) {
  const auto work = [db = &graph.live().db(), plan](RunContext& run, JobReporter& reporter) {
    return Backup(*db, plan, run, reporter);
  };
  return graph.jobs().Start(
      JobOf("backup", {{"keep_newest", absl::StrCat(plan.keep_newest)},
                       {"bytes_per_second_max", absl::StrCat(plan.bytes_per_second_max)}}),
      work);
}

absl::StatusOr<JobRow> StartVerify(Graph& graph, const std::string& directory, uint32_t id) {
  const auto work = [directory, id](RunContext&, JobReporter& reporter) -> absl::Status {
    reporter.Stage("read the backup");
    HALQA_ASSIGN_OR_RETURN(const BackupInfo info, store::VerifyBackup(directory, id));
    reporter.Result("bytes", absl::StrCat(info.bytes));
    reporter.Result("lsn", absl::StrCat(info.lsn));
    return absl::OkStatus();
  };
  return graph.jobs().Start(JobOf("verify_backup", {{"backup", absl::StrCat(id)}}), work);
}

absl::StatusOr<JobRow> StartCheck(Graph& graph, const CheckOptions& options) {
  const auto work = [live = &graph.live(), options](RunContext& run,
                                                    JobReporter& reporter) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(
        const CheckReport report,
        CheckLive(
            *live, options, [&](const std::string& part) { reporter.Stage(part); }, run));
    for (const auto& [key, value] : ResultOf(report)) reporter.Result(key, value);
    return absl::OkStatus();
  };
  return graph.jobs().Start(
      JobOf("check", {{"file_checksums", options.file_checksums ? "true" : "false"}}), work);
}

absl::StatusOr<JobRow> StartCompaction(Graph& graph) {
  const auto work = [db = &graph.live().db()](RunContext& run, JobReporter& reporter) {
    return CompactAll(*db, run, reporter);
  };
  return graph.jobs().Start(JobOf("compact", {}), work);
}

std::map<std::string, std::string> ResultOf(const CheckReport& report) {
  std::map<std::string, std::string> out;
  out["findings"] = absl::StrCat(report.total());
  out["lsn"] = absl::StrCat(report.lsn);
  out["accounts"] = absl::StrCat(report.accounts);
  for (const CheckPart& part : report.parts)
    out[absl::StrCat("checked ", part.name)] = absl::StrCat(part.checked);
  for (const auto& [kind, count] : report.counts)
    out[absl::StrCat("found ", kind)] = absl::StrCat(count);
  for (size_t i = 0; i < std::min(report.findings.size(), kListedMax); ++i) {
    const Finding& f = report.findings[i];
    out[absl::StrFormat("finding %02d", i + 1)] =
        absl::StrCat(f.kind, ": ", f.family, " ", f.key, ": ", f.what);
  }
  return out;
}

absl::StatusOr<uint64_t> ListErasures(const Graph& graph, const std::string& backup_directory) {
  return store::AddErasures(graph.live().db(), backup_directory);
}

absl::StatusOr<GraphStatus> StatusOf(Graph& graph) {
  const store::Store& db = graph.live().db();
  const auto epoch = graph.live().epoch();
  GraphStatus status;
  status.lsn = epoch->tail.lsn;
  status.snapshot_lsn = epoch->snapshot->identity().lsn;
  HALQA_ASSIGN_OR_RETURN(const auto marker, ingest::FoldMarker(db));
  status.folded_lsn = marker.lsn;
  status.accounts = epoch->accounts;
  status.format_version = db.format_version();
  status.timeline = db.timeline();
  status.halqa_version = store::HalqaVersion();
  std::error_code error;
  const auto space = std::filesystem::space(db.directory(), error);
  if (!error) status.free_bytes = space.available;
  status.stats = graph.Stats();
  return status;
}

absl::StatusOr<RestoreReport> RestoreGraph(const RestoreRequest& request,
                                           const GraphOptions& options, RunContext& run) {
  RestoreRequest complete = request;
  complete.finish = [&](const std::string& directory, const std::vector<std::string>& erase) {
    return FinishRestore(directory, options, erase);
  };
  return store::RestoreBackup(complete, run);
}

}  // namespace halqa::runtime
