#include "tools/halqa/analyze.h"

#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/plain_graph.h"
#include "engine/graph/builder.h"
#include "engine/runtime/registry.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/halqa/analyze_graph.h"

namespace halqa::cli {
namespace {

// As LDBC Graphalytics writes it.
constexpr uint64_t kLdbcUnreachable = 9223372036854775807;

struct AnalyzeFlags {
  std::string algorithm, graph, vertices, output;
  BackendOptions backend;  // instead of a graph file
  uint32_t top = 20;
  std::vector<std::string> params;
  bool undirected = false;
  bool directed = false;
  bool weighted = false;
  bool json = false;
  int threads = 0;
};

class Timer {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

uint64_t PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

// A graph in memory with the names its file gives.
struct NamedGraph {
  Csr csr;
  VertexNames names;
  uint64_t edges = 0;        // lines of the file
  bool symmetrised = false;  // a directed file, made undirected for this algorithm
};

absl::StatusOr<NamedGraph> Load(const AnalyzeFlags& flags, const AlgorithmDescriptor& algorithm,
                                RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(PlainGraph plain,
                         ReadPlainGraph(flags.graph, {flags.vertices, flags.weighted}));
  NamedGraph graph;
  graph.edges = plain.sources.size();
  if (algorithm.value == ValueType::kVertex) NumberById(&plain);  // groups by their smallest id
  BuildOptions options;
  options.vertices = plain.names.size();
  options.undirected = flags.undirected;
  HALQA_ASSIGN_OR_RETURN(graph.csr,
                         BuildCsr({plain.sources, plain.targets, plain.weights}, options, run));
  if (algorithm.undirected && !flags.undirected) {
    HALQA_ASSIGN_OR_RETURN(graph.csr, Symmetrised(graph.csr.View(), run));
    graph.symmetrised = true;
  }
  graph.names = std::move(plain.names);
  return graph;
}

absl::StatusOr<ParameterValues> GivenParameters(const AnalyzeFlags& flags) {
  ParameterValues values;
  for (const std::string& param : flags.params) {
    const size_t equals = param.find('=');
    if (equals == std::string::npos) {
      return FieldError("BAD_PARAMETER", "param",
                        absl::StrCat("'", param, "' is not of the form NAME=VALUE"));
    }
    if (!values.emplace(param.substr(0, equals), param.substr(equals + 1)).second) {
      return FieldError("BAD_PARAMETER", "param", absl::StrCat("'", param, "' is given twice"));
    }
  }
  return values;
}

absl::StatusOr<ParameterValues> Parameters(const AnalyzeFlags& flags,
                                           const AlgorithmDescriptor& algorithm) {
  HALQA_ASSIGN_OR_RETURN(const ParameterValues values, GivenParameters(flags));
  // Wrong names and values are found before the graph is read; vertices after it.
  ParameterValues dry = values;
  for (const ParameterDescriptor& p : algorithm.parameters) {
    if (p.type == ParameterType::kVertices && dry.count(p.name) > 0) dry[p.name] = "0";
  }
  HALQA_RETURN_IF_ERROR(EstimateAlgorithm(algorithm.name, CsrView{}, dry, 1).status());
  return values;
}

absl::Status NameVertices(const AlgorithmDescriptor& algorithm, const VertexNames& names,
                          ParameterValues* values) {
  for (const ParameterDescriptor& p : algorithm.parameters) {
    const auto it = values->find(p.name);
    if (p.type != ParameterType::kVertices || it == values->end()) continue;
    HALQA_ASSIGN_OR_RETURN(
        it->second,
        TranslateVertices(it->second, [&](absl::string_view id) -> absl::StatusOr<VertexIndex> {
          const VertexIndex v = names.Find(id);
          if (v != kNoVertex) return v;
          return FieldError("UNKNOWN_VERTEX", p.name,
                            absl::StrCat("vertex '", id, "' is not in the graph"));
        }));
  }
  return absl::OkStatus();
}

// The shortest decimal text that reads back as the same number; "infinity" as LDBC writes it.
void AppendNumber(double value, std::string* out) {
  if (std::isinf(value)) {
    out->append(value < 0 ? "-infinity" : "infinity");
    return;
  }
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value);
  out->append(text, end.ptr);
}

absl::Status WriteValues(const AlgorithmResult& result, const VertexNames& names,
                         const std::string& path) {
  std::FILE* const file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  if (file == nullptr) {
    return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                     absl::StrCat(path, ": cannot be written"));
  }
  std::string text;
  bool good = true;
  auto flush = [&] {
    good = good && std::fwrite(text.data(), 1, text.size(), file) == text.size();
    text.clear();
  };
  for (VertexIndex v = 0; v < names.size(); ++v) {
    names.AppendName(v, &text);
    text += ' ';
    if (const auto* numbers = std::get_if<std::vector<double>>(&result.values)) {
      AppendNumber((*numbers)[v], &text);
    } else if (result.type == ValueType::kVertex) {
      names.AppendName(std::get<1>(result.values)[v], &text);
    } else {
      const uint32_t value = std::get<1>(result.values)[v];
      const bool unreachable = result.type == ValueType::kHops && value == kNoVertex;
      absl::StrAppend(&text, unreachable ? kLdbcUnreachable : uint64_t{value});
    }
    for (const ValueColumn& column : result.columns) {
      text += ' ';
      AppendNumber(column.values[v], &text);
    }
    text += '\n';
    if (text.size() > (1 << 16)) flush();
  }
  flush();
  if (file == stdout) {
    good = std::fflush(file) == 0 && good;
  } else {
    good = std::fclose(file) == 0 && good;
  }
  if (good) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                   absl::StrCat(path, ": not all values could be written"));
}

