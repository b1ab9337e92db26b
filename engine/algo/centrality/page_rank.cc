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

// Below this change of a round one round is done in double, and from then on only differences are
// gathered: floats carry those to 2^-24 of a change that is itself small.
constexpr double kFloatResidualMin = 1e-5;
// What float contributions of whole scores may change in L1, per round; what those of differences
// may, per unit of change; what double may.
constexpr double kFloatRounding = 1.2e-7;
constexpr double kStepRounding = 2.4e-7;
constexpr double kDoubleRounding = 1e-14;
// Where the tolerance asks for less than differences have lost: how much smaller the change must
// have become before the next round in double.
constexpr double kRenew = 1e-4;

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
  auto term = [&](uint64_t a) {
    const double x = static_cast<double>(from[sources[a]]);
    return kWeighted ? x * weights[a] : x;
  };
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  uint64_t a = begin;
  for (; a + 4 <= end; a += 4) {
    s0 += term(a);
    s1 += term(a + 1);
    s2 += term(a + 2);
    s3 += term(a + 3);
  }
  for (; a < end; ++a) s0 += term(a);
  return (s0 + s1) + (s2 + s3);
}

// What a round gathers from the in-neighbours: their scores as floats or doubles, or, as floats,
// what their scores changed by.
enum class Mode { kFloat, kDouble, kStep };

// All that one run keeps. Round k has x_k, applies g(x_k) and sees f_k = g(x_k) - x_k. The next
// round starts at x_{k+1} = g(x_k) - e, e = b (g(x_k) - g(x_{k-1})), with the b that would make
// f_k - b (f_k - f_{k-1}) shortest: Anderson's mixing of two rounds.
class Solver {
 public:
  Solver(const CsrView& view, const PageRankOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        weighted_(options.weighted && view.weighted()),
        bounds_(RowBlocks(view.in_offsets)),
        jump_(JumpDistribution(options, view.vertices)),
        out_share_(view.vertices),
        contributions_(view.vertices),
        last_(view.vertices),
        shift_(view.vertices) {
    for (std::vector<double>& parts : parts_) parts.resize(bounds_.size() - 1);
  }

  absl::StatusOr<PageRankResult> Run();

 private:
  uint64_t blocks() const { return bounds_.size() - 1; }
  double Jump(VertexIndex v) const { return jump_.empty() ? 1.0 / view_.vertices : jump_[v]; }
  absl::Status FindShares();
  double OutWeight(VertexIndex v) const;
  absl::Status Start();
  absl::Status Round();
  template <typename Real, bool kWeighted>
  void RoundBlock(uint64_t block);
  // From f_k to x_{k+1} and its contributions.
  absl::Status Move(double mixing);
  void MoveBlock(uint64_t block, double mixing);
  double Mixing(double before) const;
  Mode NextMode();
  void Finish(PageRankResult* result);
  Progress Share(double round) const {
    return {round, 0.5, static_cast<double>(options_.iterations) + 1};
  }

  const CsrView& view_;
  const PageRankOptions& options_;
  RunContext& run_;
  const bool weighted_;
  const std::vector<uint32_t> bounds_;
  Mode mode_ = Mode::kDouble;
  Array<double> jump_;
  Array<double> out_share_;      // 1 / out-weight, 0 where the walk must jump
  Array<double> contributions_;  // what is gathered times out_share; holds floats but in kDouble
  Array<float> last_;            // f of the round before
  Array<float> shift_;           // e, and between round and move g(x_k) - g(x_{k-1})
  // x_k before a round, g(x_k) after it; with kStep g(x_{k-1}) and g(x_k).
  std::vector<double> scores_;
  std::vector<double> parts_[3];  // per block
  double stuck_ = 0;              // score (kStep: its change) of the vertices that jump
  double step_ = 0;               // L1 of x_{k+1} - x_k, in kStep
  double residual_ = std::numeric_limits<double>::infinity();
  double along_ = 0, square_ = 0;  // f_k · (f_k - f_{k-1}), and the square of the latter
  double step_rounding_ = 0;       // since the last round in double
  double renew_below_ = 0;         // the change at which another one pays
  int rounds_ = 0;
};

double Solver::OutWeight(VertexIndex v) const {
  if (!weighted_) return static_cast<double>(view_.OutDegree(v));
  double out = 0;
  for (uint64_t a = view_.out_offsets[v]; a < view_.out_offsets[v + 1]; ++a) {
    out += view_.out_weights[a];
  }
  return out;
}

absl::Status Solver::FindShares() {
  const std::vector<uint32_t> rows = RowBlocks(view_.out_offsets);
  return CheckedBlocks(run_, rows.size() - 1, Share(0), [&](uint64_t b) {
    for (VertexIndex v = rows[b]; v < rows[b + 1]; ++v) {
      const double out = OutWeight(v);
      out_share_[v] = out > 0 ? 1 / out : 0;
    }
  });
}

// Without a start of the caller's: the jump distribution, or, where a coarse answer will do and
// jumps go everywhere, what is nearer: each vertex its share of the arcs, with the mass that such a
// vector has on the vertices that jump. It gives small components the wrong mass, which only
// shrinks by the damping in a round: for fine answers the jump distribution is the better start.
absl::Status Solver::Start() {
  HALQA_RETURN_IF_ERROR(FindShares());
  double start_sum = 0;
  for (const double w : options_.start) start_sum += w;
  const double n = view_.vertices, d = options_.damping;
  const double arcs = static_cast<double>(std::max<uint64_t>(view_.arcs(), 1));
  double stuck_vertices = 0, stuck_arcs = 0;
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    if (out_share_[v] != 0) continue;
    stuck_vertices += 1 / n;
    stuck_arcs += static_cast<double>(view_.InDegree(v)) / arcs;
  }
  const double stuck =
      ((1 - d) * stuck_vertices + d * stuck_arcs) / (1 - d * stuck_vertices + d * stuck_arcs);
  const bool by_arcs = options_.tolerance >= kFloatResidualMin && jump_.empty() && view_.arcs() > 0;
  scores_.resize(view_.vertices);
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    last_[v] = shift_[v] = 0;
    scores_[v] = start_sum > 0 ? options_.start[v] / start_sum : Jump(v);
    if (start_sum > 0 || !by_arcs) continue;
    scores_[v] =
        (1 - d + d * stuck) / n + d * (1 - stuck) * static_cast<double>(view_.InDegree(v)) / arcs;
  }
  // A warm start may be nearer than floats can tell.
  const bool near = !options_.start.empty() && options_.tolerance < kFloatResidualMin;
  mode_ = options_.tolerance > 0 && !near ? Mode::kFloat : Mode::kDouble;
  return Move(0);
}

