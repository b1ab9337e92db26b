#include "engine/algo/centrality/sampled_betweenness.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "absl/container/flat_hash_set.h"
#include "engine/algo/centrality/lanes.h"
#include "engine/algo/centrality/path_sampler.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr int kChecks = 16;
constexpr double kFirstShare = 1.0 / 256;  // of the most samples, at the first check
constexpr uint64_t kBlockSamples = 32;
constexpr uint64_t kHitsPerCheck = 1 << 18;

double Divergence(double p, double q) {
  const double hit = p == 0 ? 0 : p * std::log(p / q);
  const double miss = p == 1 ? 0 : (1 - p) * std::log((1 - p) / (1 - q));
  return hit + miss;
}

// The end of {q : KL(p, q) <= limit} that lies towards `end` (0 or 1), rounded outwards.
double IntervalEnd(double p, double limit, double end) {
  double inside = p, outside = end;
  if (inside == outside) return end;
  for (int i = 0; i < 60; ++i) {
    const double middle = (inside + outside) / 2;
    (Divergence(p, middle) <= limit ? inside : outside) = middle;
  }
  return outside;
}

class Sampler {
 public:
  Sampler(const CsrView& view, const SampledBetweennessOptions& options, RunContext& run)
      : view_(view),
        options_(options),
        run_(run),
        confidence_(std::log(2.0 * view.vertices * kChecks / options.delta)),
        samples_max_(std::ceil(confidence_ / (2 * options.epsilon * options.epsilon))),
        hits_(view.vertices, 0) {}

  absl::StatusOr<SampledBetweennessResult> Run();

 private:
  absl::Status SampleUpTo(uint64_t samples);
  void SampleOne(uint64_t index, PathSampler& sampler);
  absl::StatusOr<double> HalfWidth();
  BetweennessInterval Interval(VertexIndex v, double unit) const;
  absl::Status Finish(SampledBetweennessResult* result);

  const CsrView& view_;
  const SampledBetweennessOptions& options_;
  RunContext& run_;
  const double confidence_;
  const double samples_max_;
  Array<uint32_t> hits_;
  Lanes<PathSampler> lanes_;
  uint64_t samples_ = 0;
  std::atomic<bool> countable_{true};
};

void Sampler::SampleOne(uint64_t index, PathSampler& sampler) {
  CounterRng rng(options_.seed, index);
  const auto s = static_cast<VertexIndex>(rng.Below(view_.vertices));
  auto t = static_cast<VertexIndex>(rng.Below(view_.vertices - 1));
  t += t >= s ? 1 : 0;
  const PathSampler::Outcome outcome = sampler.Sample(s, t, rng, run_);
  if (outcome == PathSampler::Outcome::kTooManyPaths) countable_ = false;
  for (const VertexIndex v : sampler.inner()) {
    // Whole numbers: the sum does not depend on the order.
    std::atomic_ref<uint32_t>(hits_[v]).fetch_add(1, std::memory_order_relaxed);
  }
}

absl::Status Sampler::SampleUpTo(uint64_t samples) {
  const uint64_t first = samples_;
  const uint64_t blocks = (samples - first + kBlockSamples - 1) / kBlockSamples;
  const Progress progress{static_cast<double>(first), static_cast<double>(samples - first),
                          samples_max_};
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, blocks, progress, [&](uint64_t b) {
    auto sampler = lanes_.Borrow([&] { return std::make_unique<PathSampler>(view_); });
    const uint64_t begin = first + b * kBlockSamples;
    const uint64_t end = std::min(samples, begin + kBlockSamples);
    for (uint64_t i = begin; i < end && !run_.ShouldStop(); ++i) SampleOne(i, *sampler);
  }));
  samples_ = samples;
  if (countable_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_PATHS",
                   "more than 1e308 shortest paths between two vertices");
}

BetweennessInterval Sampler::Interval(VertexIndex v, double unit) const {
  const auto r = static_cast<double>(samples_);
  const double p = hits_[v] / r;
  return {v, p * unit, IntervalEnd(p, confidence_ / r, 0) * unit,
          IntervalEnd(p, confidence_ / r, 1) * unit};
}

