// Random walks: PageRank and its kin.

#include <algorithm>

#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/top_page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

using Vertices = std::vector<TeleportEntry>;

PageRankOptions PageRankFrom(const Values& p) {
  PageRankOptions options;
  options.damping = p.Double("damping");
  options.tolerance = p.Double("tolerance");
  options.iterations = static_cast<int>(p.Integer("iterations"));
  return options;
}

absl::StatusOr<AlgorithmResult> FromPageRank(PageRankResult got) {
  AlgorithmResult result;
  result.values = std::move(got.scores);
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.residual = got.residual;
  result.figures["l1_error_bound"] = got.l1_error_bound;
  return result;
}

absl::StatusOr<AlgorithmResult> RunPageRank(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate) {
  const PageRankOptions options = PageRankFrom(p);
  HALQA_ESTIMATE_ONLY(EstimatePageRank(view, options));
  HALQA_ASSIGN_OR_RETURN(PageRankResult got, PageRank(view, options, *run));
  return FromPageRank(std::move(got));
}

absl::StatusOr<AlgorithmResult> RunPersonalized(const CsrView& view, const Values& p,
                                                RunContext* run, Estimate* estimate) {
  PageRankOptions options = PageRankFrom(p);
  const Vertices source = p.VerticesOf("source");
  options.teleport_sparse = source;
  HALQA_ESTIMATE_ONLY(EstimatePageRank(view, options));
  HALQA_ASSIGN_OR_RETURN(PageRankResult got, PageRank(view, options, *run));
  return FromPageRank(std::move(got));
}

absl::StatusOr<AlgorithmResult> RunTopic(const CsrView& view, const Values& p, RunContext* run,
                                         Estimate* estimate) {
  const PageRankOptions global = PageRankFrom(p);
  TopicPageRankOptions options;
  options.damping = global.damping;
  options.tolerance = global.tolerance;
  options.iterations = global.iterations;
  options.topics = {p.VerticesOf("source")};
  HALQA_ESTIMATE_ONLY(8 * uint64_t{view.vertices} + std::max(EstimatePageRank(view, global),
                                                             EstimateTopicPageRank(view, options)));
  RunContext first = run->Part(0, 0.5);
  HALQA_ASSIGN_OR_RETURN(const PageRankResult everywhere, PageRank(view, global, first));
  RunContext second = run->Part(0.5, 0.98), last = run->Part(0.98, 1);
  HALQA_ASSIGN_OR_RETURN(const TopicPageRankResult topic, TopicPageRank(view, options, second));
  AlgorithmResult result;
  if (view.vertices > 0) {
    HALQA_ASSIGN_OR_RETURN(const std::vector<double> personal, MixTopics(topic, {1.0}));
    HALQA_ASSIGN_OR_RETURN(result.values,
                           TopicAuthority(personal, everywhere.scores, p.Double("gamma"), last));
  }
  result.rounds = topic.rounds;
  result.converged = topic.converged && everywhere.converged;
  result.residual = topic.residuals[0];
  result.figures["l1_error_bound"] = topic.l1_error_bounds[0];
  return result;
}

absl::StatusOr<AlgorithmResult> RunTop(const CsrView& view, const Values& p, RunContext* run,
                                       Estimate* estimate) {
  TopPageRankOptions options;
  options.damping = p.Double("damping");
  options.k = static_cast<uint32_t>(p.Integer("k"));
  options.residual_max = p.Double("residual_max");
  options.steps_max = static_cast<uint64_t>(p.Integer("steps_max"));
  options.milliseconds_max = p.Double("milliseconds_max");
  const Vertices source = p.VerticesOf("source");
  options.source = source;
  HALQA_ESTIMATE_MOST(EstimateTopPageRank(view, options));
  HALQA_ASSIGN_OR_RETURN(const TopPageRankResult got, TopPageRank(view, options, *run));
  AlgorithmResult result;
  std::vector<double> values(view.vertices, 0);
  for (const TopPageRankResult::Entry& e : got.top) values[e.vertex] = e.score;
  result.values = std::move(values);
  result.converged = got.complete;
  result.residual = got.residual;
  result.figures = {{"certified", got.certified}, {"steps", static_cast<double>(got.steps)}};
  return result;
}

// `extra`, then what all walks have.
std::vector<ParameterDescriptor> WalkParameters(std::vector<ParameterDescriptor> extra = {}) {
  extra.push_back(NumberParameter("damping", 0, 0.9999, "0.85", "probability of following an arc"));
  extra.push_back(NumberParameter(
      "tolerance", 0, 1, "1e-9",
      "stop when the L1 change of a round is at most this; 0 runs exactly `iterations` rounds"));
  extra.push_back(IntegerParameter("iterations", 1, 1000000, "200", "most rounds"));
  return extra;
}

ParameterDescriptor Source() {
  return VerticesParameter("source", "",
                           "where jumps land: VERTEX or VERTEX=WEIGHT, separated by commas");
}

}  // namespace

std::vector<AlgorithmEntry> WalkAlgorithms() {
  return {
      {{.name = "page_rank",
        .version = kPageRankVersion,
        .summary = "PageRank, sum 1, dangling mass jumps",
        .parameters = WalkParameters(),
        .time = "O(arcs) per round",
        .memory = "32 bytes per vertex",
        .paper = "Page, Brin, Motwani, Winograd 1999"},
       RunPageRank},
      {{.name = "personalized_page_rank",
        .version = kPageRankVersion,
        .summary = "PageRank with jumps to chosen vertices",
        .parameters = WalkParameters({Source()}),
        .time = "O(arcs) per round",
        .memory = "40 bytes per vertex",
        .paper = "Haveliwala 2002"},
       RunPersonalized},
      {{.name = "top_page_rank",
        .version = kTopPageRankVersion,
        .summary = "the first k of personalized_page_rank by pushing, with a certificate; others 0",
        .adaptive = true,
        .parameters =
            {Source(), IntegerParameter("k", 1, 1000000, "100", "how many"),
             NumberParameter("damping", 0, 0.9999, "0.85", "probability of following an arc"),
             NumberParameter("residual_max", 1e-15, 1, "1e-9",
                             "stop when no more mass than this is unplaced"),
             IntegerParameter("steps_max", 0, 1e15, "0", "stop after so many arcs; 0 = no limit"),
             NumberParameter("milliseconds_max", 0, 1e9, "0", "stop after so long; 0 = no limit")},
        .time = "independent of the graph until the mass has spread over it",
        .memory = "24 bytes per vertex, 21 more per vertex that is reached",
        .paper = "Andersen, Chung, Lang 2006; Wu, Gan, Wei, Zhang 2021"},
       RunTop},
      {{.name = "topic_page_rank",
        .version = kTopicPageRankVersion,
        .summary = "authority inside a topic: personal * (personal / global)^gamma",
        .parameters =
            WalkParameters({Source(), NumberParameter("gamma", 0, 4, "0.5",
                                                      "how much global celebrity is discounted")}),
        .time = "O(arcs) per round, two solves",
        .memory = "56 bytes per vertex",
        .paper = "Haveliwala 2002"},
       RunTopic}};
}

}  // namespace halqa
