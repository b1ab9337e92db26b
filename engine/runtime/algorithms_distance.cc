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

absl::StatusOr<AlgorithmResult> RunCloseness(const CsrView& view, const Values& p, RunContext* run,
                                             Estimate* estimate) {
  const ClosenessOptions options{DirectionFrom(p)};
  HALQA_ESTIMATE_ONLY(EstimateCloseness(view, options, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(ClosenessResult got, Closeness(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  return result;
}

absl::StatusOr<AlgorithmResult> RunHarmonic(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate) {
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
  options.hops = 0;
  options.iterations = static_cast<int>(p.Integer("iterations"));
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  HALQA_ESTIMATE_ONLY(EstimateHyperBall(view, options));
  HALQA_ASSIGN_OR_RETURN(HyperBallResult got, HyperBall(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.scores);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.figures["relative_standard_deviation"] = got.relative_standard_deviation;
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
           .parameters = {BoolParameter("weighted", "false", "weights are distances, all above 0")},
           .time = "O(vertices * arcs); weighted also * log vertices, one thread",
           .memory = "136 bytes per vertex, 24 more per core; weighted 128 and 56 per arc",
           .paper = "Brandes 2001"},
          RunBetweenness};
}

AlgorithmEntry SampledEntry() {
  return {{.name = "sampled_betweenness",
           .version = kSampledBetweennessVersion,
           .summary = "betweenness of the k largest within epsilon * pairs; the others 0",
           .parameters = {NumberParameter("epsilon", 1e-4, 0.5, "0.01",
                                          "largest error, as a share of all pairs"),
                          NumberParameter("delta", 1e-9, 0.5, "0.1",
                                          "probability that some error is larger"),
                          IntegerParameter("k", 1, 4e9, "100", "vertices with a value"),
                          IntegerParameter("seed", 0, 9e15, "1", "of the sample")},
           .time = "at most ln(32 * vertices / delta) / (2 epsilon^2) paths",
           .memory = "4 bytes per vertex, 32 more per core",
           .paper = "Riondato, Kornaropoulos 2016; Borassi, Natale 2016"},
          RunSampled};
}

}  // namespace

std::vector<AlgorithmEntry> DistanceAlgorithms() {
  return {{{.name = "closeness",
            .version = kClosenessVersion,
            .summary = "how near everybody is: reached^2 / (sum of distances * (vertices - 1))",
            .superlinear = true,
            .parameters = {Direction()},
            .time = "O(vertices * arcs), 64 searches share a pass",
            .memory = "8 bytes per vertex, 36 more per core",
            .paper = "Wasserman, Faust 1994"},
           RunCloseness},
          {{.name = "harmonic",
            .version = kHarmonicVersion,
            .summary = "sum of 1 / distance over all others",
            .superlinear = true,
            .parameters = {Direction(),
                           IntegerParameter("k", 0, 4e9, "0",
                                            "only the k largest, exactly, the others 0; 0: all")},
            .time = "O(vertices * arcs); with k far less",
            .memory = "8 bytes per vertex, 36 more per core; with k 16 and 8",
            .paper = "Boldi, Vigna 2014; Bergamini and others 2019"},
           RunHarmonic},
          {{.name = "hyperball",
            .version = kHyperBallVersion,
            .summary = "harmonic centrality of all vertices, estimated by growing balls",
            .parameters = {Direction(),
                           IntegerParameter("register_bits", 4, 14, "8",
                                            "2^register_bits registers per vertex"),
                           IntegerParameter("iterations", 1, 1000000, "1000000", "most hops"),
                           IntegerParameter("seed", 0, 9e15, "1", "of the hash function")},
            .time = "O((vertices + arcs) * 2^register_bits) per hop",
            .memory = "2 * 2^register_bits + 14 bytes per vertex",
            .paper = "Boldi, Vigna 2013"},
           RunHyperBall},
          BetweennessEntry(),
          SampledEntry()};
}

}  // namespace halqa
