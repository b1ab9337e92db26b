#include "engine/algo/centrality/article_rank.h"

#include <algorithm>

#include "engine/algo/centrality/affine_rounds.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

struct OutWeights {
  double mean = 0, largest = 0;
};

absl::StatusOr<OutWeights> MeasureOut(const CsrView& view, bool weighted, RunContext& run) {
  PullLoop loop(PullLoop::Out(view, weighted), run, 1);
  HALQA_ASSIGN_OR_RETURN(const Tally t, loop.Scan([&](VertexIndex v, Tally& tally) {
    const double weight = loop.RowWeight(v);
    tally.sum += weight;
    tally.Include(weight);
  }));
  return OutWeights{t.sum / view.vertices, t.high};
}

absl::Status Solve(const CsrView& view, const ArticleRankOptions& options, RunContext& run,
                   ArticleRankResult* result) {
  HALQA_ASSIGN_OR_RETURN(const OutWeights out, MeasureOut(view, options.weighted, run));
  const PullLoop rows(PullLoop::Out(view, options.weighted), run, 1);
  AffineRounds rounds(view, options.weighted, run, options.iterations);
  auto base = [&](VertexIndex) { return 1 - options.damping; };
  auto gain = [&](VertexIndex) { return options.damping; };
  auto share = [&](VertexIndex v) { return out.mean > 0 ? 1 / (rows.RowWeight(v) + out.mean) : 0; };
  const double contraction =
      out.mean > 0 ? options.damping * out.largest / (out.largest + out.mean) : 0;
  HALQA_RETURN_IF_ERROR(rounds.Start(base, share, &result->scores));
  while (result->rounds < options.iterations && !result->converged) {
    HALQA_ASSIGN_OR_RETURN(const double change, rounds.Round(base, gain, &result->scores));
    ++result->rounds;
    result->residual = change / view.vertices;
    result->converged = options.tolerance > 0 && result->residual <= options.tolerance;
  }
  result->error_bound = result->residual * contraction / (1 - contraction);
  return absl::OkStatus();
}

}  // namespace

absl::Status ArticleRankOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("damping", damping, 0, 0.9999));
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  return RequireRange("iterations", iterations, 1, 1000000);
}

uint64_t EstimateArticleRank(const CsrView& view, const ArticleRankOptions&) {
  return WithSmallThings(32 * uint64_t{view.vertices});
}

absl::StatusOr<ArticleRankResult> ArticleRank(const CsrView& view,
                                              const ArticleRankOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateArticleRank(view, options)));
  ArticleRankResult result;
  result.converged = view.vertices == 0;
  if (view.vertices > 0) HALQA_RETURN_IF_ERROR(Solve(view, options, run, &result));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
