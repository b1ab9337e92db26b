#include "tools/halqa/cmd_fsck.h"

#include <cstdio>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/fsck.h"
#include "halqa/v1/admin_service.grpc.pb.h"
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

// Exit codes of `halqa fsck`: 0 clean, 1 something was found, 2 it could not run.
constexpr int kExitFound = 1;
constexpr int kExitCannotRun = 2;

struct FsckFlags {
  BackendOptions backend;
  runtime::CheckOptions options;
  uint64_t list = 20;
  bool skip_checksums = false, repair = false, json = false;
};

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }

std::string ReportText(const runtime::CheckReport& report) {
  using Align = Table::Align;
  std::string out;
  Table parts({{"part"}, {"checked", Align::kRight}, {"findings", Align::kRight}});
  for (const auto& part : report.parts)
    parts.AddRow({part.name, WithThousands(part.checked), WithThousands(part.findings)});
  absl::StrAppend(&out, parts.Render());
  if (!report.findings.empty()) {
    Table table({{"finding"}, {"where"}, {"key", Align::kLeft, 48}, {"what", Align::kLeft, 100}});
    for (const auto& f : report.findings) table.AddRow({f.kind, f.family, f.key, f.what});
    absl::StrAppend(&out, "\n", table.Render());
  }
  for (const auto& [kind, count] : report.counts) {
    uint64_t listed = 0;
    for (const auto& f : report.findings) listed += f.kind == kind ? 1 : 0;
    if (listed < count)
      absl::StrAppend(&out, WithThousands(count - listed), " more of ", kind, "\n");
  }
  for (const std::string& repair : report.repairs) absl::StrAppend(&out, "repair: ", repair, "\n");
  if (report.total() == 0) {
    absl::StrAppend(&out, "clean at record ", WithThousands(report.lsn), "\n");
  } else {
    absl::StrAppend(&out, WithThousands(report.total()), " findings at record ",
                    WithThousands(report.lsn), "\n");
  }
  return out;
}

std::string ReportJson(const runtime::CheckReport& report) {
  JsonWriter w;
  w.BeginObject().Key("clean").Bool(report.total() == 0).Key("findings_total").UInt(report.total());
  w.Key("lsn").UInt(report.lsn).Key("accounts").UInt(report.accounts);
  w.Key("format_version").UInt(report.format_version);
  w.Key("timeline").String(absl::StrCat(absl::Hex(report.timeline, absl::kZeroPad16)));
  w.Key("parts").BeginArray();
  for (const auto& part : report.parts) {
    w.BeginObject().Key("name").String(part.name).Key("checked").UInt(part.checked);
    w.Key("findings").UInt(part.findings).Key("seconds").Number(part.seconds).End();
  }
  w.End().Key("counts").BeginObject();
  for (const auto& [kind, count] : report.counts) w.Key(kind).UInt(count);
  w.End().Key("findings").BeginArray();
  for (const auto& f : report.findings) {
    w.BeginObject().Key("kind").String(f.kind).Key("part").String(f.part);
    w.Key("family").String(f.family).Key("key").String(f.key).Key("what").String(f.what).End();
  }
  w.End().Key("repairs").BeginArray();
  for (const std::string& repair : report.repairs) w.String(repair);
  return w.End().End().text();
}

absl::StatusOr<runtime::CheckReport> CheckDirectory(const FsckFlags& flags) {
  ProgressBar bar("check");
  std::string part;
  RunContext run(flags.backend.threads);
  run.set_progress([&](double fraction) { bar.Update(fraction, part); });
  const auto named = [&](const std::string& name) { part = name; };
  runtime::CheckOptions options;
  options.file_checksums = !flags.skip_checksums;
  options.listed_per_kind_max = flags.list;
  auto report = flags.repair ? runtime::RepairDerived(flags.backend.data, options, named, run)
                             : runtime::CheckDirectory(flags.backend.data, options, named, run);
  if (report.ok()) bar.Done();
  return report;
}

// The job's result in the form that a directory's check has.
runtime::CheckReport ReportOf(const v1::Job& job) {
  runtime::CheckReport report;
  for (const auto& [key, value] : Sorted(job.result())) {
    absl::string_view rest = key;
    uint64_t number = 0;
    const bool numeric = absl::SimpleAtoi(value, &number);
    if (key == "lsn") report.lsn = number;
    if (key == "accounts") report.accounts = static_cast<uint32_t>(number);
    if (absl::ConsumePrefix(&rest, "checked ") && numeric)
      report.parts.push_back({std::string(rest), number, 0, 0});
    if (absl::ConsumePrefix(&rest, "found ") && numeric) report.counts[std::string(rest)] = number;
    if (absl::ConsumePrefix(&rest, "finding ")) {
      const size_t colon = value.find(": ");
      report.findings.push_back({"", value.substr(0, colon), "", "",
                                 colon == std::string::npos ? "" : value.substr(colon + 2)});
    }
  }
  return report;
}

absl::StatusOr<runtime::CheckReport> CheckServer(const FsckFlags& flags) {
  if (flags.repair)
    return FieldError("REPAIR_NEEDS_DATA", "--repair-derived",
                      "needs --data: stop the server first");
  HALQA_ASSIGN_OR_RETURN(const auto backend, Backend::Open(flags.backend));
  const auto stub = v1::AdminService::NewStub(backend->channel());
  v1::CheckGraphRequest request;
  request.set_skip_file_checksums(flags.skip_checksums);
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &AdminStub::CheckGraph, request));
  HALQA_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(backend->channel(), started.job(), "check"));
  return ReportOf(job);
}

