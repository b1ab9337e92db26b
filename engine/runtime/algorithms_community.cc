// Components and communities.

#include "engine/algo/community/leiden.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/strong_components.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

absl::StatusOr<AlgorithmResult> RunWeak(const CsrView& view, const Values&, RunContext* run,
                                        uint64_t* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateWeakComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(WeakComponentsResult got, WeakComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

absl::StatusOr<AlgorithmResult> RunStrong(const CsrView& view, const Values&, RunContext* run,
                                          uint64_t* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateStrongComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(StrongComponentsResult got, StrongComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

absl::StatusOr<AlgorithmResult> RunLeiden(const CsrView& view, const Values& p, RunContext* run,
                                          uint64_t* estimate) {
  LeidenOptions options;
  options.resolution = p.Double("resolution");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_ONLY(EstimateLeiden(view, options));
  HALQA_ASSIGN_OR_RETURN(LeidenResult got, Leiden(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["modularity"] = got.modularity;
  result.figures["communities"] = got.count;
  return result;
}

}  // namespace

std::vector<AlgorithmEntry> CommunityAlgorithms() {
  return {
      {{.name = "leiden",
        .version = kLeidenVersion,
        .summary = "connected communities of high modularity",
        .value = ValueType::kCount,
        .undirected = true,
        .parameters = {NumberParameter("resolution", 1e-9, 1e9, "1", "larger: smaller communities"),
                       IntegerParameter("iterations", 1, 100, "2",
                                        "runs, each from the result of the one before"),
                       IntegerParameter("seed", 0, 9e15, "1", "order of visits")},
        .time = "O(arcs) per level",
        .memory = "at most 90 bytes per vertex and 12 per arc",
        .paper = "Traag, Waltman, van Eck 2019"},
       RunLeiden},
      {{.name = "strong_components",
        .version = kStrongComponentsVersion,
        .summary = "sets in which everybody reaches everybody; value: the smallest vertex",
        .value = ValueType::kVertex,
        .in_rows = false,
        .time = "O(vertices + arcs)",
        .memory = "at most 124 bytes per vertex",
        .paper = "Tarjan 1972"},
       RunStrong},
      {{.name = "weak_components",
        .version = kWeakComponentsVersion,
        .summary = "parts connected when directions are ignored; value: the smallest vertex",
        .value = ValueType::kVertex,
        .in_rows = false,
        .time = "O(vertices + arcs)",
        .memory = "4 bytes per vertex",
        .paper = "Sutton, Ben-Nun, Barak 2018"},
       RunWeak}};
}

}  // namespace halqa
