#include "engine/algo/centrality/katz.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/algo/centrality/pull_loop.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"

namespace halqa {
namespace {

constexpr double kDefaultShare = 0.85;   // of the largest alpha that the bound allows
constexpr int kDefaultBoundRounds = 50;  // for an alpha of our choice the bound need not be tight
constexpr double kCertain = 1 - 1e-12;   // theta must be below this: room for rounding
constexpr double kLeast = 1e-200;        // z stays positive

class Solver {
 public:
  Solver(const CsrView& view, const KatzOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        loop_(PullLoop::In(view, options.weighted), run, 2.0 * options.iterations),
        z_(view.vertices, 1.0),
        next_(view.vertices) {}

  absl::StatusOr<KatzResult> Run();

 private:
  absl::Status BoundRound();
  absl::Status FindBound();
  absl::Status ChooseAlpha();
  absl::Status ScoreRound();
  absl::Status TooLarge() const;

  const CsrView& view_;
  const KatzOptions& options_;
  RunContext& run_;
  PullLoop loop_;
  Array<double> z_;  // positive, largest entry 1; A z_ <= eigenvalue_high · z_
  Array<double> next_;
  double mean_weight_ = -1;  // of an arc; -1 = not known yet
  KatzResult result_;
};

// Bounds by z_, exactly for any positive vector: min and max of (Az)_v / z_v, on symmetric graphs
// also the Rayleigh quotient. Leaves Az in next_.
absl::Status Solver::BoundRound() {
  HALQA_ASSIGN_OR_RETURN(const Tally t,
                         loop_.Gather(z_.data(), [&](VertexIndex v, double sum, Tally& tally) {
                           next_[v] = sum;
                           tally.Include(sum / z_[v]);
                           tally.sum += sum * z_[v];
                           tally.other += z_[v] * z_[v];
                         }));
  const double low = view_.symmetric ? std::max(t.low, t.sum / t.other) : t.low;
  result_.eigenvalue_low = std::max(result_.eigenvalue_low, low);
  result_.eigenvalue_high = t.high;
  // z_ starts as all ones.
  if (mean_weight_ < 0)
    mean_weight_ = view_.arcs() > 0 ? t.sum / static_cast<double>(view_.arcs()) : 0;
  return absl::OkStatus();
}

// Power iteration until alpha is settled one way or the other.
absl::Status Solver::FindBound() {
  const bool ours = options_.alpha == 0;
  const int rounds =
      ours ? std::min(kDefaultBoundRounds, options_.iterations) : options_.iterations;
  double before = std::numeric_limits<double>::infinity();
  for (int round = 1; round <= rounds; ++round) {
    HALQA_RETURN_IF_ERROR(BoundRound());
    const double high = result_.eigenvalue_high;
    if (high == 0 || round == rounds) break;
    if (!ours && options_.alpha * high < kCertain) break;
    if (!ours && options_.alpha * result_.eigenvalue_low >= 1) break;
    if (ours && (high - result_.eigenvalue_low <= 0.01 * high || before - high <= 1e-3 * high))
      break;
    before = high;
    HALQA_ASSIGN_OR_RETURN(const Tally t, loop_.Scan([&](VertexIndex v, Tally& tally) {
      next_[v] += high / 4 * z_[v];
      tally.Include(next_[v]);
    }));
    HALQA_RETURN_IF_ERROR(
        loop_.Scan([&](VertexIndex v, Tally&) { z_[v] = std::max(next_[v] / t.high, kLeast); })
            .status());
  }
  return absl::OkStatus();
}

absl::Status Solver::TooLarge() const {
  const std::string low = absl::StrCat(result_.eigenvalue_low);
  const std::string high = absl::StrCat(result_.eigenvalue_high);
  absl::Status status = FieldError("ALPHA_TOO_LARGE", "alpha",
                                   absl::StrCat("alpha is ", options_.alpha,
                                                ", must be below 1 / the largest eigenvalue, which "
                                                "is in [",
                                                low, ", ", high, "]: any alpha below ",
                                                1 / result_.eigenvalue_high, " will do"));
  return WithDetail(WithDetail(status, "eigenvalue_low", low), "eigenvalue_high", high);
}

absl::Status Solver::ChooseAlpha() {
  result_.alpha = options_.alpha;
  if (options_.alpha == 0) {
    const double most = std::max(result_.eigenvalue_high, mean_weight_);
    result_.alpha = most > 0 ? kDefaultShare / most : kDefaultShare;
  }
  return result_.alpha * result_.eigenvalue_high < kCertain ? absl::OkStatus() : TooLarge();
}

absl::Status Solver::ScoreRound() {
  std::vector<double>& x = result_.scores;
  HALQA_ASSIGN_OR_RETURN(Tally t,
                         loop_.Gather(x.data(), [&](VertexIndex v, double sum, Tally& tally) {
                           next_[v] = 1 + result_.alpha * sum;
                           tally.Include(std::fabs(next_[v] - x[v]) / z_[v]);
                         }));
  const double theta = result_.alpha * result_.eigenvalue_high;
  result_.error_bound = t.high * theta / (1 - theta);
  HALQA_ASSIGN_OR_RETURN(t, loop_.Scan([&](VertexIndex v, Tally& tally) {
    tally.low = std::min(tally.low, -next_[v]);
    tally.high = std::max(tally.high, std::fabs(next_[v] - x[v]));
    x[v] = next_[v];
  }));
  result_.residual = t.high;
  ++result_.rounds;
  result_.converged = options_.tolerance > 0 && t.high <= options_.tolerance * -t.low;
  return absl::OkStatus();
}

absl::StatusOr<KatzResult> Solver::Run() {
  if (view_.vertices == 0) {
    result_.converged = true;
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
    return std::move(result_);
  }
  HALQA_RETURN_IF_ERROR(FindBound());
  HALQA_RETURN_IF_ERROR(ChooseAlpha());
  result_.scores.assign(view_.vertices, 1.0);
  while (result_.rounds < options_.iterations && !result_.converged) {
    HALQA_RETURN_IF_ERROR(ScoreRound());
  }
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  return std::move(result_);
}

}  // namespace

absl::Status KatzOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("alpha", alpha, 0, 1e9));
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  return RequireRange("iterations", iterations, 1, 1000000);
}

uint64_t EstimateKatz(const CsrView& view, const KatzOptions&) {
  return WithSmallThings(24 * uint64_t{view.vertices});
}

absl::StatusOr<KatzResult> Katz(const CsrView& view, const KatzOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateKatz(view, options)));
  return Solver(view, options, run).Run();
}

}  // namespace halqa
