#include "engine/algo/centrality/topic_page_rank.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr double kFloatResidualMin = 1e-5;  // as in page_rank.cc
constexpr double kFloatRounding = 1.2e-7;
constexpr double kDoubleRounding = 1e-14;

// One jump of one topic of a sweep.
struct Jump {
  VertexIndex vertex;
  uint32_t column;
  double mass;  // (1 - damping) · normalised weight
};

std::vector<Jump> Jumps(const TopicPageRankOptions& options, uint64_t first, uint64_t count) {
  std::vector<Jump> jumps;
  for (uint64_t t = 0; t < count; ++t) {
    double sum = 0;
    for (const TeleportEntry& e : options.topics[first + t]) sum += e.weight;
    for (const TeleportEntry& e : options.topics[first + t]) {
      jumps.push_back({e.vertex, static_cast<uint32_t>(t), (1 - options.damping) * e.weight / sum});
    }
  }
  std::stable_sort(jumps.begin(), jumps.end(),
                   [](const Jump& a, const Jump& b) { return a.vertex < b.vertex; });
  return jumps;
}

// Out-shares, shared by all sweeps.
absl::StatusOr<Array<double>> OutShares(const CsrView& view, bool weighted, RunContext& run) {
  Array<double> shares(view.vertices);
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 0, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      double out = static_cast<double>(view.OutDegree(v));
      if (weighted) {
        out = 0;
        for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
          out += view.out_weights[a];
        }
      }
      shares[v] = out > 0 ? 1 / out : 0;
    }
  }));
  return shares;
}

// Up to K topics in one pass over the arcs; rows of K columns, unused columns stay 0.
template <int K>
class Sweep {
 public:
  Sweep(const CsrView& view, const TopicPageRankOptions& options, const Array<double>& out_shares,
        uint64_t first, uint64_t count)
      : view_(view),
        options_(options),
        weighted_(options.weighted && view.weighted()),
        out_shares_(out_shares),
        first_(first),
        count_(count),
        bounds_(RowBlocks(view.in_offsets)),
        jumps_(Jumps(options, first, count)),
        scores_(uint64_t{view.vertices} * K),
        changes_((bounds_.size() - 1) * K) {
    for (Array<double>& c : contributions_) c = Array<double>(uint64_t{view.vertices} * K);
  }

  absl::Status Run(RunContext& run, const Progress& whole, TopicPageRankResult* result);

 private:
  // Calls fn(v) for every vertex; is no progress.
  template <typename Fn>
  absl::Status ForEachVertex(RunContext& run, const Progress& now, const Fn& fn) {
    return CheckedBlocks(run, bounds_.size() - 1, {now.done, 0, now.total}, [&](uint64_t b) {
      for (uint64_t v = bounds_[b]; v < bounds_[b + 1]; ++v) fn(v);
    });
  }
  template <typename Real>
  absl::Status Spread(RunContext& run, const Progress& now) {
    Real* const to = reinterpret_cast<Real*>(contributions_[0].data());
    return ForEachVertex(run, now, [&](uint64_t v) {
      for (int k = 0; k < K; ++k) {
        to[v * K + k] = static_cast<Real>(scores_[v * K + k] * out_shares_[v]);
      }
    });
  }
  absl::Status SpreadAll(bool as_float, RunContext& run, const Progress& now) {
    return as_float ? Spread<float>(run, now) : Spread<double>(run, now);
  }
  absl::Status Start(RunContext& run, const Progress& now);
  template <typename Real, bool kWeighted>
  void Block(uint64_t block);
  void BlockOf(bool as_float, uint64_t block) {
    if (as_float) {
      weighted_ ? Block<float, true>(block) : Block<float, false>(block);
    } else {
      weighted_ ? Block<double, true>(block) : Block<double, false>(block);
    }
  }
  double LargestResidual();
  absl::Status Finish(bool as_float, int rounds, RunContext& run, const Progress& now,
                      TopicPageRankResult* result);

  const CsrView& view_;
  const TopicPageRankOptions& options_;
  const bool weighted_;
  const Array<double>& out_shares_;
  const uint64_t first_;
  const uint64_t count_;
  const std::vector<uint32_t> bounds_;
  const std::vector<Jump> jumps_;
  Array<double> scores_;
  Array<double> contributions_[2];
  std::vector<double> changes_;  // block by block, K columns
  double residuals_[K] = {};
};

