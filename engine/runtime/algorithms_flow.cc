// Flows and orders, by Boost.

#include "engine/base/status_macros.h"
#include "engine/bgl/max_flow.h"
#include "engine/bgl/reverse_cuthill_mckee.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

absl::StatusOr<AlgorithmResult> RunFlow(const CsrView& view, const Values& p, RunContext* run,
                                        Estimate* estimate) {
  MaxFlowOptions options;
  for (const TeleportEntry& entry : p.VerticesOf("source")) options.sources.push_back(entry.vertex);
  for (const TeleportEntry& entry : p.VerticesOf("target")) options.targets.push_back(entry.vertex);
  HALQA_ESTIMATE_ONLY(EstimateMaxFlow(view, options));
  HALQA_ASSIGN_OR_RETURN(MaxFlowResult got, MaxFlow(view, options, *run));
  AlgorithmResult result;
  double inside = 0;
  for (const uint32_t side : got.source_side) inside += side;
  result.values = std::move(got.source_side);
  result.figures = {{"flow", got.flow},
                    {"cut_weight", got.cut_weight},
                    {"cut_arcs", static_cast<double>(got.cut_arcs)},
                    {"source_side", inside}};
  return result;
}

absl::StatusOr<AlgorithmResult> RunOrder(const CsrView& view, const Values&, RunContext* run,
                                         Estimate* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateReverseCuthillMckee(view, {}));
  HALQA_ASSIGN_OR_RETURN(ReverseCuthillMckeeResult got, ReverseCuthillMckee(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.positions);
  result.figures = {{"bandwidth_before", got.before.bandwidth},
                    {"bandwidth_after", got.after.bandwidth},
                    {"mean_span_before", got.before.mean},
                    {"mean_span_after", got.after.mean}};
  return result;
}

}  // namespace

std::vector<AlgorithmEntry> FlowAlgorithms() {
  return {{{.name = "max_flow",
            .version = kMaxFlowVersion,
            .summary = "largest flow along arcs from source to target; value: 1 on the source's "
                       "side of the smallest cut",
            .value = ValueType::kCount,
            .superlinear = true,
            .parameters = {VerticesParameter("source", "", "where the flow begins"),
                           VerticesParameter("target", "", "where it ends")},
            .time = "a few passes where few paths matter, O(vertices^2 * arcs * cut) at worst",
            .memory = "46 bytes per vertex, 24 per arc; directed 48",
            .paper = "Boykov, Kolmogorov 2004"},
           RunFlow},
          {{.name = "reverse_cuthill_mckee",
            .version = kReverseCuthillMckeeVersion,
            .summary = "an order in which neighbours stand near each other; value: the position",
            .value = ValueType::kCount,
            .undirected = true,
            .time = "O(arcs * log of the largest degree)",
            .memory = "at most 16 bytes per vertex",
            .paper = "Cuthill, McKee 1969; George, Liu 1979"},
           RunOrder}};
}

}  // namespace halqa