void RunFsck(const FsckFlags& flags) {
  const auto report = flags.backend.server.empty() ? CheckDirectory(flags) : CheckServer(flags);
  if (!report.ok()) {
    ReportError(report.status());
    EndWith(absl::IsCancelled(report.status()) ? kExitCancelled : kExitCannotRun);
  }
  Print(flags.json ? ReportJson(*report) + "\n" : ReportText(*report));
  if (report->total() > 0) EndWith(kExitFound);
}

absl::Status Compact(const FsckFlags& flags, const Backend& backend) {
  const auto stub = v1::AdminService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(const auto started,
                         rpc::CallUnary(*stub, &AdminStub::Compact, v1::CompactRequest()));
  HALQA_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(backend.channel(), started.job(), "compact"));
  if (flags.json) {
    v1::CompactResponse response;
    *response.mutable_job() = job;
    Print(rpc::ToJson(response) + "\n");
    return absl::OkStatus();
  }
  Facts facts;
  const auto result = Sorted(job.result());
  for (const char* key : {"bytes_before", "bytes_after"}) {
    uint64_t bytes = 0;
    const auto it = result.find(key);
    if (it != result.end() && absl::SimpleAtoi(it->second, &bytes))
      facts.Add(absl::StripPrefix(key, "bytes_"), BytesText(bytes));
  }
  Print(facts.Text());
  return absl::OkStatus();
}

std::string StatusText(const v1::GetGraphStatusResponse& r) {
  Facts facts;
  facts.Add("newest record", WithThousands(r.lsn()));
  facts.Add("folded up to", WithThousands(r.folded_lsn()));
  facts.Add("in the snapshot up to", WithThousands(r.snapshot_lsn()));
  facts.Add("accounts", WithThousands(r.accounts()));
  facts.Add("follows in the snapshot", WithThousands(r.snapshot_follows()));
  facts.Add("changes after it", WithThousands(r.delta_edges()));
  facts.Add("timeline", r.timeline());
  facts.Add("format", absl::StrCat(r.format_version()));
  facts.Add("Halqa", r.halqa_version());
  uint64_t store = 0;
  for (const auto& [family, bytes] : r.family_bytes()) store += bytes;
  facts.Add("sorted files", BytesText(store));
  facts.Add("snapshot file", BytesText(r.snapshot_bytes()));
  facts.Add("free on the disk", BytesText(r.free_bytes()));
  facts.Add("generations", absl::StrCat(r.generations_size()));
  if (r.has_newest_backup()) {
    const v1::Backup& b = r.newest_backup();
    facts.Add("newest backup", absl::StrCat(b.name().substr(b.name().rfind('/') + 1), ", record ",
                                            WithThousands(b.lsn()), ", ",
                                            absl::FormatTime("%Y-%m-%d %H:%M:%S UTC",
                                                             absl::FromUnixSeconds(b.created_at()),
                                                             absl::UTCTimeZone())));
  } else {
    facts.Add("newest backup", r.backups_configured() ? "none" : "no directory for backups");
  }
  return facts.Text();
}

absl::Status Status(const FsckFlags& flags, const Backend& backend) {
  const auto stub = v1::AdminService::NewStub(backend.channel());
  HALQA_ASSIGN_OR_RETURN(const auto response, rpc::CallUnary(*stub, &AdminStub::GetGraphStatus,
                                                             v1::GetGraphStatusRequest()));
  Print(flags.json ? rpc::ToJson(response) + "\n" : StatusText(response));
  return absl::OkStatus();
}

void AddOne(Command app, const char* name, const char* help, const char* example,
            absl::Status (*work)(const FsckFlags&, const Backend&)) {
  auto flags = std::make_shared<FsckFlags>();
  Command command = app.Sub(name, help);
  AddBackendFlags(command, &flags->backend);
  command.Switch("--json", flags->json, "Print the response as JSON");
  command.Footer(example);
  command.Run([flags, work] {
    RunOn(flags->backend, [&](const Backend& backend) { return work(*flags, backend); });
  });
}

}  // namespace

void RegisterFsck(Command app) {
  auto flags = std::make_shared<FsckFlags>();
  Command fsck = app.Sub("fsck", "Check a whole graph: derive everything again, name what differs");
  AddBackendFlags(fsck, &flags->backend);
  fsck.Switch("--repair-derived", flags->repair,
              "With --data: build again what is derived and wrong (index, snapshot, generations)");
  fsck.Switch("--skip-file-checksums", flags->skip_checksums,
              "Do not read every block of every file first");
  fsck.Add("--list", flags->list, "Findings listed per kind; all are counted").ShowDefault();
  fsck.Add("--threads", flags->backend.threads, "0 = all cores").ShowDefault();
  fsck.Switch("--json", flags->json, "Print the report as JSON");
  fsck.Footer(
      "Exit codes: 0 clean, 1 something was found, 2 the check could not run.\n"
      "Examples:\n"
      "  halqa fsck --data ./graph\n"
      "  halqa fsck --data ./graph --repair-derived\n"
      "  halqa fsck --server 127.0.0.1:7411 --skip-file-checksums --json");
  fsck.Run([flags] { RunFsck(*flags); });
  AddOne(app, "compact", "Merge the sorted files of a graph",
         "Examples:\n  halqa compact --data ./graph\n  halqa compact --server 127.0.0.1:7411",
         Compact);
  AddOne(app, "status", "Show where a graph stands: log, snapshot, formats, space, newest backup",
         "Example:\n  halqa status --server 127.0.0.1:7411", Status);
}

}  // namespace halqa::cli
