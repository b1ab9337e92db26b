// Communities.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/algo/community/label_propagation.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/leiden_hierarchy.h"
#include "engine/algo/community/louvain.h"
#include "engine/algo/community/partition_quality.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

// Adds how good the communities are.
absl::Status AddQuality(const CsrView& view, const std::vector<uint32_t>& labels, RunContext run,
                        AlgorithmResult* result) {
  HALQA_ASSIGN_OR_RETURN(const PartitionQuality quality, MeasurePartition(view, labels, run));
  result->figures["communities"] = quality.communities;
  result->figures["modularity"] = quality.modularity;
  result->figures["coverage"] = quality.coverage;
  result->figures["conductance_mean"] = quality.conductance_mean;
  result->figures["conductance_median"] = quality.conductance_median;
  result->figures["conductance_largest"] = quality.conductance_largest;
  return absl::OkStatus();
}

absl::StatusOr<AlgorithmResult> RunLabels(const CsrView& view, const Values& p, RunContext* run,
                                          Estimate* estimate) {
  LabelPropagationOptions options;
  options.iterations = static_cast<int>(p.Integer("iterations"));
  HALQA_ESTIMATE_ONLY(
      std::max(EstimateLabelPropagation(view, options, estimate->threads),
               view.symmetric ? 4 * uint64_t{view.vertices} + EstimateMeasurePartition(view) : 0));
  RunContext part = run->Part(0, 0.9);
  HALQA_ASSIGN_OR_RETURN(LabelPropagationResult got, LabelPropagation(view, options, part));
  AlgorithmResult result;
  if (view.symmetric) {
    HALQA_RETURN_IF_ERROR(AddQuality(view, got.labels, run->Part(0.9, 1), &result));
  }
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
  HALQA_ESTIMATE_MOST(std::max(EstimateLouvain(view, options),
                               4 * uint64_t{view.vertices} + EstimateMeasurePartition(view)));
  RunContext part = run->Part(0, 0.95);
  HALQA_ASSIGN_OR_RETURN(LouvainResult got, Louvain(view, options, part));
  AlgorithmResult result;
  HALQA_RETURN_IF_ERROR(AddQuality(view, got.communities, run->Part(0.95, 1), &result));
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.figures["modularity"] = got.modularity;
  return result;
}

absl::StatusOr<AlgorithmResult> RunLeiden(const CsrView& view, const Values& p, RunContext* run,
                                          Estimate* estimate) {
  LeidenOptions options;
  if (p.Text("quality") == "cpm") options.quality = CommunityQuality::kCpm;
  options.resolution = p.Double("resolution");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_MOST(std::max(EstimateLeiden(view, options),
                               4 * uint64_t{view.vertices} + EstimateMeasurePartition(view)));
  RunContext part = run->Part(0, 0.95);
  HALQA_ASSIGN_OR_RETURN(LeidenResult got, Leiden(view, options, part));
  AlgorithmResult result;
  HALQA_RETURN_IF_ERROR(AddQuality(view, got.communities, run->Part(0.95, 1), &result));
  result.values = std::move(got.communities);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["quality"] = got.quality;
  result.figures["modularity"] = got.modularity;
  return result;
}

absl::StatusOr<AlgorithmResult> RunHierarchy(const CsrView& view, const Values& p, RunContext* run,
                                             Estimate* estimate) {
  LeidenHierarchyOptions options;
  options.levels = static_cast<int>(p.Integer("levels"));
  options.resolution = p.Double("resolution");
  options.factor = p.Double("factor");
  options.divide_min = static_cast<uint32_t>(p.Integer("divide_min"));
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_MOST(EstimateLeidenHierarchy(view, options));
  HALQA_ASSIGN_OR_RETURN(LeidenHierarchyResult got, LeidenHierarchy(view, options, *run));
  AlgorithmResult result;
  for (size_t i = 0; i < got.levels.size(); ++i) {
    const std::string level = absl::StrCat("level_", i + 1, "_");
    result.figures[level + "communities"] = static_cast<double>(got.levels[i].parents.size());
    result.figures[level + "modularity"] = got.levels[i].modularity;
    result.figures[level + "resolution"] = got.levels[i].resolution;
  }
  result.values = std::move(got.levels.back().communities);
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
        .memory =
            "8 bytes per vertex, 48 per neighbour of the largest neighbourhood; undirected at "
            "least 37 per vertex",
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
      {{.name = "leiden_hierarchy",
        .version = kLeidenHierarchyVersion,
        .summary = "communities inside communities, connected; value: the finest level",
        .value = ValueType::kCount,
        .undirected = true,
        .adaptive = true,
        .parameters = {IntegerParameter("levels", 1, 16, "3", "coarsest first"),
                       NumberParameter("resolution", 1e-9, 1e9, "1", "of the first level"),
                       NumberParameter("factor", 1.01, 1000, "2",
                                       "resolution of a level over that of the one above"),
                       IntegerParameter("divide_min", 0, 4e9, "10",
                                        "communities of fewer vertices stay whole"),
                       IntegerParameter("iterations", 1, 100, "2", "runs of Leiden per level"),
                       IntegerParameter("seed", 0, 9e15, "1", "order of visits")},
        .time = "O(arcs) per level of Leiden and of the hierarchy",
        .memory = "that of leiden, a copy of the rows, 8 bytes per vertex and level",
        .paper = "Traag, Waltman, van Eck 2019; Satuluri et al. 2020"},
       RunHierarchy},
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
       RunLouvain}};
}

}  // namespace halqa
