#include "engine/algo/centrality/psi_score.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/algo/centrality/affine_rounds.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

// Rates of one account, and what follows from them.
class Rates {
 public:
  Rates(const CsrView& view, const PsiScoreOptions& options) : view_(view), options_(options) {}

  double Posting(VertexIndex v) const {
    return options_.posting.empty() ? options_.posting_rate : options_.posting[v];
  }
  double Reposting(VertexIndex v) const {
    return options_.reposting.empty() ? options_.reposting_rate : options_.reposting[v];
  }
  // The share of its wall that comes from the feed, and from itself.
  double Passed(VertexIndex v) const { return Share(Reposting(v), v); }
  double Own(VertexIndex v) const { return Share(Posting(v), v); }
  // What those that v follows put on its feed per unit of time.
  double Feed(VertexIndex v) const {
    double sum = 0;
    for (const VertexIndex u : view_.Out(v)) sum += Posting(u) + Reposting(u);
    return sum;
  }
  // The share of the feed of v that its senders only pass on.
  double PassedOnFeed(VertexIndex v) const {
    double passed = 0, all = 0;
    for (const VertexIndex u : view_.Out(v)) {
      passed += Reposting(u);
      all += Posting(u) + Reposting(u);
    }
    return all > 0 ? passed / all : 0;
  }

 private:
  double Share(double part, VertexIndex v) const {
    const double all = Posting(v) + Reposting(v);
    return all > 0 ? part / all : 0;
  }

  const CsrView& view_;
  const PsiScoreOptions& options_;
};

absl::Status CheckRates(absl::string_view field, absl::Span<const double> rates, uint64_t size) {
  if (rates.empty()) return absl::OkStatus();
  if (rates.size() != size) {
    return FieldError(
        "LENGTH_MISMATCH", field,
        absl::StrCat(field, " has ", rates.size(), " entries, the graph ", size, " vertices"));
  }
  for (uint64_t v = 0; v < size; ++v) {
    if (rates[v] >= 0 && std::isfinite(rates[v])) continue;
    return FieldError("BAD_WEIGHT", field, absl::StrCat(field, " of vertex ", v, " is ", rates[v]));
  }
  return absl::OkStatus();
}

// s_j = passed_j + reposting_j · g_j with g_j the sum of s_n / feed_n over followers n of j; then
// psi_j = (posting_j · g_j + own_j) / n.
absl::Status Solve(const CsrView& view, const PsiScoreOptions& options, RunContext& run,
                   PsiScoreResult* result) {
  const Rates rates(view, options);
  AffineRounds rounds(view, false, run, options.iterations);
  PullLoop rows(PullLoop::Out(view, false), run, 1);
  HALQA_ASSIGN_OR_RETURN(const Tally passed, rows.Scan([&](VertexIndex v, Tally& t) {
    t.Include(rates.PassedOnFeed(v));
  }));
  auto base = [&](VertexIndex v) { return rates.Passed(v); };
  auto gain = [&](VertexIndex v) { return rates.Reposting(v); };
  auto share = [&](VertexIndex v) {
    const double feed = rates.Feed(v);
    return feed > 0 ? 1 / feed : 0;
  };
  HALQA_RETURN_IF_ERROR(rounds.Start(base, share, &result->scores));
  const double n = view.vertices;
  while (result->rounds < options.iterations && !result->converged) {
    HALQA_ASSIGN_OR_RETURN(const double change, rounds.Round(base, gain, &result->scores));
    ++result->rounds;
    result->residual = change / n;
    result->converged = options.tolerance > 0 && result->residual <= options.tolerance;
  }
  HALQA_RETURN_IF_ERROR(rounds.loop()
                            .Gather(rounds.passed(),
                                    [&](VertexIndex v, double sum, Tally&) {
                                      result->scores[v] =
                                          (rates.Posting(v) * sum + rates.Own(v)) / n;
                                    })
                            .status());
  // What reaches the scores of an error of s is at most its L1 norm / n.
  const double contraction = std::min(1.0, passed.high);
  result->l1_error_bound = contraction < 1 ? result->residual * contraction / (1 - contraction)
                                           : std::numeric_limits<double>::infinity();
  return absl::OkStatus();
}

}  // namespace

absl::Status PsiScoreOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireRange("posting_rate", posting_rate, 1e-9, 1e9));
  HALQA_RETURN_IF_ERROR(RequireRange("reposting_rate", reposting_rate, 0, 1e9));
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  HALQA_RETURN_IF_ERROR(RequireRange("iterations", iterations, 1, 1000000));
  HALQA_RETURN_IF_ERROR(CheckRates("posting", posting, view.vertices));
  return CheckRates("reposting", reposting, view.vertices);
}

uint64_t EstimatePsiScore(const CsrView& view, const PsiScoreOptions&) {
  return WithSmallThings(32 * uint64_t{view.vertices});
}

absl::StatusOr<PsiScoreResult> PsiScore(const CsrView& view, const PsiScoreOptions& options,
                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimatePsiScore(view, options)));
  PsiScoreResult result;
  result.converged = view.vertices == 0;
  if (view.vertices > 0) HALQA_RETURN_IF_ERROR(Solve(view, options, run, &result));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
