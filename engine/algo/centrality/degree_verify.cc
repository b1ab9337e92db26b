#include <cmath>

#include "engine/algo/centrality/degree.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyDegree(const CsrView& view, const DegreeOptions& options,
                          const DegreeResult& result) {
  std::vector<long double> expected(view.vertices, 0.0L);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const VertexIndex v = view.out_targets[a];
      const long double w = options.weighted ? view.OutWeight(a) : 1.0L;
      const bool once = view.symmetric && u != v;  // the reverse arc brings the other end
      if (options.kind != DegreeKind::kIn) expected[u] += w;
      if (options.kind == DegreeKind::kIn) expected[v] += w;
      if (options.kind == DegreeKind::kTotal && !once) expected[v] += w;
    }
  }
  if (result.values.size() != view.vertices) {
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "wrong number of degrees");
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (std::fabs(result.values[v] - expected[v]) > 1e-9L * (1 + expected[v])) {
      return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                       absl::StrCat("degree of vertex ", v, " is ", result.values[v], ", not ",
                                    static_cast<double>(expected[v])));
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
