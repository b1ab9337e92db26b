#include "engine/algo/centrality/page_rank.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

// Float contributions change a score vector by at most damping · 2^-24 in L1 per round, far below
// this change.
constexpr double kFloatResidualMin = 1e-5;
constexpr double kFloatRounding = 1.2e-7;
constexpr double kDoubleRounding = 1e-14;

absl::Status CheckDistribution(absl::string_view field, absl::Span<const double> weights,
                               uint64_t size) {
  if (weights.size() != size) {
    return FieldError(
        "LENGTH_MISMATCH", field,
        absl::StrCat(field, " has ", weights.size(), " entries, the graph ", size, " vertices"));
  }
  double sum = 0;
  for (uint64_t v = 0; v < size; ++v) {
    if (!(weights[v] >= 0) || !std::isfinite(weights[v])) {
      return FieldError("BAD_WEIGHT", field,
                        absl::StrCat(field, " of vertex ", v, " is ", weights[v]));
    }
    sum += weights[v];
  }
  if (!(sum > 0) || !std::isfinite(sum)) {
    return FieldError("BAD_WEIGHT", field, absl::StrCat(field, " has the sum ", sum));
  }
  return absl::OkStatus();
}

Array<double> Normalised(absl::Span<const double> weights) {
  double sum = 0;
  for (const double w : weights) sum += w;
  Array<double> result(weights.size());
  for (uint64_t v = 0; v < weights.size(); ++v) result[v] = weights[v] / sum;
  return result;
}

// The jump distribution; empty means uniform.
Array<double> JumpDistribution(const PageRankOptions& options, uint32_t n) {
  if (!options.teleport.empty()) return Normalised(options.teleport);
  if (options.teleport_sparse.empty()) return {};
  Array<double> dense(n, 0.0);
  double sum = 0;
  for (const TeleportEntry& e : options.teleport_sparse) {
    dense[e.vertex] += e.weight;
    sum += e.weight;
  }
  for (double& w : dense) w /= sum;
  return dense;
}

// The sum of contributions over in-row [begin, end): four partial sums in a fixed pattern hide the
// latency of addition.
template <typename Real, bool kWeighted>
double Gather(const Real* from, const VertexIndex* sources, const float* weights, uint64_t begin,
              uint64_t end) {
  double s[4] = {0, 0, 0, 0};
  uint64_t a = begin;
  for (; a + 4 <= end; a += 4) {
    for (int j = 0; j < 4; ++j) {
      const double x = static_cast<double>(from[sources[a + j]]);
      s[j] += kWeighted ? x * weights[a + j] : x;
    }
  }
  for (; a < end; ++a) {
    const double x = static_cast<double>(from[sources[a]]);
    s[0] += kWeighted ? x * weights[a] : x;
  }
  return (s[0] + s[1]) + (s[2] + s[3]);
}

// All that one run keeps.
class Solver {
 public:
  Solver(const CsrView& view, const PageRankOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        weighted_(options.weighted && view.weighted()),
        bounds_(RowBlocks(view.in_offsets)),
        jump_(JumpDistribution(options, view.vertices)),
        out_share_(view.vertices) {
    for (Array<double>& c : contributions_) c = Array<double>(view.vertices);
    for (std::vector<double>& parts : parts_) parts.resize(bounds_.size() - 1);
  }

  absl::StatusOr<PageRankResult> Run();

 private:
  uint64_t blocks() const { return bounds_.size() - 1; }
  double Jump(VertexIndex v) const { return jump_.empty() ? 1.0 / view_.vertices : jump_[v]; }
  absl::Status Start();
  absl::Status SpreadAll(bool as_float);
  absl::Status Round(bool as_float);
  template <typename Real, bool kWeighted>
  void RoundBlock(uint64_t block, double jump_mass);
  void Finish(bool certified_in_float, PageRankResult* result);
  Progress Share(double round) const {
    return {round, 1, static_cast<double>(options_.iterations) + 1};
  }

  const CsrView& view_;
  const PageRankOptions& options_;
  RunContext& run_;
  const bool weighted_;
  const std::vector<uint32_t> bounds_;
  Array<double> jump_;
  Array<double> out_share_;         // 1 / out-weight, 0 where the walk must jump
  Array<double> contributions_[2];  // score · out_share, of this round and of the next; may hold
                                    // floats
  std::vector<double> scores_;
  std::vector<double> parts_[2];  // per block: change, mass of vertices that jump
  double stuck_mass_ = 0;
  double residual_ = std::numeric_limits<double>::infinity();
  int rounds_ = 0;
};

absl::Status Solver::Start() {
  scores_.resize(view_.vertices);
  double start_sum = 1;
  if (!options_.start.empty()) {
    start_sum = 0;
    for (const double w : options_.start) start_sum += w;
  }
  const std::vector<uint32_t> rows = RowBlocks(view_.out_offsets);
  return CheckedBlocks(run_, rows.size() - 1, Share(0), [&](uint64_t b) {
    for (VertexIndex v = rows[b]; v < rows[b + 1]; ++v) {
      double out = static_cast<double>(view_.OutDegree(v));
      if (weighted_) {
        out = 0;
        for (uint64_t a = view_.out_offsets[v]; a < view_.out_offsets[v + 1]; ++a) {
          out += view_.out_weights[a];
        }
      }
      out_share_[v] = out > 0 ? 1 / out : 0;
      scores_[v] = options_.start.empty() ? Jump(v) : options_.start[v] / start_sum;
    }
  });
}

// Fills this round's contributions and the stuck mass from the scores.
absl::Status Solver::SpreadAll(bool as_float) {
  auto* const as_floats = reinterpret_cast<float*>(contributions_[0].data());
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks(), Share(rounds_), [&](uint64_t b) {
    double stuck = 0;
    for (VertexIndex v = bounds_[b]; v < bounds_[b + 1]; ++v) {
      const double c = scores_[v] * out_share_[v];
      if (as_float) {
        as_floats[v] = static_cast<float>(c);
      } else {
        contributions_[0][v] = c;
      }
      if (out_share_[v] == 0) stuck += scores_[v];
    }
    parts_[1][b] = stuck;
  }));
  stuck_mass_ = SumInOrder(parts_[1]);
  return absl::OkStatus();
}

