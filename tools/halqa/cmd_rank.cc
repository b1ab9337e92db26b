#include "tools/halqa/cmd_rank.h"

#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

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
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr std::chrono::seconds kConnectTimeout(5);

struct Options {
  std::string data, server;
  std::vector<std::string> parameters;
  int threads = 0;
  uint64_t memory_max = 0;
  bool json = false;
};

struct Outcome {
  uint32_t generation = 0;
  std::map<std::string, std::string> figures;
  std::vector<std::pair<std::string, double>> stages;  // seconds
  double seconds = 0;
  uint64_t peak_bytes = 0, estimated_bytes = 0;
};

absl::StatusOr<std::map<std::string, std::string>> ParseParameters(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return FieldError("INVALID_PARAMETER", "--param",
                        absl::StrCat("\"", text, "\" is not NAME=VALUE"));
    }
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

// Seconds spent in each stage, from the names as they come.
class StageClock {
 public:
  explicit StageClock(Outcome* outcome) : outcome_(outcome) {}
  void Enter(const std::string& name) {
    const auto now = std::chrono::steady_clock::now();
    if (!name_.empty())
      outcome_->stages.emplace_back(name_, std::chrono::duration<double>(now - since_).count());
    name_ = name;
    since_ = now;
  }
  const std::string& name() const { return name_; }

 private:
  Outcome* outcome_;
  std::string name_;
  std::chrono::steady_clock::time_point since_;
};

absl::StatusOr<Outcome> RankDirectory(const Options& o,
                                      const std::map<std::string, std::string>& parameters) {
  runtime::GraphOptions options;
  options.threads = o.threads;
  options.refresh_in_background = false;
  options.log = [](const std::string& line) { std::cerr << line << "\n"; };
  HALQA_ASSIGN_OR_RETURN(auto graph, runtime::Graph::Open(o.data, options));
  HALQA_ASSIGN_OR_RETURN(const auto plan, graph->PlanRanking(parameters, o.memory_max));
  HALQA_ASSIGN_OR_RETURN(const auto ranking, runtime::ParseRankingOptions(parameters));
  Outcome outcome;
  outcome.estimated_bytes = plan.estimated_bytes;
  StageClock clock(&outcome);
  ProgressBar bar("ranking");
  RunContext run(o.threads);
  run.set_memory_bytes_max(o.memory_max);
  run.set_progress([&](double f) { bar.Update(f, clock.name()); });
  HALQA_ASSIGN_OR_RETURN(const auto info,
                         graph->Rank(
                             ranking, [&](const std::string& stage) { clock.Enter(stage); }, run));
  clock.Enter("");
  bar.Done(absl::StrCat("generation ", info.generation));
  outcome.generation = info.generation;
  for (const auto& [name, value] : info.figures) outcome.figures[name] = runtime::FigureText(value);
  outcome.figures["accounts"] = absl::StrCat(info.accounts);
  outcome.figures["follows"] = absl::StrCat(info.follows);
  outcome.figures["arcs"] = absl::StrCat(info.arcs);
  outcome.figures["topics"] = absl::StrCat(info.topics.size());
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  outcome.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return outcome;
}

absl::StatusOr<Outcome> RankServer(const Options& o,
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
  Outcome outcome;
  outcome.generation = job.job().generation();
  outcome.estimated_bytes = job.job().estimated_bytes();
  outcome.figures.insert(job.job().result().begin(), job.job().result().end());
  return outcome;
}

absl::StatusOr<Outcome> Run(const Options& o) {
  if (o.data.empty() == o.server.empty()) {
    return FieldError("TARGET_REQUIRED", "--data", "give either --data DIR or --server HOST:PORT");
  }
  HALQA_ASSIGN_OR_RETURN(const auto parameters, ParseParameters(o.parameters));
  const auto start = std::chrono::steady_clock::now();
  HALQA_ASSIGN_OR_RETURN(
      Outcome outcome, o.server.empty() ? RankDirectory(o, parameters) : RankServer(o, parameters));
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

void Print(const Outcome& o, bool json) {
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
  auto o = std::make_shared<Options>();
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
