#include "engine/algo/community/quality.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

// Sizes of the parts of two partitions and of their meetings, in a fixed order.
struct Contingency {
  std::vector<uint64_t> a, b;
  std::vector<uint64_t> cells;
  std::vector<uint32_t> cell_a, cell_b;
  uint64_t n = 0;
};

uint32_t Number(absl::flat_hash_map<uint32_t, uint32_t>* names, uint32_t label) {
  return names->try_emplace(label, static_cast<uint32_t>(names->size())).first->second;
}

absl::StatusOr<Contingency> Meet(absl::Span<const uint32_t> a, absl::Span<const uint32_t> b) {
  if (a.size() != b.size()) {
    return FieldError("LENGTH_MISMATCH", "labels", "the partitions have different lengths");
  }
  Contingency t;
  t.n = a.size();
  absl::flat_hash_map<uint32_t, uint32_t> a_names, b_names;
  absl::flat_hash_map<uint64_t, uint32_t> cells;
  for (uint64_t v = 0; v < t.n; ++v) {
    const uint32_t i = Number(&a_names, a[v]);
    const uint32_t j = Number(&b_names, b[v]);
    t.a.resize(a_names.size());
    t.b.resize(b_names.size());
    ++t.a[i];
    ++t.b[j];
    const auto [cell, fresh] = cells.try_emplace((static_cast<uint64_t>(i) << 32) | j,
                                                 static_cast<uint32_t>(t.cells.size()));
    if (fresh) {
      t.cells.push_back(0);
      t.cell_a.push_back(i);
      t.cell_b.push_back(j);
    }
    ++t.cells[cell->second];
  }
  return t;
}

double Pairs(uint64_t n) { return 0.5 * static_cast<double>(n) * (static_cast<double>(n) - 1); }

double Entropy(const std::vector<uint64_t>& sizes, double n) {
  double h = 0;
  for (const uint64_t s : sizes) {
    const double p = static_cast<double>(s) / n;
    h -= p * std::log(p);
  }
  return h;
}

// Parts of equal size add the same amount, so sizes are grouped.
std::vector<std::pair<uint64_t, uint64_t>> SizeCounts(std::vector<uint64_t> sizes) {
  std::sort(sizes.begin(), sizes.end());
  std::vector<std::pair<uint64_t, uint64_t>> counts;
  for (const uint64_t s : sizes) {
    if (counts.empty() || counts.back().first != s) counts.emplace_back(s, 0);
    ++counts.back().second;
  }
  return counts;
}

// The mutual information expected of two random partitions with these part sizes.
double ExpectedMutualInformation(const Contingency& t) {
  std::vector<double> log_factorial(t.n + 1, 0.0);
  for (uint64_t i = 2; i <= t.n; ++i) {
    log_factorial[i] = log_factorial[i - 1] + std::log(static_cast<double>(i));
  }
  const auto n = static_cast<double>(t.n);
  double expected = 0;
  for (const auto& [x, x_count] : SizeCounts(t.a)) {
    for (const auto& [y, y_count] : SizeCounts(t.b)) {
      const uint64_t low = x + y > t.n ? x + y - t.n : 1;
      double sum = 0;
      for (uint64_t k = std::max<uint64_t>(low, 1); k <= std::min(x, y); ++k) {
        const auto kd = static_cast<double>(k);
        const double term =
            kd / n * std::log(n * kd / (static_cast<double>(x) * static_cast<double>(y)));
        const double log_p = log_factorial[x] + log_factorial[y] + log_factorial[t.n - x] +
                             log_factorial[t.n - y] - log_factorial[t.n] - log_factorial[k] -
                             log_factorial[x - k] - log_factorial[y - k] -
                             log_factorial[t.n - x - y + k];
        sum += term * std::exp(log_p);
      }
      expected += sum * static_cast<double>(x_count) * static_cast<double>(y_count);
    }
  }
  return expected;
}

bool TriviallyEqual(const Contingency& t) {
  const bool together = t.a.size() <= 1 && t.b.size() <= 1;
  const bool apart = t.a.size() == t.n && t.b.size() == t.n;
  return together || apart;
}

// What the qualities of a partition are made of, by community in the order of the smallest vertex.
struct Sums {
  std::vector<double> rows, inside, loops;  // weight of arcs: of all, both ends inside, self-loops
  std::vector<uint64_t> sizes;
  double total = 0;
};

absl::StatusOr<Sums> SumByCommunity(const CsrView& view, absl::Span<const uint32_t> labels) {
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  if (labels.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "labels", "one label per vertex expected");
  }
  absl::flat_hash_map<uint32_t, uint32_t> names;
  Sums sums;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const uint32_t c = Number(&names, labels[v]);
    if (c == sums.sizes.size()) {
      sums.sizes.push_back(0);
      for (auto* s : {&sums.rows, &sums.inside, &sums.loops}) s->push_back(0);
    }
    double row = 0, inside = 0;
    for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
      const VertexIndex u = view.out_targets[a];
      row += view.OutWeight(a);
      if (labels[u] == labels[v]) inside += view.OutWeight(a);
      if (u == v) sums.loops[c] += view.OutWeight(a);
    }
    ++sums.sizes[c];
    sums.rows[c] += row;
    sums.inside[c] += inside;
    sums.total += row;
  }
  return sums;
}

}  // namespace

