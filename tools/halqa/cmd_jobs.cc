#include "tools/halqa/cmd_jobs.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/job_service.grpc.pb.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

using JobStub = v1::JobService::Stub;

struct JobsFlags {
  BackendOptions backend;
  std::string id, page_token;
  int limit = 20;
  double timeout = 3600;
  bool json = false;
};

std::string StateOf(const v1::Job& job) {
  return std::string(absl::StripPrefix(v1::JobState_Name(job.state()), "JOB_STATE_"));
}

std::string IdOf(const v1::Job& job) { return job.name().substr(job.name().rfind('/') + 1); }

std::string TimeText(int64_t seconds) {
  if (seconds == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

std::string ListText(const v1::ListJobsResponse& response) {
  if (response.jobs().empty()) return "There are no jobs.\n";
  using Align = Table::Align;
  Table table({{"job", Align::kRight},
               {"kind"},
               {"state"},
               {"done", Align::kRight},
               {"stage", Align::kLeft, 24},
               {"created (UTC)"},
               {"seconds", Align::kRight},
               {"generation", Align::kRight}});
  for (const v1::Job& job : response.jobs()) {
    table.AddRow(
        {IdOf(job), job.kind(), StateOf(job), absl::StrFormat("%.0f%%", 100 * job.progress()),
         job.error_reason().empty() ? job.stage() : job.error_reason(), TimeText(job.created_at()),
         job.ended_at() == 0 || job.started_at() == 0
             ? "-"
             : absl::StrCat(job.ended_at() - job.started_at()),
         job.generation() == 0 ? "-" : absl::StrCat(job.generation())});
  }
  std::string out = table.Render();
  if (!response.next_page_token().empty()) {
    absl::StrAppend(&out, "next page: --page-token ", response.next_page_token(), "\n");
  }
  return out;
}

std::string JobText(const v1::Job& job) {
  Facts facts;
  facts.Add("job", IdOf(job));
  facts.Add("kind", job.kind());
  facts.Add("state", StateOf(job));
  facts.Add("done", absl::StrFormat("%.0f%%", 100 * job.progress()));
  facts.Add("stage", job.stage());
  facts.Add("created (UTC)", TimeText(job.created_at()));
  facts.Add("started", TimeText(job.started_at()));
  facts.Add("ended", TimeText(job.ended_at()));
  facts.Add("memory estimated", absl::StrCat(WithThousands(job.estimated_bytes()), " B"));
  if (job.generation() != 0) facts.Add("generation", absl::StrCat(job.generation()));
  if (!job.error_reason().empty()) {
    facts.Add("error", absl::StrCat(job.error_message(), " [", job.error_reason(), "]"));
  }
  for (const auto& [key, value] : Sorted(job.parameters())) {
    facts.Add(absl::StrCat("parameter ", key), value);
  }
  for (const auto& [key, value] : Sorted(job.result())) facts.Add(key, value);
  return facts.Text();
}

// Responses that hold one job.
template <typename Response>
void PrintJob(const JobsFlags& flags, const Response& response) {
  const std::string text = flags.json ? rpc::ToJson(response) + "\n" : JobText(response.job());
  std::fputs(text.c_str(), stdout);
}

absl::Status List(const JobsFlags& flags, const Backend& backend) {
  const auto stub = v1::JobService::NewStub(backend.channel());
  v1::ListJobsRequest request;
  request.set_page_size(flags.limit);
  request.set_page_token(flags.page_token);
  HALQA_ASSIGN_OR_RETURN(const auto response, rpc::CallUnary(*stub, &JobStub::ListJobs, request));
  std::fputs((flags.json ? rpc::ToJson(response) + "\n" : ListText(response)).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Show(const JobsFlags& flags, const Backend& backend) {
  const auto stub = v1::JobService::NewStub(backend.channel());
  v1::GetJobRequest request;
  request.set_name(flags.id);
  HALQA_ASSIGN_OR_RETURN(const auto response, rpc::CallUnary(*stub, &JobStub::GetJob, request));
  PrintJob(flags, response);
  return absl::OkStatus();
}

absl::Status Cancel(const JobsFlags& flags, const Backend& backend) {
  const auto stub = v1::JobService::NewStub(backend.channel());
  v1::CancelJobRequest request;
  request.set_name(flags.id);
  HALQA_ASSIGN_OR_RETURN(const auto response, rpc::CallUnary(*stub, &JobStub::CancelJob, request));
  PrintJob(flags, response);
  return absl::OkStatus();
}

// One short wait after the other, so that progress can be shown.
absl::Status Wait(const JobsFlags& flags, const Backend& backend) {
  const auto stub = v1::JobService::NewStub(backend.channel());
  v1::WaitJobRequest request;
  request.set_name(flags.id);
  const absl::Time deadline = absl::Now() + absl::Seconds(flags.timeout);
  ProgressBar bar("job " + flags.id);
  while (true) {
    const double left = absl::ToDoubleSeconds(deadline - absl::Now());
    request.mutable_timeout()->set_nanos(static_cast<int32_t>(std::clamp(left, 0.0, 0.5) * 1e9));
    HALQA_ASSIGN_OR_RETURN(const auto response, rpc::CallUnary(*stub, &JobStub::WaitJob, request));
    const v1::Job& job = response.job();
    bar.Update(job.progress(), job.stage());
    if (job.ended_at() == 0 && left > 0) continue;
    bar.Done(StateOf(job));
    PrintJob(flags, response);
    if (job.state() == v1::JOB_STATE_SUCCEEDED) return absl::OkStatus();
    if (job.ended_at() == 0) {
      return MakeError(absl::StatusCode::kDeadlineExceeded, "JOB_NOT_ENDED",
                       absl::StrCat("job ", flags.id, " still runs"));
    }
    return MakeError(absl::StatusCode::kAborted, "JOB_NOT_SUCCEEDED",
                     absl::StrCat("job ", flags.id, " ended as ", StateOf(job)));
  }
}

using Work = absl::Status (*)(const JobsFlags&, const Backend&);

Command AddOne(Command jobs, const char* name, const char* help,
               const std::shared_ptr<JobsFlags>& flags, Work work) {
  Command command = jobs.Sub(name, help);
  AddBackendFlags(command, &flags->backend);
  command.Add("id", flags->id, "Id of the job").Required();
  command.Switch("--json", flags->json, "Print the response as JSON");
  command.Run([flags, work] {
    RunOn(flags->backend, [&](const Backend& backend) { return work(*flags, backend); });
  });
  return command;
}

}  // namespace

void RegisterJobs(Command app) {
  auto flags = std::make_shared<JobsFlags>();
  Command jobs = app.Sub("jobs", "List jobs, wait for one, cancel one");
  jobs.NeedsSub();
  Command list = jobs.Sub("list", "Jobs, newest first");
  AddBackendFlags(list, &flags->backend);
  list.Add("--limit", flags->limit, "Jobs per page").ShowDefault();
  list.Add("--page-token", flags->page_token, "Where the last page said it goes on");
  list.Switch("--json", flags->json, "Print the response as JSON");
  list.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return List(*flags, backend); });
  });
  AddOne(jobs, "show", "One job", flags, Show);
  AddOne(jobs, "cancel", "Ask a job to stop", flags, Cancel);
  AddOne(jobs, "wait", "Wait until a job has ended", flags, Wait)
      .Add("--timeout", flags->timeout, "Seconds to wait at most")
      .ShowDefault();
  jobs.Footer(
      "Examples:\n"
      "  halqa jobs list --server 127.0.0.1:7411\n"
      "  halqa jobs wait 3 --server 127.0.0.1:7411 --timeout 600\n"
      "  halqa jobs cancel 3 --server 127.0.0.1:7411");
}

}  // namespace halqa::cli
