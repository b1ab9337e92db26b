#include "tools/halqa/rank_run.h"

#include <sys/resource.h>

#include <chrono>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/graph.h"
#include "tools/common/progress_bar.h"

namespace halqa::cli {
namespace {

// Seconds spent in each stage, from the names as they come.
class StageClock {
 public:
  explicit StageClock(RankOutcome* outcome) : outcome_(outcome) {}
  void Enter(const std::string& name) {
    const auto now = std::chrono::steady_clock::now();
    if (!name_.empty())
      outcome_->stages.emplace_back(name_, std::chrono::duration<double>(now - since_).count());
    name_ = name;
    since_ = now;
  }
  const std::string& name() const { return name_; }

 private:
  RankOutcome* outcome_;
  std::string name_;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace

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

absl::StatusOr<RankOutcome> RankDirectory(const RankFlags& o,
                                          const std::map<std::string, std::string>& parameters) {
  runtime::GraphOptions options;
  options.threads = o.threads;
  options.refresh_in_background = false;
  options.log = [](const std::string& line) { std::cerr << line << "\n"; };
  HALQA_ASSIGN_OR_RETURN(auto graph, runtime::Graph::Open(o.data, options));
  HALQA_ASSIGN_OR_RETURN(const auto plan, graph->PlanRanking(parameters, o.memory_max));
  HALQA_ASSIGN_OR_RETURN(const auto ranking, runtime::ParseRankingOptions(parameters));
  RankOutcome outcome;
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

}  // namespace halqa::cli