struct Times {
  double load_seconds = 0;
  double run_seconds = 0;
};

std::string Summary(const NamedGraph& graph, const AlgorithmResult& result, const Times& times) {
  JsonWriter json;
  json.BeginObject().Key("algorithm").String(result.algorithm);
  json.Key("version").Int(result.version);
  json.Key("vertices").UInt(graph.csr.View().vertices).Key("edges").UInt(graph.edges);
  json.Key("arcs").UInt(graph.csr.View().arcs()).Key("symmetrised").Bool(graph.symmetrised);
  json.Key("load_seconds").Number(times.load_seconds);
  json.Key("run_seconds").Number(times.run_seconds);
  json.Key("rounds").Int(result.rounds).Key("converged").Bool(result.converged);
  json.Key("residual").Number(result.residual);
  if (!result.columns.empty()) {
    json.Key("columns").BeginArray();
    for (const ValueColumn& column : result.columns) json.String(column.name);
    json.End();
  }
  for (const auto& [name, value] : result.figures) json.Key(name).Number(value);
  json.Key("estimated_bytes").UInt(result.estimated_bytes).Key("peak_bytes").UInt(PeakBytes());
  return json.End().text();
}

// Leaves the subcommand, from its callback.
[[noreturn]] void Fail(const absl::Status& status) { EndWith(ReportError(status)); }

void Analyze(const AnalyzeFlags& flags) {
  const auto algorithm = FindAlgorithm(flags.algorithm);
  if (!algorithm.ok()) Fail(algorithm.status());
  auto parameters = Parameters(flags, **algorithm);
  if (!parameters.ok()) Fail(parameters.status());
  if (flags.output.empty() && !flags.json) {
    Fail(FieldError("NOTHING_TO_DO", "output", "give --output FILE, --json, or both"));
  }
  RunContext run(flags.threads);
  Times times;
  const Timer load;
  auto graph = Load(flags, **algorithm, run);
  if (!graph.ok()) Fail(graph.status());
  times.load_seconds = load.Seconds();
  const absl::Status named = NameVertices(**algorithm, graph->names, &*parameters);
  if (!named.ok()) Fail(named);
  const Timer work;
  RunContext kernel(flags.threads);
  const auto result = RunAlgorithm(flags.algorithm, graph->csr.View(), *parameters, kernel);
  if (!result.ok()) Fail(result.status());
  times.run_seconds = work.Seconds();
  if (!flags.output.empty()) {
    const absl::Status written = WriteValues(*result, graph->names, flags.output);
    if (!written.ok()) Fail(written);
  }
  if (flags.json) {
    // Beside values on stdout the summary would not be JSON.
    std::FILE* const to = flags.output == "-" ? stderr : stdout;
    std::fprintf(to, "%s\n", Summary(*graph, *result, times).c_str());
  }
}

void AnalyzeBackend(const AnalyzeFlags& flags) {
  RunOn(flags.backend, [&](const Backend& backend) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const ParameterValues parameters, GivenParameters(flags));
    return AnalyzeGraph(backend,
                        {flags.algorithm, parameters, flags.top, flags.output, flags.json});
  });
}