template <typename Real, bool kWeighted>
void Solver::RoundBlock(uint64_t block) {
  const Real* const from = reinterpret_cast<const Real*>(contributions_.data());
  const bool step = mode_ == Mode::kStep;
  const double d = options_.damping;
  const double jump_mass = (step ? 0 : 1 - d) + d * stuck_;
  double change = 0, along = 0, square = 0;
  for (VertexIndex v = bounds_[block]; v < bounds_[block + 1]; ++v) {
    const double sum =
        Gather<Real, kWeighted>(from, view_.in_sources.data(), view_.in_weights.data(),
                                view_.in_offsets[v], view_.in_offsets[v + 1]);
    const double got = d * sum + jump_mass * Jump(v);
    const double f = step ? got + shift_[v] : got - scores_[v];
    const double score = step ? scores_[v] + got : got;
    // Divided by the score: else a few hubs would decide for all.
    const double difference = f - last_[v];
    const double scaled = score > 0 ? difference / score : 0;
    change += std::fabs(f);
    along += f * scaled;
    square += difference * scaled;
    last_[v] = static_cast<float>(f);
    shift_[v] = static_cast<float>(f - shift_[v]);
    scores_[v] = score;
  }
  parts_[0][block] = change;
  parts_[1][block] = along;
  parts_[2][block] = square;
}

absl::Status Solver::Round() {
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks(), Share(rounds_ + 1), [&](uint64_t b) {
    if (mode_ != Mode::kDouble) {
      weighted_ ? RoundBlock<float, true>(b) : RoundBlock<float, false>(b);
    } else {
      weighted_ ? RoundBlock<double, true>(b) : RoundBlock<double, false>(b);
    }
  }));
  const double before = residual_;
  residual_ = SumInOrder(parts_[0]);
  along_ = SumInOrder(parts_[1]);
  square_ = SumInOrder(parts_[2]);
  step_rounding_ = mode_ == Mode::kStep ? step_rounding_ + kStepRounding * (before + step_) : 0;
  ++rounds_;
  return absl::OkStatus();
}

