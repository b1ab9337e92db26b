#include "tools/halqa/cmd_rank.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/graph.h"
#include "halqa/v1/job_service.grpc.pb.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/rank_run.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout(5);

absl::StatusOr<RankOutcome> RankServer(const RankFlags& o,
                                       const std::map<std::string, std::string>& parameters) {
  HALQA_ASSIGN_OR_RETURN(const auto channel, rpc::Connect(o.server, kConnectTimeout));
  auto stub = v1::JobService::NewStub(channel);
  v1::RunRankingRequest request;
  request.mutable_parameters()->insert(parameters.begin(), parameters.end());
  request.set_memory_bytes_max(o.memory_max);
  v1::RunRankingResponse started;
  {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    HALQA_RETURN_IF_ERROR(rpc::FromGrpc(stub->RunRanking(&context, request, &started)));
  }
  ProgressBar bar("ranking");
  v1::WaitJobResponse job;
  do {
    grpc::ClientContext context;
    v1::WaitJobRequest wait;
    wait.set_name(started.job().name());
    wait.mutable_timeout()->set_nanos(300000000);
    HALQA_RETURN_IF_ERROR(rpc::FromGrpc(stub->WaitJob(&context, wait, &job)));
    bar.Update(job.job().progress(), job.job().stage());
  } while (job.job().ended_at() == 0);
  if (job.job().state() != v1::JOB_STATE_SUCCEEDED) {
    return MakeError(absl::StatusCode::kInternal, job.job().error_reason(),
                     job.job().error_message());
  }
  bar.Done(absl::StrCat("generation ", job.job().generation()));
  RankOutcome outcome;
  outcome.generation = job.job().generation();
  outcome.estimated_bytes = job.job().estimated_bytes();
  outcome.figures.insert(job.job().result().begin(), job.job().result().end());
  return outcome;
}

absl::StatusOr<RankOutcome> Run(const RankFlags& o) {
  if (o.data.empty() == o.server.empty()) {
    return FieldError("TARGET_REQUIRED", "--data", "give either --data DIR or --server HOST:PORT");
  }
  HALQA_ASSIGN_OR_RETURN(const auto parameters, ParseParameters(o.parameters));
  const auto start = std::chrono::steady_clock::now();
  HALQA_ASSIGN_OR_RETURN(RankOutcome outcome, o.server.empty() ? RankDirectory(o, parameters)
                                                               : RankServer(o, parameters));
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

void Print(const RankOutcome& o, bool json) {
  if (json) {
    JsonWriter w;
    w.BeginObject().Key("generation").UInt(o.generation).Key("seconds").Number(o.seconds);
    w.Key("estimated_bytes").UInt(o.estimated_bytes).Key("peak_bytes").UInt(o.peak_bytes);
    w.Key("stages").BeginObject();
    for (const auto& [name, seconds] : o.stages) w.Key(name).Number(seconds);
    w.End().Key("figures").BeginObject();
    for (const auto& [name, value] : o.figures) w.Key(name).String(value);
    w.End().End();
    std::cout << w.text() << "\n";
    return;
  }
  Table table({{"figure"}, {"value", Table::Align::kRight}});
  for (const auto& [name, value] : o.figures) {
    uint64_t whole = 0;
    table.AddRow({name, absl::SimpleAtoi(value, &whole) ? WithThousands(whole) : value});
  }
  for (const auto& [name, seconds] : o.stages)
    table.AddRow({absl::StrCat("seconds: ", name), absl::StrFormat("%.2f", seconds)});
  std::cout << table.Render();
  std::cout << absl::StrFormat("Generation %d published in %.1f s", o.generation, o.seconds);
  if (o.peak_bytes > 0)
    std::cout << absl::StrFormat(", peak memory %d MiB (estimate %d)", o.peak_bytes >> 20,
                                 o.estimated_bytes >> 20);
  std::cout << "\n";
}

std::string Footer() {
  std::string out =
      "Example:\n  halqa rank --data ./graph --param half_life_days=14 --param "
      "like_weight=0\nParameters:\n";
  for (const auto& p : runtime::RankingParameters()) {
    absl::StrAppend(&out, "  ", p.name, " = ", p.default_value, "  ", p.range, "  ", p.doc, "\n");
  }
  return out;
}

}  // namespace

void RegisterRank(Command app) {
  auto o = std::make_shared<RankFlags>();
  Command cmd = app.Sub("rank", "Rank the whole graph and publish the result");
  cmd.Add("--data", o->data, "Data directory");
  cmd.Add("--server", o->server, "HOST:PORT of a running halqad");
  cmd.Add("--param", o->parameters, "NAME=VALUE, may be repeated");
  cmd.Add("--threads", o->threads, "0 = all cores").ShowDefault();
  cmd.Add("--memory-max", o->memory_max,
          "Refuse when the estimate is above this many bytes, 0 = no limit")
      .Bytes();
  cmd.Switch("--json", o->json, "Print the summary as JSON");
  cmd.Footer(Footer());
  cmd.Run([o] {
    auto outcome = Run(*o);
    if (!outcome.ok()) EndWith(ReportError(outcome.status()));
    Print(*outcome, o->json);
  });
}

}  // namespace halqa::cli
