#include <cmath>
#include <map>

#include "engine/algo/community/louvain.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

absl::Status Failed(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

// Weight between communities, by pair of names, and the weight of each one's rows.
struct Between {
  std::map<std::pair<uint32_t, uint32_t>, long double> weight;
  std::map<uint32_t, long double> rows;
  long double total = 0;
};

Between Sum(const CsrView& view, const std::vector<uint32_t>& of) {
  Between sums;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      sums.weight[{of[v], of[view.in_sources[a]]}] += view.InWeight(a);
      sums.rows[of[v]] += view.InWeight(a);
      sums.total += view.InWeight(a);
    }
  }
  return sums;
}

absl::Status CheckNumbering(const std::vector<uint32_t>& of, uint32_t n, uint32_t count) {
  if (of.size() != n) return Failed("one community per vertex expected");
  uint32_t names = 0;
  for (const uint32_t c : of) {
    if (c > names) return Failed("communities are not numbered by first vertex");
    if (c == names) ++names;
  }
  return names == count ? absl::OkStatus() : Failed("wrong number of communities");
}

absl::Status CheckNested(const std::vector<std::vector<uint32_t>>& levels) {
  for (size_t i = 0; i + 1 < levels.size(); ++i) {
    std::map<uint32_t, uint32_t> up;
    for (size_t v = 0; v < levels[i].size(); ++v) {
      if (up.emplace(levels[i][v], levels[i + 1][v]).first->second != levels[i + 1][v]) {
        return Failed(absl::StrCat("level ", i, " is not nested in the next"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyLouvain(const CsrView& view, const LouvainOptions& options,
                           const LouvainResult& result) {
  const absl::Status numbered = CheckNumbering(result.communities, view.vertices, result.count);
  if (!numbered.ok()) return numbered;
  const Between sums = Sum(view, result.communities);
  long double quality = 0;
  if (sums.total > 0) {
    for (const auto& [pair, w] : sums.weight) quality += pair.first == pair.second ? w : 0.0L;
    for (const auto& [c, k] : sums.rows) quality -= options.resolution * k * k / sums.total;
    quality /= sums.total;
  }
  if (std::fabs(quality - result.modularity) > 1e-9L) return Failed("wrong modularity");
  if (std::fabs(quality - result.tracked_modularity) > 1e-9L) {
    return Failed("the gains of the moves do not add up to the modularity");
  }
  for (const auto& [pair, w] : sums.weight) {
    if (pair.first == pair.second || !(w > 0)) continue;
    const long double price =
        options.resolution * sums.rows.at(pair.first) * sums.rows.at(pair.second) / sums.total;
    if (w - price > 1e-9L * sums.total) {
      return Failed(
          absl::StrCat("communities ", pair.first, " and ", pair.second, " should be one"));
    }
  }
  return CheckNested(result.levels);
}

}  // namespace halqa
