// Components.

#include "engine/algo/community/weak_components.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/strong_components.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

absl::StatusOr<AlgorithmResult> RunWeak(const CsrView& view, const Values&, RunContext* run,
                                        Estimate* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateWeakComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(WeakComponentsResult got, WeakComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

absl::StatusOr<AlgorithmResult> RunStrong(const CsrView& view, const Values&, RunContext* run,
                                          Estimate* estimate) {
  HALQA_ESTIMATE_MOST(EstimateStrongComponents(view, {}));
  HALQA_ASSIGN_OR_RETURN(StrongComponentsResult got, StrongComponents(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.figures["components"] = got.components;
  return result;
}

}  // namespace

std::vector<AlgorithmEntry> ComponentAlgorithms() {
  return {{{.name = "strong_components",
            .version = kStrongComponentsVersion,
            .summary = "sets in which everybody reaches everybody; value: the smallest vertex",
            .value = ValueType::kVertex,
            .in_rows = false,
            .adaptive = true,
            .time = "O(vertices + arcs)",
            .memory = "18 bytes per vertex, 60 to 120 per vertex of the longest search path",
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
