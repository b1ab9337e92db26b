#include "tools/halqa/cmd_backup.h"

#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/admin.h"
#include "halqa/v1/admin_service.grpc.pb.h"
#include "services/common/admin_convert.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/halqa/run_job.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

using AdminStub = v1::AdminService::Stub;

struct BackupFlags {
  BackendOptions backend;
  std::string from;  // directory of backups
  std::string id;
  uint32_t keep = 0;
  uint64_t rate = 0;
  bool json = false;
};

struct RestoreFlags {
  runtime::RestoreRequest request;
  bool json = false;
};

std::string TimeText(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

std::string IdOf(const v1::Backup& backup) {
  return backup.name().substr(backup.name().rfind('/') + 1);
}

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }

absl::StatusOr<uint32_t> ParseId(const std::string& text) {
  uint32_t id = 0;
  if (absl::SimpleAtoi(text, &id) && id > 0) return id;
  return FieldError("INVALID_NAME", "id", absl::StrCat("\"", text, "\" is no number of a backup"));
}

std::string ListText(const v1::ListBackupsResponse& response) {
  if (response.backups().empty()) return "There are no backups.\n";
  using Align = Table::Align;
  Table table({{"backup", Align::kRight},
               {"made (UTC)"},
               {"record", Align::kRight},
               {"accounts", Align::kRight},
               {"generation", Align::kRight},
               {"size", Align::kRight},
               {"of that new", Align::kRight},
               {"timeline"},
               {"state"}});
  for (const v1::Backup& b : response.backups()) {
    if (!b.problem().empty()) {
      table.AddRow({IdOf(b), "-", "-", "-", "-", "-", "-", "-", b.problem()});
      continue;
    }
    table.AddRow({IdOf(b), TimeText(b.created_at()), WithThousands(b.lsn()),
                  WithThousands(b.accounts()),
                  b.generation() == 0 ? "-" : absl::StrCat(b.generation()), BytesText(b.bytes()),
                  BytesText(b.added_bytes()), b.timeline(), "ok"});
  }
  return table.Render();
}

absl::Status Create(const BackupFlags& flags, const Backend& backend) {
  const auto stub = v1::AdminService::NewStub(backend.channel());
  v1::CreateBackupRequest request;
  request.set_keep_newest(flags.keep);
  request.set_bytes_per_second_max(flags.rate);
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &AdminStub::CreateBackup, request));
  HALQA_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(backend.channel(), started.job(), "backup"));
  if (flags.json) {
    v1::CreateBackupResponse response;
    *response.mutable_job() = job;
    Print(rpc::ToJson(response) + "\n");
    return absl::OkStatus();
  }
  const auto result = Sorted(job.result());
  const auto number = [&](const char* key) {
    uint64_t value = 0;
    const auto it = result.find(key);
    return it != result.end() && absl::SimpleAtoi(it->second, &value) ? value : 0;
  };
  Facts facts;
  facts.Add("backup", absl::StrCat(number("backup")));
  facts.Add("record", WithThousands(number("lsn")));
  facts.Add("accounts", WithThousands(number("accounts")));
  facts.Add("size", BytesText(number("bytes")));
  facts.Add("of that new", BytesText(number("added_bytes")));
  if (flags.keep > 0) facts.Add("older ones removed", absl::StrCat(number("removed")));
  Print(facts.Text());
  return absl::OkStatus();
}

void RunCreate(BackupFlags& flags) {
  const bool local = !flags.backend.data.empty();
  if (local != !flags.from.empty()) {
    EndWith(ReportError(FieldError("BACKUP_TARGET", "--to",
                                   "goes with --data; a server has its own directory (halqad "
                                   "--backup-dir)")));
  }
  flags.backend.backup_directory = flags.from;
  RunOn(flags.backend, [&](const Backend& backend) { return Create(flags, backend); });
}

absl::StatusOr<v1::ListBackupsResponse> ListOfDirectory(const std::string& directory) {
  HALQA_ASSIGN_OR_RETURN(const auto backups, runtime::ListBackups(directory));
  v1::ListBackupsResponse response;
  for (const auto& backup : backups) services::ToProto(backup, response.add_backups());
  return response;
}

