#include "tools/bench/contract.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/algo/community/co_audience.h"
#include "engine/algo/community/niche_tracking.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/core_numbers.h"
#include "engine/graph/builder.h"
#include "engine/runtime/registry.h"
#include "tools/bench/generate.h"
#include "tools/common/stop_latency.h"

namespace halqa::bench {
namespace {

// A kernel as it is measured.
struct Case {
  std::string name;
  std::function<absl::Status(RunContext&)> run;
};

struct Graphs {
  Csr csr;
  std::vector<float> out_weights, in_weights;
  std::vector<uint32_t> labels, other_labels;  // communities by vertex, and as of another day
  CsrView plain, weighted;
};

float ArcWeight(VertexIndex u, VertexIndex v) {
  const uint64_t key = uint64_t{std::min(u, v)} << 32 | std::max(u, v);
  return 1 + static_cast<float>(Mix64(key) % 64) / 8;
}

// Each arc of an undirected graph in one direction only, or both, or not at all.
absl::StatusOr<Csr> Directed(const CsrView& view, RunContext& run) {
  std::vector<VertexIndex> sources, targets;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (const VertexIndex u : view.Out(v)) {
      if (Mix64(uint64_t{v} << 32 | u) % 2 != 0) continue;
      sources.push_back(v);
      targets.push_back(u);
    }
  }
  BuildOptions options;
  options.vertices = view.vertices;
  return BuildCsr({sources, targets, {}}, options, run);
}

absl::Status Make(const ContractOptions& o, Graphs* g) {
  RunContext run;
  HALQA_ASSIGN_OR_RETURN(g->csr, Generate(o.graph, run, &g->labels));
  if (o.directed) {
    HALQA_ASSIGN_OR_RETURN(g->csr, Directed(g->csr.View(), run));
  }
  g->plain = g->weighted = g->csr.View();
  for (VertexIndex v = 0; v < g->plain.vertices; ++v) {
    for (const VertexIndex u : g->plain.Out(v)) g->out_weights.push_back(ArcWeight(v, u));
    for (const VertexIndex u : g->plain.In(v)) g->in_weights.push_back(ArcWeight(v, u));
  }
  g->weighted.out_weights = g->out_weights;
  g->weighted.in_weights = g->in_weights;
  if (g->labels.empty()) {
    for (VertexIndex v = 0; v < g->plain.vertices; ++v) g->labels.push_back(v / 100);
  }
  for (VertexIndex v = 0; v < g->plain.vertices; ++v) {
    g->other_labels.push_back(Mix64(v) % 8 == 0 ? v / 50 : g->labels[v]);
  }
  return absl::OkStatus();
}

Case FromRegistry(std::string name, const AlgorithmDescriptor& a, const CsrView& view,
                  ParameterValues values) {
  for (const ParameterDescriptor& p : a.parameters) {
    if (p.default_value.empty()) values[p.name] = p.name == "target" ? "1" : "0";
  }
  return {std::move(name), [&view, name = a.name, values](RunContext& run) {
            return RunAlgorithm(name, view, values, run).status();
          }};
}

// What runs inside rankings and is no algorithm of the table.
std::vector<Case> RankingCases(const Graphs& g) {
  return {
      {"core_numbers", [&g](RunContext& run) { return CoreNumbers(g.plain, {}, run).status(); }},
      {"co_audience", [&g](RunContext& run) { return CoAudience(g.plain, {}, run).status(); }},
      {"membership",
       [&g](RunContext& run) {
         return OverlappingMembership(g.weighted, g.labels, {}, run).status();
       }},
      {"niche_tracking",
       [&g](RunContext& run) { return TrackNiches(g.labels, g.other_labels, {}, run).status(); }},
      {"symmetrised", [&g](RunContext& run) { return Symmetrised(g.weighted, run).status(); }}};
}

std::vector<Case> Cases(const Graphs& g) {
  std::vector<Case> cases;
  for (const AlgorithmDescriptor& a : Algorithms()) {
    if (a.undirected && !g.plain.symmetric) continue;
    cases.push_back(FromRegistry(a.name, a, g.plain, {}));
    if (a.name == "harmonic") {
      cases.push_back(FromRegistry("harmonic k=100", a, g.plain, {{"k", "100"}}));
    } else if (a.name == "betweenness") {
      cases.push_back(FromRegistry("betweenness weighted", a, g.weighted, {{"weighted", "true"}}));
    } else if (a.name == "leiden" || a.name == "sssp") {
      cases.push_back(FromRegistry(a.name + " weighted", a, g.weighted, {}));
    }
  }
  for (Case& c : RankingCases(g)) cases.push_back(std::move(c));
  return cases;
}

absl::Status Measure(const ContractOptions& o, bool* held) {
  Graphs g;
  HALQA_RETURN_IF_ERROR(Make(o, &g));
  std::printf("%s%s: %u vertices, %llu arcs, %d threads, %d moments each\n", o.graph.c_str(),
              o.directed ? " directed" : "", g.plain.vertices,
              static_cast<unsigned long long>(g.plain.arcs()), o.threads, o.moments);
  std::printf("%-24s %8s %10s %10s %12s %12s\n", "algorithm", "run s", "cancel p50", "worst ms",
              "deadline p50", "worst ms");
  for (const Case& c : Cases(g)) {
    if (!o.only.empty() && std::find(o.only.begin(), o.only.end(), c.name) == o.only.end()) {
      continue;
    }
    StopLatencyOptions options{o.moments, o.threads, o.seconds_max, false, 1};
    HALQA_ASSIGN_OR_RETURN(const StopLatency cancel, MeasureStops(c.run, options));
    options.by_deadline = true;
    options.seed = 2;
    HALQA_ASSIGN_OR_RETURN(const StopLatency deadline, MeasureStops(c.run, options));
    const bool late = std::max(cancel.Worst(), deadline.Worst()) > o.limit_ms;
    *held = *held && !late;
    std::printf("%-24s %8.2f %10.1f %10.1f %12.1f %12.1f%s\n", c.name.c_str(), cancel.run_seconds,
                cancel.Median(), cancel.Worst(), deadline.Median(), deadline.Worst(),
                late ? "  LATE" : "");
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

}  // namespace

int RunContract(const ContractOptions& options) {
  bool held = true;
  const absl::Status status = Measure(options, &held);
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return status.ok() && held ? 0 : 1;
}

}  // namespace halqa::bench
