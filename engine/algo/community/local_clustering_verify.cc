#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/algo/community/local_clustering.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyLocalClustering(const CsrView& view, const LocalClusteringResult& result) {
  std::vector<std::vector<VertexIndex>> near(view.vertices);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (const VertexIndex v : view.Out(u)) {
      if (u == v) continue;
      near[u].push_back(v);
      near[v].push_back(u);
    }
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    std::vector<VertexIndex>& row = near[v];
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
    uint64_t arcs = 0;
    for (const VertexIndex a : row) {
      const absl::Span<const VertexIndex> out = view.Out(a);
      for (const VertexIndex b : row) {
        if (a != b && std::binary_search(out.begin(), out.end(), b)) ++arcs;
      }
    }
    const auto degree = static_cast<double>(row.size());
    const double want = row.size() < 2 ? 0 : static_cast<double>(arcs) / (degree * (degree - 1));
    if (std::fabs(result.coefficients[v] - want) <= 1e-15) continue;
    return MakeError(
        absl::StatusCode::kDataLoss, "VERIFY_FAILED",
        absl::StrCat("the coefficient of vertex ", v, " is not ", result.coefficients[v]));
  }
  return absl::OkStatus();
}

}  // namespace halqa