// The farthest that any interval reaches from its estimate. It depends on the number of hits only,
// of which there are few different ones: their sum is that of all paths' lengths.
absl::StatusOr<double> Sampler::HalfWidth() {
  absl::flat_hash_set<uint32_t> different;
  uint32_t last = kNoVertex;
  for (uint64_t v = 0; v < hits_.size(); ++v) {
    if (v % kHitsPerCheck == 0) {
      HALQA_RETURN_IF_ERROR(run_.Checkpoint(static_cast<double>(samples_), samples_max_));
    }
    if (hits_[v] != last) different.insert(last = hits_[v]);
  }
  const auto r = static_cast<double>(samples_);
  double widest = 0;
  for (const uint32_t hits : different) {
    const double p = hits / r;
    widest = std::max(
        {widest, IntervalEnd(p, confidence_ / r, 1) - p, p - IntervalEnd(p, confidence_ / r, 0)});
  }
  return widest;
}

absl::Status Sampler::Finish(SampledBetweennessResult* result) {
  const double n = view_.vertices;
  const double unit = n * (n - 1) * (view_.symmetric ? 0.5 : 1);
  std::vector<VertexIndex> order(view_.vertices);
  std::iota(order.begin(), order.end(), VertexIndex{0});
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  const uint64_t k = std::min<uint64_t>(options_.k, view_.vertices);
  auto before = [&](VertexIndex a, VertexIndex b) {
    return hits_[a] != hits_[b] ? hits_[a] > hits_[b] : a < b;
  };
  std::partial_sort(order.begin(), order.begin() + static_cast<int64_t>(k), order.end(), before);
  for (uint64_t i = 0; i < k; ++i) result->top.push_back(Interval(order[i], unit));
  if (k < view_.vertices) {
    const auto next =
        std::min_element(order.begin() + static_cast<int64_t>(k), order.end(), before);
    result->others_high = Interval(*next, unit).high;
  }
  for (const BetweennessInterval& i : result->top) result->scores[i.vertex] = i.estimate;
  result->samples = samples_;
  return absl::OkStatus();
}

absl::StatusOr<SampledBetweennessResult> Sampler::Run() {
  SampledBetweennessResult result;
  if (view_.vertices >= 2) {
    double share = kFirstShare;
    for (int check = 1; check <= kChecks; ++check) {
      if (check == kChecks) share = 1;
      HALQA_RETURN_IF_ERROR(SampleUpTo(static_cast<uint64_t>(std::ceil(samples_max_ * share))));
      HALQA_ASSIGN_OR_RETURN(result.half_width, HalfWidth());
      if (result.half_width <= options_.epsilon) break;
      share *= std::pow(1 / kFirstShare, 1.0 / (kChecks - 1));
    }
    lanes_.Clear();
  }
  result.scores.assign(view_.vertices, 0);
  if (samples_ > 0) HALQA_RETURN_IF_ERROR(Finish(&result));
  HALQA_RETURN_IF_ERROR(run_.Checkpoint(1, 1));
  return result;
}

}  // namespace

absl::Status SampledBetweennessOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("epsilon", epsilon, 1e-4, 0.5));
  HALQA_RETURN_IF_ERROR(RequireRange("delta", delta, 1e-9, 0.5));
  return RequireRange("k", k, 1, 4294967295.0);
}

uint64_t EstimateSampledBetweenness(const CsrView& view, const SampledBetweennessOptions& options,
                                    int threads) {
  const uint64_t n = view.vertices;
  const uint64_t lanes = PathSampler::kBytesPerVertex * LaneCount(threads, ~uint64_t{0});
  return WithSmallThings(n * (4 + lanes) + 32 * std::min<uint64_t>(options.k, n));
}

absl::StatusOr<SampledBetweennessResult> SampledBetweenness(
    const CsrView& view, const SampledBetweennessOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(
      RequireMemory(run, EstimateSampledBetweenness(view, options, run.threads())));
  return Sampler(view, options, run).Run();
}

}  // namespace halqa