absl::StatusOr<v1::ListBackupsResponse> ListOfServer(const std::string& server) {
  BackendOptions options;
  options.server = server;
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open(options));
  const auto stub = v1::AdminService::NewStub(backend->channel());
  v1::ListBackupsRequest request;
  request.set_page_size(1000);
  v1::ListBackupsResponse all;
  do {
    HALQA_ASSIGN_OR_RETURN(auto page, rpc::CallUnary(*stub, &AdminStub::ListBackups, request));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

absl::Status List(const BackupFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const auto response, flags.from.empty()
                                                  ? ListOfServer(flags.backend.server)
                                                  : ListOfDirectory(flags.from));
  Print(flags.json ? rpc::ToJson(response) + "\n" : ListText(response));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> VerifyOnServer(const BackupFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open(flags.backend));
  const auto stub = v1::AdminService::NewStub(backend->channel());
  v1::VerifyBackupRequest request;
  request.set_name(flags.id);
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &AdminStub::VerifyBackup, request));
  HALQA_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(backend->channel(), started.job(), "verify"));
  uint64_t bytes = 0;
  const auto result = Sorted(job.result());
  if (auto it = result.find("bytes"); it != result.end())
    (void)absl::SimpleAtoi(it->second, &bytes);
  return bytes;
}

absl::StatusOr<uint64_t> VerifyInDirectory(const BackupFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const uint32_t id, ParseId(flags.id));
  HALQA_ASSIGN_OR_RETURN(const auto info, runtime::VerifyBackup(flags.from, id));
  return info.bytes;
}

absl::Status Verify(const BackupFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const uint64_t bytes,
                         flags.from.empty() ? VerifyOnServer(flags) : VerifyInDirectory(flags));
  if (flags.json) {
    JsonWriter w;
    w.BeginObject().Key("backup").String(flags.id).Key("whole").Bool(true);
    w.Key("bytes").UInt(bytes).End();
    Print(w.text() + "\n");
  } else {
    Print(absl::StrCat("backup ", flags.id, " is whole\n"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> RemoveOnServer(const BackupFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open(flags.backend));
  const auto stub = v1::AdminService::NewStub(backend->channel());
  if (flags.keep > 0) {
    v1::PruneBackupsRequest request;
    request.set_keep_newest(flags.keep);
    HALQA_ASSIGN_OR_RETURN(const auto response,
                           rpc::CallUnary(*stub, &AdminStub::PruneBackups, request));
    std::vector<std::string> removed;
    for (const std::string& name : response.removed())
      removed.push_back(name.substr(name.rfind('/') + 1));
    return removed;
  }
  v1::DeleteBackupRequest request;
  request.set_name(flags.id);
  HALQA_RETURN_IF_ERROR(rpc::CallUnary(*stub, &AdminStub::DeleteBackup, request).status());
  return std::vector<std::string>{flags.id};
}

absl::StatusOr<std::vector<std::string>> RemoveInDirectory(const BackupFlags& flags) {
  std::vector<std::string> removed;
  if (flags.keep > 0) {
    HALQA_ASSIGN_OR_RETURN(const auto ids, runtime::KeepNewestBackups(flags.from, flags.keep));
    for (uint32_t id : ids) removed.push_back(absl::StrCat(id));
    return removed;
  }
  HALQA_ASSIGN_OR_RETURN(const uint32_t id, ParseId(flags.id));
  HALQA_RETURN_IF_ERROR(runtime::DeleteBackup(flags.from, id));
  return std::vector<std::string>{flags.id};
}

absl::Status Delete(const BackupFlags& flags) {
  if (flags.id.empty() == (flags.keep == 0)) {
    return FieldError("MISSING_FIELD", "id", "give either the number of a backup or --keep N");
  }
  HALQA_ASSIGN_OR_RETURN(const auto removed,
                         flags.from.empty() ? RemoveOnServer(flags) : RemoveInDirectory(flags));
  if (flags.json) {
    JsonWriter w;
    w.BeginObject().Key("removed").BeginArray();
    for (const std::string& id : removed) w.String(id);
    Print(w.End().End().text() + "\n");
  } else {
    Print(removed.empty() ? "nothing to remove\n"
                          : absl::StrCat("removed ", absl::StrJoin(removed, ", "), "\n"));
  }
  return absl::OkStatus();
}

absl::StatusOr<runtime::RestoreReport> RunRestore(const RestoreFlags& flags) {
  runtime::GraphOptions options;
  options.refresh_in_background = false;
  options.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  ProgressBar bar("restore");
  RunContext run;
  run.set_progress([&](double fraction) { bar.Update(fraction); });
  HALQA_ASSIGN_OR_RETURN(const auto report, runtime::RestoreGraph(flags.request, options, run));
  bar.Done();
  return report;
}

absl::Status Restore(const RestoreFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const auto report, RunRestore(flags));
  const std::string timeline = absl::StrCat(absl::Hex(report.timeline, absl::kZeroPad16));
  if (flags.json) {
    JsonWriter w;
    w.BeginObject().Key("backup").UInt(report.backup.id).Key("lsn").UInt(report.backup.lsn);
    w.Key("accounts").UInt(report.backup.accounts).Key("timeline").String(timeline);
    w.Key("erasures").UInt(report.erasures).Key("erased_again").UInt(report.erased).End();
    Print(w.text() + "\n");
    return absl::OkStatus();
  }
  Facts facts;
  facts.Add("restored", flags.request.target);
  facts.Add("from backup", absl::StrCat(report.backup.id));
  facts.Add("made (UTC)", TimeText(report.backup.created_at));
  facts.Add("record", WithThousands(report.backup.lsn));
  facts.Add("accounts", WithThousands(report.backup.accounts));
  facts.Add("new timeline", timeline);
  facts.Add("people erased again", WithThousands(report.erased));
  Print(facts.Text());
  return absl::OkStatus();
}

void AddPlaceFlags(Command command, BackupFlags* flags) {
  Command where = command.Group("Backups", "where the backups are, one of");
  where.Add("--from", flags->from, "Directory of backups").TypeName("DIR");
  where.Add("--server", flags->backend.server, "Address of a running halqad")
      .TypeName("HOST:PORT")
      .Environment("HALQA_SERVER");
  where.ExactlyOne();
  command.Switch("--json", flags->json, "Print the answer as JSON");
}

void RunPlain(const absl::Status& status) {
  if (!status.ok()) EndWith(ReportError(status));
}

void AddRestore(Command app) {
  auto flags = std::make_shared<RestoreFlags>();
  Command restore = app.Sub("restore", "Make a new data directory from a backup");
  restore.Add("--from", flags->request.backups, "Directory of backups").TypeName("DIR").Required();
  restore.Add("--id", flags->request.id, "Number of the backup; `halqa backup list` shows them")
      .Required();
  restore.Add("--data", flags->request.target, "Directory to make; must not exist")
      .TypeName("DIR")
      .Required();
  restore
      .Add("--erased-from", flags->request.erased_from,
           "A directory of the same graph whose erased people stay erased; may be repeated")
      .Repeated()
      .TypeName("DIR");
  restore.Switch("--json", flags->json, "Print the summary as JSON");
  restore.Footer(
      "Examples:\n"
      "  halqa restore --from /backups --id 12 --data ./restored\n"
      "  halqa restore --from /backups --id 12 --data ./restored --erased-from ./damaged\n"
      "People erased after the backup was made stay erased: their list is kept beside the "
      "backups,\n"
      "and --erased-from adds those erased since the last backup.");
  restore.Run([flags] { RunPlain(Restore(*flags)); });
}

}  // namespace