void AddParameter(const ParameterDescriptor& p, JsonWriter* json) {
  json->BeginObject().Key("name").String(p.name).Key("type").String(ParameterTypeName(p.type));
  if (p.type == ParameterType::kDouble || p.type == ParameterType::kInteger) {
    json->Key("low").Number(p.low).Key("high").Number(p.high);
  }
  json->Key("default");
  if (p.default_value.empty()) {
    json->Null();
  } else {
    json->String(p.default_value);
  }
  if (!p.choices.empty()) {
    json->Key("choices").BeginArray();
    for (const std::string& choice : p.choices) json->String(choice);
    json->End();
  }
  json->Key("doc").String(p.doc).End();
}

std::string AlgorithmJson(const AlgorithmDescriptor& a) {
  JsonWriter json;
  json.BeginObject().Key("name").String(a.name).Key("version").Int(a.version);
  json.Key("summary").String(a.summary).Key("undirected").Bool(a.undirected);
  json.Key("adaptive").Bool(a.adaptive);
  json.Key("parameters").BeginArray();
  for (const ParameterDescriptor& p : a.parameters) AddParameter(p, &json);
  json.End().Key("time").String(a.time).Key("memory").String(a.memory);
  return json.Key("paper").String(a.paper).End().text();
}

void ListAlgorithms(bool as_json) {
  std::vector<std::string> items;
  for (const AlgorithmDescriptor& a : Algorithms()) {
    if (as_json) {
      items.push_back(AlgorithmJson(a));
      continue;
    }
    std::printf("%s: %s%s\n", a.name.c_str(), a.summary.c_str(),
                a.undirected ? " (on the graph without directions)" : "");
    std::printf("    time %s; memory %s%s%s\n", a.time.c_str(), a.memory.c_str(),
                a.paper.empty() ? "" : "; ", a.paper.c_str());
    for (const ParameterDescriptor& p : a.parameters) {
      const bool number = p.type == ParameterType::kDouble || p.type == ParameterType::kInteger;
      const std::string range = number ? absl::StrCat(", ", p.low, " to ", p.high)
                                : p.choices.empty()
                                    ? ""
                                    : absl::StrCat(", ", absl::StrJoin(p.choices, " or "));
      std::printf("    %-16s %s [%s%s]\n", p.name.c_str(), p.doc.c_str(),
                  p.default_value.empty() ? "required" : p.default_value.c_str(), range.c_str());
    }
  }
  if (as_json) std::printf("[%s]\n", absl::StrJoin(items, ",\n ").c_str());
}

}  // namespace

void RegisterAnalyze(Command app) {
  auto flags = std::make_shared<AnalyzeFlags>();
  Command analyze =
      app.Sub("analyze", "Run one algorithm on a graph: a file, a directory, a server");
  analyze.Add("algorithm", flags->algorithm, "Name, see `halqa algorithms`").Required();
  Command source = analyze.Group("graph", "Which graph, one of");
  source.Add("--graph", flags->graph, "Edge file: LDBC .e, or a list; .gz, .zst");
  source.Add("--data", flags->backend.data, "Data directory");
  source.Add("--server", flags->backend.server, "HOST:PORT of a running halqad");
  source.ExactlyOne();
  analyze.Add("--vertices", flags->vertices, "Vertex file, one id per line");
  const Flag directed = analyze.Switch("--directed", flags->directed, "Edges go one way (default)");
  analyze.Switch("--undirected", flags->undirected, "Edges go both ways").Excludes(directed);
  analyze.Switch("--weighted", flags->weighted, "The third column is a weight");
  analyze.Add("--param", flags->params, "NAME=VALUE, may be repeated").Repeated();
  analyze.Add("--threads", flags->threads, "0 = all cores").InRange(0, 4096);
  analyze.Add(
      "--output", flags->output,
      "Of a file: `vertex value` and further columns per line, - is stdout. Else a CSV file "
      "of all accounts");
  analyze.Add("--top", flags->top, "Accounts shown, of --data and --server")
      .InRange(1, 100000)
      .ShowDefault();
  analyze.Switch("--json", flags->json, "Print a JSON summary");
  analyze.Footer(
      "Examples:\n"
      "  halqa analyze page_rank --graph edges.tsv --output scores.txt\n"
      "  halqa analyze leiden --data ./graph --param resolution=2 --output niches.csv\n"
      "  halqa analyze top_page_rank --server 127.0.0.1:7411 --param source=instagram:42\n"
      "Vertices in parameters are ids of the file, or external ids of accounts.");
  analyze.Run([flags] { flags->graph.empty() ? AnalyzeBackend(*flags) : Analyze(*flags); });

  auto as_json = std::make_shared<bool>(false);
  Command list = app.Sub("algorithms", "List the algorithms and their parameters");
  list.Switch("--json", *as_json, "As JSON");
  list.Run([as_json] { ListAlgorithms(*as_json); });
}

}  // namespace halqa::cli
