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

// How two partitions cut each other.
struct Contingency {
  std::vector<double> rows, columns, cells;
  double n = 0;
};

Contingency Cross(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b) {
  HALQA_CHECK(a.size() == b.size());
  absl::flat_hash_map<uint32_t, size_t> row_of, column_of;
  absl::flat_hash_map<uint64_t, double> cells;
  Contingency c;
  for (size_t i = 0; i < a.size(); ++i) {
    const size_t r = row_of.emplace(a[i], row_of.size()).first->second;
    const size_t s = column_of.emplace(b[i], column_of.size()).first->second;
    c.rows.resize(row_of.size());
    c.columns.resize(column_of.size());
    c.rows[r] += 1;
    c.columns[s] += 1;
    cells[uint64_t{r} << 32 | s] += 1;
  }
  // In a fixed order, so that sums have the same bits in every run.
  std::vector<std::pair<uint64_t, double>> sorted(cells.begin(), cells.end());
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [key, count] : sorted) c.cells.push_back(count);
  c.n = static_cast<double>(a.size());
  return c;
}

double Entropy(const std::vector<double>& sizes, double n) {
  double h = 0;
  for (double s : sizes) h -= s / n * std::log(s / n);
  return h;
}

// Expected mutual information of random partitions with these sizes.
double ExpectedInformation(const Contingency& c) {
  absl::flat_hash_map<double, double> row_sizes, column_sizes;  // equal sizes are summed once
  for (double r : c.rows) row_sizes[r] += 1;
  for (double s : c.columns) column_sizes[s] += 1;
  std::vector<std::pair<double, double>> rows(row_sizes.begin(), row_sizes.end());
  std::vector<std::pair<double, double>> columns(column_sizes.begin(), column_sizes.end());
  std::sort(rows.begin(), rows.end());
  std::sort(columns.begin(), columns.end());
  const double n = c.n;
  double sum = 0;
  for (const auto& [r, row_count] : rows) {
    for (const auto& [s, column_count] : columns) {
      const double fixed = std::lgamma(r + 1) + std::lgamma(s + 1) + std::lgamma(n - r + 1) +
                           std::lgamma(n - s + 1) - std::lgamma(n + 1);
      for (double k = std::max(1.0, r + s - n); k <= std::min(r, s); k += 1) {
        const double log_p = fixed - std::lgamma(k + 1) - std::lgamma(r - k + 1) -
                             std::lgamma(s - k + 1) - std::lgamma(n - r - s + k + 1);
        sum += row_count * column_count * k / n * std::log(n * k / (r * s)) * std::exp(log_p);
      }
    }
  }
  return sum;
}

double Information(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b,
                   const Contingency& c) {
  // H(A) + H(B) - H(A, B)
  HALQA_CHECK(a.size() == b.size());
  return Entropy(c.rows, c.n) + Entropy(c.columns, c.n) - Entropy(c.cells, c.n);
}

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

double AdjustedMutualInformation(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b) {
  if (a.empty()) return 1;
  const Contingency c = Cross(a, b);
  // Partitions into one block, or into single elements, agree with themselves only.
  if (c.rows.size() == c.columns.size() && (c.rows.size() == 1 || c.rows.size() == a.size())) {
    return 1;
  }
  const double expected = ExpectedInformation(c);
  const double norm = (Entropy(c.rows, c.n) + Entropy(c.columns, c.n)) / 2;
  const double information = Information(a, b, c);
  const double denominator = norm - expected;
  if (std::abs(denominator) < 1e-15) return 0;
  return (information - expected) / denominator;
}

double AdjustedRandIndex(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b) {
  const Contingency c = Cross(a, b);
  double cells = 0, rows = 0, columns = 0;
  for (double v : c.cells) cells += Pairs(v);
  for (double v : c.rows) rows += Pairs(v);
  for (double v : c.columns) columns += Pairs(v);
  const double all = Pairs(c.n);
  const double expected = all == 0 ? 0 : rows * columns / all;
  const double most = (rows + columns) / 2;
  return most == expected ? 1 : (cells - expected) / (most - expected);
}

}  // namespace halqa