void RegisterBackup(Command app) {
  auto flags = std::make_shared<BackupFlags>();
  Command backup = app.Sub("backup", "Make, list, verify and remove backups");
  backup.NeedsSub();
  Command create = backup.Sub("create", "Make a backup, while the graph is written if need be");
  AddBackendFlags(create, &flags->backend);
  create.Add("--to", flags->from, "With --data: directory of backups").TypeName("DIR");
  create.Add("--keep", flags->keep, "Then remove all but the N newest; 0 = none").ShowDefault();
  create.Add("--rate", flags->rate, "Bytes per second at most, 0 = no limit").Bytes();
  create.Switch("--json", flags->json, "Print the job as JSON");
  create.Run([flags] { RunCreate(*flags); });
  Command list = backup.Sub("list", "Backups, oldest first");
  AddPlaceFlags(list, flags.get());
  list.Run([flags] { RunPlain(List(*flags)); });
  Command verify = backup.Sub("verify", "Read a whole backup and compare every checksum");
  verify.Add("id", flags->id, "Number of the backup").Required();
  AddPlaceFlags(verify, flags.get());
  verify.Run([flags] { RunPlain(Verify(*flags)); });
  Command remove = backup.Sub("delete", "Remove one backup, or all but the newest");
  remove.Add("id", flags->id, "Number of the backup");
  remove.Add("--keep", flags->keep, "Instead: remove all but the N newest");
  AddPlaceFlags(remove, flags.get());
  remove.Run([flags] { RunPlain(Delete(*flags)); });
  backup.Footer(
      "Examples:\n"
      "  halqa backup create --data ./graph --to /backups --keep 30\n"
      "  halqa backup create --server 127.0.0.1:7411 --rate 50MB\n"
      "  halqa backup list --from /backups\n"
      "  halqa backup verify 12 --from /backups\n"
      "  halqa backup delete --keep 7 --server 127.0.0.1:7411");
  AddRestore(app);
}

}  // namespace halqa::cli