template <int K>
template <typename Real, bool kWeighted>
void Sweep<K>::Block(uint64_t block) {
  const Real* const from = reinterpret_cast<const Real*>(contributions_[0].data());
  Real* const to = reinterpret_cast<Real*>(contributions_[1].data());
  double change[K] = {};
  auto jump = std::lower_bound(jumps_.begin(), jumps_.end(), bounds_[block],
                               [](const Jump& j, VertexIndex v) { return j.vertex < v; });
  for (uint64_t v = bounds_[block]; v < bounds_[block + 1]; ++v) {
    double sum[K] = {};
    for (uint64_t a = view_.in_offsets[v]; a < view_.in_offsets[v + 1]; ++a) {
      const Real* const row = from + uint64_t{view_.in_sources[a]} * K;
      const double w = kWeighted ? view_.in_weights[a] : 1.0;
      for (int k = 0; k < K; ++k) {
        sum[k] += kWeighted ? static_cast<double>(row[k]) * w : static_cast<double>(row[k]);
      }
    }
    for (int k = 0; k < K; ++k) sum[k] *= options_.damping;
    for (; jump != jumps_.end() && jump->vertex == v; ++jump) sum[jump->column] += jump->mass;
    for (int k = 0; k < K; ++k) {
      change[k] += std::fabs(sum[k] - scores_[v * K + k]);
      scores_[v * K + k] = sum[k];
      to[v * K + k] = static_cast<Real>(sum[k] * out_shares_[v]);
    }
  }
  for (int k = 0; k < K; ++k) changes_[block * K + k] = change[k];
}

template <int K>
double Sweep<K>::LargestResidual() {
  double largest = 0;
  for (int k = 0; k < K; ++k) {
    residuals_[k] = 0;
    for (uint64_t b = 0; b + 1 < bounds_.size(); ++b) residuals_[k] += changes_[b * K + k];
    largest = std::max(largest, residuals_[k]);
  }
  return largest;
}

template <int K>
absl::Status Sweep<K>::Start(RunContext& run, const Progress& now) {
  HALQA_RETURN_IF_ERROR(
      ForEachVertex(run, now, [&](uint64_t v) { std::fill_n(scores_.data() + v * K, K, 0.0); }));
  for (const Jump& j : jumps_) scores_[uint64_t{j.vertex} * K + j.column] += j.mass;
  return absl::OkStatus();
}

template <int K>
absl::Status Sweep<K>::Finish(bool as_float, int rounds, RunContext& run, const Progress& now,
                              TopicPageRankResult* result) {
  const double d = options_.damping;
  const double rounding = as_float ? kFloatRounding : kDoubleRounding;
  for (uint64_t t = 0; t < count_; ++t) {
    std::vector<double>& vector = result->vectors[first_ + t];
    vector.resize(view_.vertices);
    HALQA_RETURN_IF_ERROR(
        ForEachVertex(run, now, [&](uint64_t v) { vector[v] = scores_[v * K + t]; }));
    result->residuals[first_ + t] = residuals_[t];
    result->l1_error_bounds[first_ + t] = (d * residuals_[t] + rounding) / (1 - d);
    result->converged = result->converged && residuals_[t] <= options_.tolerance;
  }
  result->rounds = std::max(result->rounds, rounds);
  return absl::OkStatus();
}

template <int K>
absl::Status Sweep<K>::Run(RunContext& run, const Progress& whole, TopicPageRankResult* result) {
  bool as_float = options_.tolerance > 0;
  HALQA_RETURN_IF_ERROR(Start(run, whole));
  HALQA_RETURN_IF_ERROR(SpreadAll(as_float, run, whole));
  int rounds = 0;
  Progress progress = whole;
  while (rounds < options_.iterations) {
    progress = whole;
    progress.part = whole.part / options_.iterations;
    progress.done += rounds * progress.part;
    HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds_.size() - 1, progress,
                                        [&](uint64_t b) { BlockOf(as_float, b); }));
    std::swap(contributions_[0], contributions_[1]);
    ++rounds;
    const double residual = LargestResidual();
    const bool exact_enough = !as_float || options_.tolerance >= kFloatResidualMin;
    if (options_.tolerance > 0 && residual <= options_.tolerance && exact_enough) break;
    if (as_float && residual < kFloatResidualMin && !exact_enough) {
      as_float = false;
      HALQA_RETURN_IF_ERROR(SpreadAll(as_float, run, progress));
    }
  }
  return Finish(as_float, rounds, run, progress, result);
}

uint64_t WidthFor(uint64_t topics) {
  uint64_t width = 1;
  while (width < topics && width < kTopicsPerSweep) width *= 2;
  return width;
}

}  // namespace

