// Algorithms that count arcs: degree, cores.

#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/k_core.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

absl::StatusOr<AlgorithmResult> RunDegree(const CsrView& view, const Values& p, RunContext* run,
                                          Estimate* estimate) {
  DegreeOptions options;
  const std::string& kind = p.Text("kind");
  options.kind = kind == "in"    ? DegreeKind::kIn
                 : kind == "out" ? DegreeKind::kOut
                                 : DegreeKind::kTotal;
  options.weighted = p.Bool("weighted");
  HALQA_ESTIMATE_ONLY(EstimateDegree(view, options));
  HALQA_ASSIGN_OR_RETURN(DegreeResult got, Degree(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.values);
  return result;
}

absl::StatusOr<AlgorithmResult> RunKCore(const CsrView& view, const Values& p, RunContext* run,
                                         Estimate* estimate) {
  const std::string& degree = p.Text("degree");
  const KCoreOptions options{degree == "in"    ? CoreDegree::kIn
                             : degree == "out" ? CoreDegree::kOut
                                               : CoreDegree::kTotal};
  HALQA_ESTIMATE_ONLY(EstimateKCore(view, options));
  HALQA_ASSIGN_OR_RETURN(KCoreResult got, KCore(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.cores);
  result.figures["largest_core"] = got.largest;
  return result;
}

ParameterDescriptor DegreeChoice(const char* name, const char* standard) {
  return ChoiceParameter(name, standard, {"in", "out", "total"}, "which arcs of a vertex count");
}

}  // namespace

std::vector<AlgorithmEntry> DegreeAlgorithms() {
  return {{{.name = "degree",
            .version = kDegreeVersion,
            .summary = "followers, followed accounts, or both",
            .parameters = {DegreeChoice("kind", "in"),
                           BoolParameter("weighted", "false", "sum weights instead of counting")},
            .time = "O(vertices); O(arcs) weighted",
            .memory = "8 bytes per vertex"},
           RunDegree},
          {{.name = "k_core",
            .version = kKCoreVersion,
            .summary = "largest k such that the vertex lies in a k-core",
            .value = ValueType::kCount,
            .parameters = {DegreeChoice("degree", "total")},
            .time = "O(vertices + arcs)",
            .memory = "16 bytes per vertex, 8 per degree",
            .paper = "Batagelj, Zaversnik 2003"},
           RunKCore}};
}

}  // namespace halqa