absl::StatusOr<double> Modularity(const CsrView& view, absl::Span<const uint32_t> labels,
                                  double resolution) {
  HALQA_ASSIGN_OR_RETURN(const Sums sums, SumByCommunity(view, labels));
  if (!(sums.total > 0)) return 0.0;
  double expected = 0, inside = 0;
  for (const double k : sums.rows) expected += (k / sums.total) * (k / sums.total);
  for (const double w : sums.inside) inside += w;
  return inside / sums.total - resolution * expected;
}

absl::StatusOr<double> CpmQuality(const CsrView& view, absl::Span<const uint32_t> labels,
                                  double resolution) {
  HALQA_ASSIGN_OR_RETURN(const Sums sums, SumByCommunity(view, labels));
  double quality = 0;
  for (size_t c = 0; c < sums.sizes.size(); ++c) {
    quality += 0.5 * (sums.inside[c] + sums.loops[c]) - resolution * Pairs(sums.sizes[c]);
  }
  return quality;
}

absl::StatusOr<ConductanceResult> Conductance(const CsrView& view,
                                              absl::Span<const uint32_t> labels) {
  HALQA_ASSIGN_OR_RETURN(const Sums sums, SumByCommunity(view, labels));
  ConductanceResult result;
  for (size_t c = 0; c < sums.sizes.size(); ++c) {
    const double side = std::min(sums.rows[c], sums.total - sums.rows[c]);
    const double leaving = sums.rows[c] - sums.inside[c];
    result.by_community.push_back(side > 0 ? std::min(1.0, leaving / side) : 0.0);
    result.mean += result.by_community.back();
    result.largest = std::max(result.largest, result.by_community.back());
  }
  if (!sums.sizes.empty()) result.mean /= static_cast<double>(sums.sizes.size());
  return result;
}

absl::StatusOr<double> AdjustedRandIndex(absl::Span<const uint32_t> a,
                                         absl::Span<const uint32_t> b) {
  HALQA_ASSIGN_OR_RETURN(const Contingency t, Meet(a, b));
  if (TriviallyEqual(t)) return 1.0;
  double both = 0, in_a = 0, in_b = 0;
  for (const uint64_t s : t.cells) both += Pairs(s);
  for (const uint64_t s : t.a) in_a += Pairs(s);
  for (const uint64_t s : t.b) in_b += Pairs(s);
  const double expected = in_a * in_b / Pairs(t.n);
  return (both - expected) / (0.5 * (in_a + in_b) - expected);
}

absl::StatusOr<double> AdjustedMutualInformation(absl::Span<const uint32_t> a,
                                                 absl::Span<const uint32_t> b) {
  HALQA_ASSIGN_OR_RETURN(const Contingency t, Meet(a, b));
  if (TriviallyEqual(t)) return 1.0;
  const auto n = static_cast<double>(t.n);
  double mutual = 0;
  for (uint64_t c = 0; c < t.cells.size(); ++c) {
    const auto k = static_cast<double>(t.cells[c]);
    const auto x = static_cast<double>(t.a[t.cell_a[c]]);
    const auto y = static_cast<double>(t.b[t.cell_b[c]]);
    mutual += k / n * std::log(n * k / (x * y));
  }
  const double expected = ExpectedMutualInformation(t);
  const double mean = 0.5 * (Entropy(t.a, n) + Entropy(t.b, n));
  const double span = mean - expected;
  return std::fabs(span) < 1e-15 ? 0.0 : (mutual - expected) / span;
}

uint32_t DisconnectedCommunities(const CsrView& view, absl::Span<const uint32_t> labels) {
  std::vector<uint8_t> seen(view.vertices, 0);
  std::vector<uint32_t> pieces(view.vertices, 0);
  std::vector<VertexIndex> stack;
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    if (seen[s] != 0) continue;
    ++pieces[labels[s]];
    seen[s] = 1;
    stack.assign(1, s);
    while (!stack.empty()) {
      const VertexIndex v = stack.back();
      stack.pop_back();
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        const VertexIndex u = view.out_targets[a];
        if (seen[u] != 0 || labels[u] != labels[s] || !(view.OutWeight(a) > 0)) continue;
        seen[u] = 1;
        stack.push_back(u);
      }
    }
  }
  uint32_t broken = 0;
  for (const uint32_t p : pieces) broken += p > 1 ? 1 : 0;
  return broken;
}

}  // namespace halqa
