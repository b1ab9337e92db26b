// Centralities of distances and shortest paths.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/closeness.h"
#include "engine/algo/centrality/harmonic.h"
#include "engine/algo/centrality/hyperball.h"
#include "engine/algo/centrality/sampled_betweenness.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/weighted_betweenness.h"
#include "engine/bgl/weighted_closeness.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

PathDirection DirectionFrom(const Values& p) {
  const std::string& direction = p.Text("direction");
  return direction == "in"    ? PathDirection::kIn
         : direction == "out" ? PathDirection::kOut
                              : PathDirection::kTotal;
}

ParameterDescriptor Direction() {
  return ChoiceParameter("direction", "in", {"in", "out", "total"},
                         "distances to the vertex along arcs, from it, or without directions");
}

ParameterDescriptor Weighted() {
  return BoolParameter("weighted", "false", "weights are distances, all above 0");
}

absl::Status RequireDirected(const CsrView& view, const Values& p) {
  if (p.Text("direction") != "total" || view.symmetric) return absl::OkStatus();
  return FieldError("CONFLICTING_OPTIONS", "direction",
                    "with weights: in or out; for total build the graph undirected");
}

// `score`: which of both scores.
absl::StatusOr<AlgorithmResult> RunWeighted(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate,
                                            std::vector<double> WeightedClosenessResult::*score) {
  const WeightedClosenessOptions options{p.Text("direction") == "out"};
  HALQA_ESTIMATE_ONLY(EstimateWeightedCloseness(view, options, estimate->threads));
  HALQA_RETURN_IF_ERROR(RequireDirected(view, p));
  HALQA_ASSIGN_OR_RETURN(WeightedClosenessResult got, WeightedCloseness(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.*score);
  return result;
}

absl::StatusOr<AlgorithmResult> RunCloseness(const CsrView& view, const Values& p, RunContext* run,
                                             Estimate* estimate) {
  if (p.Bool("weighted") && view.weighted()) {
    return RunWeighted(view, p, run, estimate, &WeightedClosenessResult::closeness);
  }
  const ClosenessOptions options{DirectionFrom(p)};
  HALQA_ESTIMATE_ONLY(EstimateCloseness(view, options, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(ClosenessResult got, Closeness(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  return result;
}

absl::StatusOr<AlgorithmResult> RunHarmonic(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate) {
  if (p.Bool("weighted") && view.weighted()) {
    if (p.Integer("k") > 0) {
      return FieldError("CONFLICTING_OPTIONS", "k", "with weights all are computed: k is 0");
    }
    return RunWeighted(view, p, run, estimate, &WeightedClosenessResult::harmonic);
  }
  const HarmonicOptions options{DirectionFrom(p), static_cast<uint32_t>(p.Integer("k"))};
  HALQA_ESTIMATE_ONLY(EstimateHarmonic(view, options, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(HarmonicResult got, Harmonic(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  if (options.k > 0) result.figures["steps"] = static_cast<double>(got.steps);
  return result;
}

absl::StatusOr<AlgorithmResult> RunHyperBall(const CsrView& view, const Values& p, RunContext* run,
                                             Estimate* estimate) {
  HyperBallOptions options;
  options.direction = DirectionFrom(p);
  options.register_bits = static_cast<int>(p.Integer("register_bits"));
  options.hops = static_cast<int>(p.Integer("hops"));
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  // The sizes are turned into columns one after another when the registers are gone.
  const uint64_t turned = WithSmallThings((12 + 8 * uint64_t(options.hops)) * view.vertices);
  HALQA_ESTIMATE_ONLY(std::max(EstimateHyperBall(view, options), turned));
  HALQA_ASSIGN_OR_RETURN(HyperBallResult got, HyperBall(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["relative_standard_deviation"] = got.relative_standard_deviation;
  for (size_t hop = 0; hop < got.reach.size(); ++hop) {
    std::vector<float>& sizes = got.reach[hop];
    result.columns.push_back(
        {absl::StrCat("within_", hop + 1), std::vector<double>(sizes.begin(), sizes.end())});
    sizes = {};
  }
  for (size_t hop = 0; hop < got.pairs.size() && hop <= 16; ++hop) {
    result.figures[absl::StrCat("pairs_within_", hop, "_hops")] = got.pairs[hop];
  }
  return result;
}

absl::StatusOr<AlgorithmResult> RunBetweenness(const CsrView& view, const Values& p,
                                               RunContext* run, Estimate* estimate) {
  AlgorithmResult result;
  if (p.Bool("weighted") && view.weighted()) {
    HALQA_ESTIMATE_ONLY(EstimateWeightedBetweenness(view, {}));
    HALQA_ASSIGN_OR_RETURN(WeightedBetweennessResult got, WeightedBetweenness(view, {}, *run));
    result.values = std::move(got.scores);
    return result;
  }
  HALQA_ESTIMATE_ONLY(EstimateBetweenness(view, {}, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(BetweennessResult got, Betweenness(view, {}, *run));
  result.values = std::move(got.scores);
  return result;
}

// Columns low and high: what the intervals leave open. Outside `top` only a common end is known.
std::vector<ValueColumn> Intervals(const SampledBetweennessResult& got, uint32_t vertices) {
  ValueColumn low{"low", std::vector<double>(vertices, 0)};
  ValueColumn high{"high", std::vector<double>(vertices, got.others_high)};
  for (const BetweennessInterval& i : got.top) {
    low.values[i.vertex] = i.low;
    high.values[i.vertex] = i.high;
  }
  std::vector<ValueColumn> columns;  // an initializer list would copy them
  columns.push_back(std::move(low));
  columns.push_back(std::move(high));
  return columns;
}

absl::StatusOr<AlgorithmResult> RunSampled(const CsrView& view, const Values& p, RunContext* run,
                                           Estimate* estimate) {
  SampledBetweennessOptions options;
  options.epsilon = p.Double("epsilon");
  options.delta = p.Double("delta");
  options.k = static_cast<uint32_t>(p.Integer("k"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_ONLY(EstimateSampledBetweenness(view, options, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(SampledBetweennessResult got, SampledBetweenness(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  result.columns = Intervals(got, view.vertices);
  const double n = view.vertices;
  const double pairs = n * (n - 1) * (view.symmetric ? 0.5 : 1);
  result.figures["samples"] = static_cast<double>(got.samples);
  result.figures["error_bound"] = got.half_width * std::max(0.0, pairs);
  result.figures["others_high"] = got.others_high;
  return result;
}

AlgorithmEntry BetweennessEntry() {
  return {{.name = "betweenness",
           .version = kBetweennessVersion,
           .summary = "shortest paths through the vertex, shares summed over all pairs",
           .superlinear = true,
           .parameters = {Weighted()},
           .time = "O(vertices * arcs); weighted also * log vertices, one thread",
           .memory = "136 bytes per vertex, 24 more per thread; weighted 60 and 8 per arc",
           .paper = "Brandes 2001"},
          RunBetweenness};
}

AlgorithmEntry SampledEntry() {
  return {{.name = "sampled_betweenness",
           .version = kSampledBetweennessVersion,
           .summary = "betweenness of the k largest within epsilon * pairs; the others 0; columns "
                      "low and high: between what it surely is",
           .parameters = {NumberParameter("epsilon", 1e-4, 0.5, "0.01",
                                          "largest error, as a share of all pairs"),
                          NumberParameter("delta", 1e-9, 0.5, "0.1",
                                          "probability that some error is larger"),
                          IntegerParameter("k", 1, 4e9, "100", "vertices with a value"),
                          IntegerParameter("seed", 0, 9e15, "1", "of the sample")},
           .time = "at most ln(32 * vertices / delta) / (2 epsilon^2) paths",
           .memory = "4 bytes per vertex, 32 more per thread",
           .paper = "Riondato, Kornaropoulos 2016; Borassi, Natale 2016"},
          RunSampled};
}

}  // namespace

std::vector<AlgorithmEntry> DistanceAlgorithms() {
  return {{{.name = "closeness",
            .version = kClosenessVersion,
            .summary = "how near everybody is: reached^2 / (sum of distances * (vertices - 1))",
            .superlinear = true,
            .parameters = {Direction(), Weighted()},
            .time = "O(vertices * arcs), 64 searches share a pass; weighted also * log vertices",
            .memory = "8 bytes per vertex, 36 more per thread",
            .paper = "Wasserman, Faust 1994"},
           RunCloseness},
          {{.name = "harmonic",
            .version = kHarmonicVersion,
            .summary = "sum of 1 / distance over all others",
            .superlinear = true,
            .parameters = {Direction(),
                           IntegerParameter("k", 0, 4e9, "0",
                                            "only the k largest, exactly, the others 0; 0: all"),
                           Weighted()},
            .time = "O(vertices * arcs); with k far less",
            .memory = "8 bytes per vertex, 36 more per thread; with k 16 and 8",
            .paper = "Boldi, Vigna 2014; Bergamini and others 2019"},
           RunHarmonic},
          {{.name = "hyperball",
            .version = kHyperBallVersion,
            .summary = "harmonic centrality of all vertices, estimated by growing balls",
            .parameters = {Direction(),
                           IntegerParameter("register_bits", 4, 14, "8",
                                            "2^register_bits registers per vertex"),
                           IntegerParameter("hops", 0, 16, "0",
                                            "columns within_1, within_2, ...: how many vertices "
                                            "are so near, the vertex included"),
                           IntegerParameter("iterations", 1, 1000000, "1000000", "most hops"),
                           IntegerParameter("seed", 0, 9e15, "1", "of the hash function")},
            .time = "O((vertices + arcs) * 2^register_bits) per hop",
            .memory = "2 * 2^register_bits + 14 + 4 * hops bytes per vertex",
            .paper = "Boldi, Vigna 2013"},
           RunHyperBall},
          BetweennessEntry(),
          SampledEntry()};
}

}  // namespace halqa
