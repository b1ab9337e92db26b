// Components and communities.

#include "engine/algo/community/label_propagation.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/louvain.h"
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

absl::StatusOr<AlgorithmResult> RunLabels(const CsrView& view, const Values& p, RunContext* run,
                                          Estimate* estimate) {
  LabelPropagationOptions options;
  options.iterations = static_cast<int>(p.Integer("iterations"));
  HALQA_ESTIMATE_ONLY(EstimateLabelPropagation(view, options, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(LabelPropagationResult got, LabelPropagation(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.labels);
  result.rounds = got.rounds;
  result.converged = got.converged;
  return result;
}

absl::StatusOr<AlgorithmResult> RunLouvain(const CsrView& view, const Values& p, RunContext* run,
                                           Estimate* estimate) {
  LouvainOptions options;
  options.resolution = p.Double("resolution");
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_MOST(EstimateLouvain(view, options));
  HALQA_ASSIGN_OR_RETURN(LouvainResult got, Louvain(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.figures["modularity"] = got.modularity;
  result.figures["communities"] = got.count;
  return result;
}

absl::StatusOr<AlgorithmResult> RunLeiden(const CsrView& view, const Values& p, RunContext* run,
                                          Estimate* estimate) {
  LeidenOptions options;
  if (p.Text("quality") == "cpm") options.quality = CommunityQuality::kCpm;
  options.resolution = p.Double("resolution");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_MOST(EstimateLeiden(view, options));
  HALQA_ASSIGN_OR_RETURN(LeidenResult got, Leiden(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["quality"] = got.quality;
  result.figures["modularity"] = got.modularity;
  result.figures["communities"] = got.count;
  return result;
}

}  // namespace

std::vector<AlgorithmEntry> CommunityAlgorithms() {
  return {
      {{.name = "label_propagation",
        .version = kLabelPropagationVersion,
        .summary = "LDBC CDLP: all take the smallest of the most frequent labels around them",
        .value = ValueType::kVertex,
        .parameters = {IntegerParameter("iterations", 0, 100000, "10", "rounds at most")},
        .time = "O(arcs) per round",
        .memory = "8 bytes per vertex, 48 per neighbour of the largest neighbourhood",
        .paper = "Raghavan, Albert, Kumara 2007; Iosup et al. 2016"},
       RunLabels},
      {{.name = "leiden",
        .version = kLeidenVersion,
        .summary = "connected communities of high quality",
        .value = ValueType::kCount,
        .undirected = true,
        .adaptive = true,
        .parameters = {ChoiceParameter("quality", "modularity", {"modularity", "cpm"},
                                       "cpm: the resolution is a density"),
                       NumberParameter("resolution", 1e-9, 1e9, "1", "larger: smaller communities"),
                       IntegerParameter("iterations", 1, 100, "2",
                                        "runs, each from the result of the one before"),
                       IntegerParameter("seed", 0, 9e15, "1", "order of visits")},
        .time = "O(arcs) per level",
        .memory = "96 bytes per vertex, at most 42 per arc, as few as 1 in a good partition",
        .paper = "Traag, Waltman, van Eck 2019"},
       RunLeiden},
      {{.name = "louvain",
        .version = kLouvainVersion,
        .summary = "communities of high modularity, not always connected",
        .value = ValueType::kCount,
        .undirected = true,
        .adaptive = true,
        .parameters = {NumberParameter("resolution", 1e-9, 1e9, "1", "larger: smaller communities"),
                       IntegerParameter("seed", 0, 9e15, "1", "order of visits")},
        .time = "O(arcs) per level",
        .memory = "96 bytes per vertex, at most 42 per arc, as few as 1 in a good partition",
        .paper = "Blondel, Guillaume, Lambiotte, Lefebvre 2008"},
       RunLouvain},
      {{.name = "strong_components",
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