template <typename Real, bool kWeighted>
void Solver::RoundBlock(uint64_t block, double jump_mass) {
  const Real* const from = reinterpret_cast<const Real*>(contributions_[0].data());
  Real* const to = reinterpret_cast<Real*>(contributions_[1].data());
  double change = 0;
  double stuck = 0;
  for (VertexIndex v = bounds_[block]; v < bounds_[block + 1]; ++v) {
    const double sum =
        Gather<Real, kWeighted>(from, view_.in_sources.data(), view_.in_weights.data(),
                                view_.in_offsets[v], view_.in_offsets[v + 1]);
    const double score = options_.damping * sum + jump_mass * Jump(v);
    change += std::fabs(score - scores_[v]);
    scores_[v] = score;
    to[v] = static_cast<Real>(score * out_share_[v]);
    if (out_share_[v] == 0) stuck += score;
  }
  parts_[0][block] = change;
  parts_[1][block] = stuck;
}

absl::Status Solver::Round(bool as_float) {
  const double jump_mass = 1 - options_.damping + options_.damping * stuck_mass_;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks(), Share(rounds_ + 1), [&](uint64_t b) {
    if (as_float) {
      weighted_ ? RoundBlock<float, true>(b, jump_mass) : RoundBlock<float, false>(b, jump_mass);
    } else {
      weighted_ ? RoundBlock<double, true>(b, jump_mass) : RoundBlock<double, false>(b, jump_mass);
    }
  }));
  residual_ = SumInOrder(parts_[0]);
  stuck_mass_ = SumInOrder(parts_[1]);
  std::swap(contributions_[0], contributions_[1]);
  ++rounds_;
  return absl::OkStatus();
}

void Solver::Finish(bool certified_in_float, PageRankResult* result) {
  double sum = 0;
  for (uint64_t b = 0; b < blocks(); ++b) {
    double part = 0;
    for (VertexIndex v = bounds_[b]; v < bounds_[b + 1]; ++v) part += scores_[v];
    sum += part;
  }
  for (double& score : scores_) score /= sum;
  const double d = options_.damping;
  const double rounding = certified_in_float ? kFloatRounding : kDoubleRounding;
  result->scores = std::move(scores_);
  result->rounds = rounds_;
  result->residual = residual_;
  // Twice the rounding: once in the round, once more in the normalisation.
  result->l1_error_bound = (d * residual_ + rounding) / (1 - d) + rounding;
  result->converged = residual_ <= options_.tolerance;
}

absl::StatusOr<PageRankResult> Solver::Run() {
  PageRankResult result;
  if (view_.vertices == 0) {
    result.converged = true;
    return result;
  }
  HALQA_RETURN_IF_ERROR(Start());
  // A warm start may be nearer than floats can tell.
  bool as_float =
      options_.tolerance > 0 && (options_.start.empty() || options_.tolerance >= kFloatResidualMin);
  HALQA_RETURN_IF_ERROR(SpreadAll(as_float));
  while (rounds_ < options_.iterations) {
    HALQA_RETURN_IF_ERROR(Round(as_float));
    const bool exact_enough = !as_float || options_.tolerance >= kFloatResidualMin;
    if (options_.tolerance > 0 && residual_ <= options_.tolerance && exact_enough) break;
    if (as_float && residual_ < kFloatResidualMin && !exact_enough) {
      as_float = false;
      HALQA_RETURN_IF_ERROR(SpreadAll(as_float));
    }
  }
  Finish(as_float, &result);
  return result;
}

}  // namespace

absl::Status PageRankOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireRange("damping", damping, 0, 0.9999));
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  HALQA_RETURN_IF_ERROR(RequireRange("iterations", iterations, 1, 1000000));
  if (!teleport.empty() && !teleport_sparse.empty()) {
    return FieldError("CONFLICTING_OPTIONS", "teleport_sparse",
                      "give the teleport vector dense or sparse, not both");
  }
  if (!teleport.empty()) {
    HALQA_RETURN_IF_ERROR(CheckDistribution("teleport", teleport, view.vertices));
  }
  if (!start.empty()) HALQA_RETURN_IF_ERROR(CheckDistribution("start", start, view.vertices));
  if (teleport_sparse.empty()) return absl::OkStatus();
  std::vector<double> weights;
  for (const TeleportEntry& e : teleport_sparse) {
    if (e.vertex >= view.vertices) {
      return FieldError("VERTEX_OUT_OF_RANGE", "teleport_sparse",
                        absl::StrCat("vertex ", e.vertex, " is not in the graph"));
    }
    weights.push_back(e.weight);
  }
  return CheckDistribution("teleport_sparse", weights, weights.size());
}

uint64_t EstimatePageRank(const CsrView& view, const PageRankOptions& options) {
  const bool uniform = options.teleport.empty() && options.teleport_sparse.empty();
  return uint64_t{view.vertices} * (uniform ? 32 : 40);
}

absl::StatusOr<PageRankResult> PageRank(const CsrView& view, const PageRankOptions& options,
                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimatePageRank(view, options)));
  return Solver(view, options, run).Run();
}

}  // namespace halqa
