// Centralities that solve a linear system or an eigenproblem, random walks apart.

#include "absl/strings/str_cat.h"
#include "engine/algo/centrality/article_rank.h"
#include "engine/algo/centrality/eigenvector.h"
#include "engine/algo/centrality/hits.h"
#include "engine/algo/centrality/katz.h"
#include "engine/algo/centrality/psi_score.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

template <typename Options>
void ReadRounds(const Values& p, Options* options) {
  options->tolerance = p.Double("tolerance");
  options->iterations = static_cast<int>(p.Integer("iterations"));
}

// Rounds, residual and convergence, which all of them have.
template <typename Got>
AlgorithmResult WithRounds(const Got& got) {
  AlgorithmResult result;
  result.rounds = got.rounds;
  result.converged = got.converged;
  result.residual = got.residual;
  return result;
}

absl::StatusOr<AlgorithmResult> RunEigenvector(const CsrView& view, const Values& p,
                                               RunContext* run, Estimate* estimate) {
  EigenvectorOptions options;
  ReadRounds(p, &options);
  HALQA_ESTIMATE_ONLY(EstimateEigenvector(view, options));
  HALQA_ASSIGN_OR_RETURN(EigenvectorResult got, Eigenvector(view, options, *run));
  AlgorithmResult result = WithRounds(got);
  result.values = std::move(got.scores);
  result.figures["eigenvalue"] = got.eigenvalue;
  return result;
}

absl::StatusOr<AlgorithmResult> RunKatz(const CsrView& view, const Values& p, RunContext* run,
                                        Estimate* estimate) {
  KatzOptions options;
  ReadRounds(p, &options);
  options.alpha = p.Double("alpha");
  HALQA_ESTIMATE_ONLY(EstimateKatz(view, options));
  HALQA_ASSIGN_OR_RETURN(KatzResult got, Katz(view, options, *run));
  AlgorithmResult result = WithRounds(got);
  result.values = std::move(got.scores);
  result.figures["alpha"] = got.alpha;
  result.figures["eigenvalue_low"] = got.eigenvalue_low;
  result.figures["eigenvalue_high"] = got.eigenvalue_high;
  result.figures["error_bound"] = got.error_bound;
  return result;
}

absl::StatusOr<AlgorithmResult> RunHits(const CsrView& view, const Values& p, RunContext* run,
                                        Estimate* estimate) {
  HitsOptions options;
  ReadRounds(p, &options);
  HALQA_ESTIMATE_ONLY(EstimateHits(view, options));
  HALQA_ASSIGN_OR_RETURN(HitsResult got, Hits(view, options, *run));
  AlgorithmResult result = WithRounds(got);
  result.values = std::move(p.Text("kind") == "hub" ? got.hubs : got.authorities);
  result.figures["eigenvalue"] = got.eigenvalue;
  result.figures["parts"] = got.parts;
  return result;
}

absl::StatusOr<AlgorithmResult> RunArticleRank(const CsrView& view, const Values& p,
                                               RunContext* run, Estimate* estimate) {
  ArticleRankOptions options;
  ReadRounds(p, &options);
  options.damping = p.Double("damping");
  HALQA_ESTIMATE_ONLY(EstimateArticleRank(view, options));
  HALQA_ASSIGN_OR_RETURN(ArticleRankResult got, ArticleRank(view, options, *run));
  AlgorithmResult result = WithRounds(got);
  result.values = std::move(got.scores);
  result.figures["error_bound"] = got.error_bound;
  return result;
}

absl::StatusOr<AlgorithmResult> RunPsiScore(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate) {
  PsiScoreOptions options;
  ReadRounds(p, &options);
  options.posting_rate = p.Double("posting_rate");
  options.reposting_rate = p.Double("reposting_rate");
  HALQA_ESTIMATE_ONLY(EstimatePsiScore(view, options));
  HALQA_ASSIGN_OR_RETURN(PsiScoreResult got, PsiScore(view, options, *run));
  AlgorithmResult result = WithRounds(got);
  result.values = std::move(got.scores);
  result.figures["l1_error_bound"] = got.l1_error_bound;
  return result;
}

// `extra`, then what all solvers have.
std::vector<ParameterDescriptor> Rounds(const char* what, const char* iterations,
                                        std::vector<ParameterDescriptor> extra = {}) {
  extra.push_back(NumberParameter(
      "tolerance", 0, 1, "1e-9",
      absl::StrCat("stop when ", what, " is at most this; 0 runs exactly `iterations` rounds")));
  extra.push_back(IntegerParameter("iterations", 1, 1000000, iterations, "most rounds"));
  return extra;
}

AlgorithmEntry EigenvectorEntry() {
  return {{.name = "eigenvector",
           .version = kEigenvectorVersion,
           .summary = "important by important followers; Euclidean norm 1",
           .parameters = Rounds("the Euclidean change of a round", "1000"),
           .time = "O(arcs) per round",
           .memory = "16 bytes per vertex",
           .paper = "Bonacich 1987"},
          RunEigenvector};
}

AlgorithmEntry KatzEntry() {
  return {{.name = "katz",
           .version = kKatzVersion,
           .summary = "walks that end at the vertex, alpha for each arc",
           .parameters =
               Rounds("the largest change, relative to the largest score,", "1000",
                      {NumberParameter("alpha", 0, 1e9, "0",
                                       "below 1 / largest eigenvalue; 0: 0.85 of a safe bound")}),
           .time = "O(arcs) per round",
           .memory = "24 bytes per vertex",
           .paper = "Katz 1953"},
          RunKatz};
}

AlgorithmEntry HitsEntry() {
  return {{.name = "hits",
           .version = kHitsVersion,
           .summary = "authorities that good hubs follow, or those hubs; unique if `parts` is 1",
           .parameters = Rounds("the L1 change of the authorities", "1000",
                                {ChoiceParameter("kind", "authority", {"authority", "hub"},
                                                 "which of the two the values are")}),
           .time = "O(arcs) per round, twice",
           .memory = "24 bytes per vertex",
           .paper = "Kleinberg 1999"},
          RunHits};
}

AlgorithmEntry ArticleRankEntry() {
  return {{.name = "article_rank",
           .version = kArticleRankVersion,
           .summary = "PageRank in which those who follow few count less; not normalised",
           .parameters = Rounds(
               "the mean change of a round", "200",
               {NumberParameter("damping", 0, 0.9999, "0.85", "probability of following an arc")}),
           .time = "O(arcs) per round",
           .memory = "32 bytes per vertex",
           .paper = "Li, Willett 2009"},
          RunArticleRank};
}

AlgorithmEntry PsiScoreEntry() {
  return {{.name = "psi_score",
           .version = kPsiScoreVersion,
           .summary = "mean share of all walls that comes from the vertex, all equally active",
           .parameters = Rounds(
               "the change of a round, per vertex,", "1000",
               {NumberParameter("posting_rate", 1e-9, 1e9, "0.15", "own posts per unit of time"),
                NumberParameter("reposting_rate", 0, 1e9, "0.85", "reposts per unit of time")}),
           .time = "O(arcs) per round",
           .memory = "32 bytes per vertex",
           .paper = "Giovanidis and others 2021; Arhachoui and others 2022"},
          RunPsiScore};
}

}  // namespace

std::vector<AlgorithmEntry> SpectralAlgorithms() {
  return {EigenvectorEntry(), KatzEntry(), HitsEntry(), ArticleRankEntry(), PsiScoreEntry()};
}

}  // namespace halqa
