#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "engine/algo/community/triangles.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyTriangles(const CsrView& view, const TrianglesOptions& options,
                             const TrianglesResult& result) {
  std::vector<std::vector<VertexIndex>> near(view.vertices);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (const VertexIndex v : view.Out(u)) {
      if (u == v) continue;
      near[u].push_back(v);
      near[v].push_back(u);
    }
  }
  for (auto& row : near) {
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
  }
  uint64_t sum = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    uint64_t twice = 0;
    std::vector<VertexIndex> common;
    for (const VertexIndex u : near[v]) {
      common.clear();
      std::set_intersection(near[v].begin(), near[v].end(), near[u].begin(), near[u].end(),
                            std::back_inserter(common));
      twice += common.size();
    }
    sum += twice / 2;
    if (!options.each || result.counts[v] == twice / 2) continue;
    return MakeError(
        absl::StatusCode::kDataLoss, "VERIFY_FAILED",
        absl::StrCat("vertex ", v, " lies in ", twice / 2, " triangles, not ", result.counts[v]));
  }
  if (sum == 3 * result.total) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                   absl::StrCat("there are ", sum / 3, " triangles, not ", result.total));
}

}  // namespace halqa
