#include "engine/runtime/analysis.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/builder.h"
#include "engine/projection/projection.h"
#include "engine/runtime/analysis_file.h"

namespace halqa::runtime {
namespace {

constexpr size_t kAnalysesKept = 8;

// The graph of one moment, and which account each vertex is.
struct Seen {
  std::shared_ptr<const ingest::Epoch> epoch;
  Csr graph;
  std::vector<AccountId> accounts;  // by vertex
};

absl::StatusOr<Seen> See(Graph& graph, bool undirected, RunContext& run) {
  ingest::LiveGraph& live = graph.live();
  HALQA_RETURN_IF_ERROR(live.Fold(run));
  Seen seen;
  std::shared_ptr<store::ReadView> view;
  do {  // view and epoch must be of one snapshot: another fold may come between
    seen.epoch = live.epoch();
    view = live.db().NewView();
  } while (live.epoch()->snapshot != seen.epoch->snapshot);
  RunContext building = run.Part(0.2, 0.8);
  HALQA_ASSIGN_OR_RETURN(
      auto projection,
      projection::BuildProjection(live.db(), view.get(), seen.epoch->accounts, {}, building));
  seen.accounts = std::move(projection.vertex_to_account);
  seen.graph = std::move(projection.graph);
  if (!undirected) return seen;
  RunContext turning = run.Part(0.8, 1);
  HALQA_ASSIGN_OR_RETURN(seen.graph, Symmetrised(seen.graph.View(), turning));
  return seen;
}

// External ids in parameters -> vertices.
absl::Status NameVertices(const Graph& graph, const AlgorithmDescriptor& algorithm,
                          const std::vector<AccountId>& accounts, ParameterValues* values) {
  std::vector<VertexIndex> vertex_of;
  for (const ParameterDescriptor& p : algorithm.parameters) {
    const auto it = values->find(p.name);
    if (p.type != ParameterType::kVertices || it == values->end()) continue;
    if (vertex_of.empty()) {
      vertex_of.resize(accounts.size(), kNoVertex);
      for (size_t v = 0; v < accounts.size(); ++v)
        vertex_of[Raw(accounts[v])] = static_cast<VertexIndex>(v);
    }
    HALQA_ASSIGN_OR_RETURN(
        it->second,
        TranslateVertices(it->second, [&](absl::string_view id) -> absl::StatusOr<VertexIndex> {
          HALQA_ASSIGN_OR_RETURN(const AccountId account, graph.Find(id));
          const bool there = Raw(account) < vertex_of.size();
          if (there && vertex_of[Raw(account)] != kNoVertex) return vertex_of[Raw(account)];
          return FieldError("UNKNOWN_VERTEX", p.name,
                            absl::StrCat("account '", id, "' is not in the graph"));
        }));
  }
  return absl::OkStatus();
}

// Values by vertex -> by account.
std::vector<double> ByAccount(const AlgorithmResult& result,
                              const std::vector<AccountId>& accounts) {
  std::vector<double> out(accounts.size());
  for (size_t v = 0; v < accounts.size(); ++v) {
    double& value = out[Raw(accounts[v])];
    if (const auto* numbers = std::get_if<std::vector<double>>(&result.values)) {
      value = (*numbers)[v];
      continue;
    }
    const uint32_t whole = std::get<1>(result.values)[v];
    value = result.type == ValueType::kVertex ? Raw(accounts[whole]) : whole;
    if (result.type == ValueType::kHops && whole == kNoVertex)
      value = std::numeric_limits<double>::infinity();
  }
  return out;
}

std::vector<ValueColumn> ByAccount(const std::vector<ValueColumn>& columns,
                                   const std::vector<AccountId>& accounts) {
  std::vector<ValueColumn> out;
  for (const ValueColumn& column : columns) {
    out.push_back({column.name, std::vector<double>(accounts.size())});
    for (size_t v = 0; v < accounts.size(); ++v) {
      out.back().values[Raw(accounts[v])] = column.values[v];
    }
  }
  return out;
}

absl::Status Analyse(Graph& graph, const std::string& name, ParameterValues parameters,
                     RunContext& run, JobReporter& reporter) {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmDescriptor* algorithm, FindAlgorithm(name));
  reporter.Stage("graph");
  RunContext seeing = run.Part(0, 0.4);
  HALQA_ASSIGN_OR_RETURN(const Seen seen, See(graph, algorithm->undirected, seeing));
  HALQA_RETURN_IF_ERROR(NameVertices(graph, *algorithm, seen.accounts, &parameters));
  reporter.Stage(name);
  RunContext working = run.Part(0.4, 0.95);
  HALQA_ASSIGN_OR_RETURN(const AlgorithmResult result,
                         RunAlgorithm(name, seen.graph.View(), parameters, working));
  reporter.Stage("save");
  const SnapshotIdentity& id = seen.epoch->snapshot->identity();
  Analysis analysis{0,
                    name,
                    static_cast<uint32_t>(result.version),
                    result.type,
                    id.timeline_id,
                    id.lsn,
                    ByAccount(result, seen.accounts),
                    ByAccount(result.columns, seen.accounts)};
  HALQA_RETURN_IF_ERROR(SaveAnalysis(graph.live().db(), kAnalysesKept, &analysis));
  reporter.Result("analysis", absl::StrCat(analysis.number));
  reporter.Result("rounds", absl::StrCat(result.rounds));
  reporter.Result("converged", result.converged ? "true" : "false");
  reporter.Result("residual", FigureText(result.residual));
  reporter.Result("kernel_bytes", absl::StrCat(result.estimated_bytes));
  for (const auto& [figure, value] : result.figures) reporter.Result(figure, FigureText(value));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JobRow> PlanAnalysis(const Graph& graph, const std::string& algorithm,
                                    const ParameterValues& parameters, uint64_t memory_bytes_max) {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmDescriptor* found, FindAlgorithm(algorithm));
  ParameterValues dry = parameters;
  for (const ParameterDescriptor& p : found->parameters) {
    if (p.type == ParameterType::kVertices && dry.count(p.name) > 0) dry[p.name] = "0";
  }
  HALQA_RETURN_IF_ERROR(EstimateAlgorithm(algorithm, CsrView{}, dry, 1).status());
  JobRow job;
  job.kind = "analysis";
  job.parameters = parameters;
  job.parameters["algorithm"] = algorithm;
  const auto epoch = graph.live().epoch();
  job.estimated_bytes =
      projection::EstimateProjection(epoch->accounts, EstimateArcs(graph.live().db(), *epoch));
  if (memory_bytes_max == 0 || job.estimated_bytes <= memory_bytes_max) return job;
  return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                   absl::StrCat("the graph alone needs about ", job.estimated_bytes,
                                " bytes, allowed are ", memory_bytes_max),
                   {{"needed_bytes", absl::StrCat(job.estimated_bytes)},
                    {"allowed_bytes", absl::StrCat(memory_bytes_max)}});
}

absl::StatusOr<JobRow> StartAnalysis(Graph& graph, const std::string& algorithm,
                                     const ParameterValues& parameters, uint64_t memory_bytes_max) {
  HALQA_ASSIGN_OR_RETURN(JobRow job, PlanAnalysis(graph, algorithm, parameters, memory_bytes_max));
  return graph.jobs().Start(std::move(job), [&graph, algorithm, parameters, memory_bytes_max](
                                                RunContext& run, JobReporter& reporter) {
    run.set_memory_bytes_max(memory_bytes_max);
    return Analyse(graph, algorithm, parameters, run, reporter);
  });
}

}  // namespace halqa::runtime
