#include <cmath>

#include "engine/algo/centrality/psi_score.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

// The model as the paper states it, for one origin at a time.
struct Model {
  const CsrView& view;
  std::vector<long double> posting, reposting;

  // The share of `origin` on each feed: rounds of p_n = sum over followed j of
  // (posting_j [j = origin] + reposting_j p_j) / sum over followed j of (posting_j + reposting_j).
  std::vector<long double> Feeds(VertexIndex origin) const {
    std::vector<long double> p(view.vertices, 0.0L);
    for (int round = 0; round < 100000; ++round) {
      std::vector<long double> next(view.vertices, 0.0L);
      long double change = 0;
      for (VertexIndex n = 0; n < view.vertices; ++n) {
        long double all = 0;
        for (const VertexIndex j : view.Out(n)) {
          next[n] += (j == origin ? posting[j] : 0.0L) + reposting[j] * p[j];
          all += posting[j] + reposting[j];
        }
        next[n] = all > 0 ? next[n] / all : 0.0L;
        change += std::fabs(next[n] - p[n]);
      }
      p.swap(next);
      if (change < 1e-17L) break;
    }
    return p;
  }

  long double Score(VertexIndex origin) const {
    const std::vector<long double> feeds = Feeds(origin);
    long double sum = 0;
    for (VertexIndex n = 0; n < view.vertices; ++n) {
      const long double all = posting[n] + reposting[n];
      if (all == 0) continue;
      sum += ((n == origin ? posting[n] : 0.0L) + reposting[n] * feeds[n]) / all;
    }
    return sum / view.vertices;
  }
};

}  // namespace

absl::StatusOr<double> VerifyPsiScore(const CsrView& view, const PsiScoreOptions& options,
                                      absl::Span<const double> scores) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  if (scores.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "scores", "one score per vertex expected");
  }
  Model model{view, std::vector<long double>(view.vertices, options.posting_rate),
              std::vector<long double>(view.vertices, options.reposting_rate)};
  for (size_t v = 0; v < options.posting.size(); ++v) model.posting[v] = options.posting[v];
  for (size_t v = 0; v < options.reposting.size(); ++v) model.reposting[v] = options.reposting[v];
  long double distance = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    distance += std::fabs(model.Score(v) - scores[v]);
  }
  return static_cast<double>(distance);
}

}  // namespace halqa