absl::Status TopicPageRankOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireRange("damping", damping, 0, 0.9999));
  HALQA_RETURN_IF_ERROR(RequireRange("tolerance", tolerance, 0, 1));
  HALQA_RETURN_IF_ERROR(RequireRange("iterations", iterations, 1, 1000000));
  for (uint64_t t = 0; t < topics.size(); ++t) {
    PageRankOptions one;
    one.teleport_sparse = topics[t];
    const std::string field = absl::StrCat("topics[", t, "]");
    if (topics[t].empty()) {
      return FieldError("BAD_WEIGHT", field, absl::StrCat(field, " has no jump at all"));
    }
    const absl::Status status = one.Validate(view);
    if (!status.ok()) return FieldError(ErrorReason(status), field, status.message());
  }
  return absl::OkStatus();
}

uint64_t EstimateTopicPageRank(const CsrView& view, const TopicPageRankOptions& options) {
  uint64_t jumps = 0;
  for (const auto& topic : options.topics) jumps += topic.size();
  const uint64_t n = view.vertices;
  return WithSmallThings(n * 8 * (1 + 3 * WidthFor(options.topics.size()) + options.topics.size()) +
                         32 * jumps);
}

absl::StatusOr<TopicPageRankResult> TopicPageRank(const CsrView& view,
                                                  const TopicPageRankOptions& options,
                                                  RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateTopicPageRank(view, options)));
  TopicPageRankResult result;
  const uint64_t topics = options.topics.size();
  result.vectors.resize(topics);
  result.residuals.resize(topics);
  result.l1_error_bounds.resize(topics);
  result.converged = true;
  HALQA_ASSIGN_OR_RETURN(const Array<double> shares,
                         OutShares(view, options.weighted && view.weighted(), run));
  for (uint64_t first = 0; first < topics; first += kTopicsPerSweep) {
    const uint64_t count = std::min<uint64_t>(kTopicsPerSweep, topics - first);
    const Progress progress{static_cast<double>(first), static_cast<double>(count),
                            static_cast<double>(topics)};
    auto sweep = [&](auto width) {
      return Sweep<decltype(width)::value>(view, options, shares, first, count)
          .Run(run, progress, &result);
    };
    absl::Status status;
    switch (WidthFor(count)) {
      case 1:
        status = sweep(std::integral_constant<int, 1>());
        break;
      case 2:
        status = sweep(std::integral_constant<int, 2>());
        break;
      case 4:
        status = sweep(std::integral_constant<int, 4>());
        break;
      case 8:
        status = sweep(std::integral_constant<int, 8>());
        break;
      default:
        status = sweep(std::integral_constant<int, 16>());
    }
    HALQA_RETURN_IF_ERROR(status);
  }
  return result;
}

absl::StatusOr<std::vector<double>> MixTopics(const TopicPageRankResult& topics,
                                              absl::Span<const double> weights) {
  if (weights.size() != topics.vectors.size()) {
    return FieldError("LENGTH_MISMATCH", "weights", "one weight per topic expected");
  }
  double total = 0;
  for (const double w : weights) {
    if (!(w >= 0) || !std::isfinite(w)) {
      return FieldError("BAD_WEIGHT", "weights", "weights are finite and not negative");
    }
    total += w;
  }
  if (!(total > 0)) return FieldError("BAD_WEIGHT", "weights", "at least one weight above 0");
  std::vector<double> mixed(topics.vectors.empty() ? 0 : topics.vectors[0].size(), 0.0);
  for (uint64_t t = 0; t < weights.size(); ++t) {
    if (weights[t] == 0) continue;
    for (uint64_t v = 0; v < mixed.size(); ++v) mixed[v] += weights[t] * topics.vectors[t][v];
  }
  double sum = 0;
  for (const double x : mixed) sum += x;
  for (double& x : mixed) x /= sum;
  return mixed;
}

absl::StatusOr<std::vector<double>> TopicAuthority(absl::Span<const double> personal,
                                                   absl::Span<const double> global, double gamma,
                                                   RunContext& run) {
  HALQA_RETURN_IF_ERROR(RequireRange("gamma", gamma, 0, 4));
  if (personal.size() != global.size()) {
    return FieldError("LENGTH_MISMATCH", "global", "both vectors must have the same length");
  }
  std::vector<double> scores(personal.size(), 0.0);
  const uint64_t blocks = (personal.size() + kBlockVertices - 1) / kBlockVertices;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks, {}, [&](uint64_t b) {
    const uint64_t end = std::min<uint64_t>(personal.size(), (b + 1) * kBlockVertices);
    for (uint64_t v = b * kBlockVertices; v < end; ++v) {
      if (!(global[v] > 0 && personal[v] > 0)) continue;
      scores[v] = personal[v] * std::pow(personal[v] / global[v], gamma);
    }
  }));
  return scores;
}

}  // namespace halqa