void Solver::MoveBlock(uint64_t block, double mixing) {
  auto* const floats = reinterpret_cast<float*>(contributions_.data());
  double stuck = 0, step = 0;
  for (VertexIndex v = bounds_[block]; v < bounds_[block + 1]; ++v) {
    shift_[v] = static_cast<float>(mixing * shift_[v]);
    double moved = 0;
    if (mode_ == Mode::kStep) {
      moved = static_cast<double>(last_[v]) - shift_[v];
      step += std::fabs(moved);
    } else {
      moved = scores_[v] -= shift_[v];
    }
    if (mode_ == Mode::kDouble) {
      contributions_[v] = moved * out_share_[v];
    } else {
      floats[v] = static_cast<float>(moved * out_share_[v]);
    }
    if (out_share_[v] == 0) stuck += moved;
  }
  parts_[0][block] = stuck;
  parts_[1][block] = step;
}

absl::Status Solver::Move(double mixing) {
  Progress progress = Share(rounds_);
  progress.done += progress.part;
  HALQA_RETURN_IF_ERROR(
      CheckedBlocks(run_, blocks(), progress, [&](uint64_t b) { MoveBlock(b, mixing); }));
  stuck_ = SumInOrder(parts_[0]);
  step_ = SumInOrder(parts_[1]);
  return absl::OkStatus();
}

// 0, which is a plain round and sure to make the change smaller by the damping, in the first round,
// with tolerance 0, and after a change that did not fall by as much.
double Solver::Mixing(double before) const {
  if (options_.tolerance == 0 || !std::isfinite(before) || !(square_ > 0)) return 0;
  return residual_ <= options_.damping * before ? along_ / square_ : 0;
}

Mode Solver::NextMode() {
  if (options_.tolerance == 0) return Mode::kDouble;
  if (mode_ == Mode::kFloat) {
    const bool exact_enough = options_.tolerance >= kFloatResidualMin;
    return exact_enough || residual_ >= kFloatResidualMin ? Mode::kFloat : Mode::kDouble;
  }
  if (mode_ == Mode::kDouble) {
    renew_below_ = kRenew * residual_;
    return residual_ < kFloatResidualMin ? Mode::kStep : Mode::kDouble;
  }
  const bool renew = step_rounding_ > options_.tolerance / 10 && residual_ < renew_below_;
  return renew ? Mode::kDouble : Mode::kStep;
}

void Solver::Finish(PageRankResult* result) {
  double sum = 0;
  for (uint64_t b = 0; b < blocks(); ++b) {
    double part = 0;
    for (VertexIndex v = bounds_[b]; v < bounds_[b + 1]; ++v) part += scores_[v];
    sum += part;
  }
  for (double& score : scores_) score /= sum;
  const double d = options_.damping;
  const double rounding =
      (mode_ == Mode::kFloat ? kFloatRounding : kDoubleRounding) + step_rounding_;
  result->scores = std::move(scores_);
  result->rounds = rounds_;
  result->residual = residual_;
  // Twice the rounding: once in the round, once more in the normalisation, which also moves the
  // scores by what their sum was off.
  result->l1_error_bound = (d * residual_ + rounding) / (1 - d) + rounding + std::fabs(sum - 1);
  result->converged = residual_ <= options_.tolerance;
}

absl::StatusOr<PageRankResult> Solver::Run() {
  PageRankResult result;
  if (view_.vertices == 0) {
    result.converged = true;
    return result;
  }
  HALQA_RETURN_IF_ERROR(Start());
  while (true) {
    const double before = residual_;
    HALQA_RETURN_IF_ERROR(Round());
    const bool exact_enough = mode_ != Mode::kFloat || options_.tolerance >= kFloatResidualMin;
    if (rounds_ == options_.iterations) break;
    if (options_.tolerance > 0 && residual_ <= options_.tolerance && exact_enough) break;
    mode_ = NextMode();
    HALQA_RETURN_IF_ERROR(Move(Mixing(before)));
  }
  Finish(&result);
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
  return WithSmallThings(uint64_t{view.vertices} * (uniform ? 32 : 40));
}

absl::StatusOr<PageRankResult> PageRank(const CsrView& view, const PageRankOptions& options,
                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimatePageRank(view, options)));
  return Solver(view, options, run).Run();
}

}  // namespace halqa
