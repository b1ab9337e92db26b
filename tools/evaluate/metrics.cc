#include "tools/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/base/check.h"

namespace halqa {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<size_t> Descending(absl::Span<const double> score) {
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return score[a] != score[b] ? score[a] > score[b] : a < b; });
  return order;
}

// Calls fn(begin, end) for each run of equal scores in `order`.
template <typename Fn>
void ForTies(absl::Span<const double> score, const std::vector<size_t>& order, Fn fn) {
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && score[order[end]] == score[order[begin]]) ++end;
    fn(begin, end);
    begin = end;
  }
}

std::vector<double> MeanRanks(absl::Span<const double> score) {
  const std::vector<size_t> order = Descending(score);
  std::vector<double> rank(score.size());
  ForTies(score, order, [&](size_t begin, size_t end) {
    const double mean = (static_cast<double>(begin) + static_cast<double>(end) + 1) / 2;
    for (size_t i = begin; i < end; ++i) rank[order[i]] = mean;
  });
  return rank;
}

// Sorts `values` and returns how many pairs stood in the wrong order.
double CountInversions(std::vector<double>& values) {
  std::vector<double> scratch(values.size());
  double inversions = 0;
  for (size_t width = 1; width < values.size(); width *= 2) {
    for (size_t low = 0; low + width < values.size(); low += 2 * width) {
      const size_t mid = low + width, high = std::min(low + 2 * width, values.size());
      size_t i = low, j = mid, out = low;
      while (i < mid && j < high) {
        if (values[j] < values[i]) {
          inversions += static_cast<double>(mid - i);
          scratch[out++] = values[j++];
        } else {
          scratch[out++] = values[i++];
        }
      }
      while (i < mid) scratch[out++] = values[i++];
      while (j < high) scratch[out++] = values[j++];
      std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(low),
                scratch.begin() + static_cast<std::ptrdiff_t>(high),
                values.begin() + static_cast<std::ptrdiff_t>(low));
    }
  }
  return inversions;
}

double Pairs(double n) { return n * (n - 1) / 2; }

double TiedPairs(absl::Span<const double> values) {
  double tied = 0;
  ForTies(values, Descending(values),
          [&](size_t begin, size_t end) { tied += Pairs(static_cast<double>(end - begin)); });
  return tied;
}

double Gain(double truth) { return truth > 0 ? std::log2(1 + truth) : 0; }

}  // namespace

double Spearman(absl::Span<const double> score, absl::Span<const double> truth) {
  HALQA_CHECK(score.size() == truth.size());
  const std::vector<double> x = MeanRanks(score), y = MeanRanks(truth);
  const double mean = (static_cast<double>(x.size()) + 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx == 0 || yy == 0 ? kNaN : xy / std::sqrt(xx * yy);
}

double KendallTauB(absl::Span<const double> score, absl::Span<const double> truth) {
  HALQA_CHECK(score.size() == truth.size());
  std::vector<size_t> order(score.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return score[a] != score[b] ? score[a] < score[b] : truth[a] < truth[b];
  });
  double both = 0;
  std::vector<double> by_score;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && score[order[end]] == score[order[begin]] &&
           truth[order[end]] == truth[order[begin]]) {
      ++end;
    }
    both += Pairs(static_cast<double>(end - begin));
    begin = end;
  }
  for (size_t i : order) by_score.push_back(truth[i]);
  const double all = Pairs(static_cast<double>(score.size()));
  const double tied_score = TiedPairs(score), tied_truth = TiedPairs(truth);
  const double discordant = CountInversions(by_score);
  const double concordant = all - tied_score - tied_truth + both - discordant;
  const double norm = std::sqrt((all - tied_score) * (all - tied_truth));
  return norm == 0 ? kNaN : (concordant - discordant) / norm;
}

double NdcgAtK(absl::Span<const double> score, absl::Span<const double> truth, size_t k) {
  HALQA_CHECK(score.size() == truth.size() && k > 0);
  auto discount = [](size_t place) { return 1 / std::log2(2.0 + static_cast<double>(place)); };
  const std::vector<size_t> order = Descending(score);
  double found = 0;
  ForTies(score, order, [&](size_t begin, size_t end) {
    if (begin >= k) return;
    double gain = 0, weight = 0;
    for (size_t i = begin; i < end; ++i) gain += Gain(truth[order[i]]);
    for (size_t i = begin; i < std::min(end, k); ++i) weight += discount(i);
    found += weight * gain / static_cast<double>(end - begin);
  });
  std::vector<double> gains;
  for (double t : truth) gains.push_back(Gain(t));
  const size_t top = std::min(k, gains.size());
  std::partial_sort(gains.begin(), gains.begin() + static_cast<std::ptrdiff_t>(top), gains.end(),
                    std::greater<>());
  double best = 0;
  for (size_t i = 0; i < top; ++i) best += gains[i] * discount(i);
  return best == 0 ? 0 : found / best;
}

double PrecisionAtK(absl::Span<const double> score, absl::Span<const bool> positive, size_t k) {
  HALQA_CHECK(score.size() == positive.size() && k > 0);
  const std::vector<size_t> order = Descending(score);
  double hits = 0;
  ForTies(score, order, [&](size_t begin, size_t end) {
    if (begin >= k) return;
    double inside = 0;
    for (size_t i = begin; i < end; ++i) inside += positive[order[i]] ? 1 : 0;
    const double places = static_cast<double>(std::min(end, k) - begin);
    hits += inside * places / static_cast<double>(end - begin);
  });
  return hits / static_cast<double>(k);
}

double Auc(absl::Span<const double> score, absl::Span<const bool> positive) {
  HALQA_CHECK(score.size() == positive.size());
  const std::vector<double> rank = MeanRanks(score);  // 1 = best
  double positives = 0, sum = 0;
  for (size_t i = 0; i < rank.size(); ++i) {
    if (!positive[i]) continue;
    positives += 1;
    sum += rank[i];
  }
  const double negatives = static_cast<double>(rank.size()) - positives;
  if (positives == 0 || negatives == 0) return kNaN;
  return 1 - (sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace halqa
