#include <cmath>

#include "engine/algo/centrality/closeness.h"
#include "engine/algo/centrality/relaxed_distances.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyCloseness(const CsrView& view, const ClosenessOptions& options,
                             const ClosenessResult& result) {
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    long double sum = 0;
    long double reached = 0;
    for (const uint32_t d : RelaxedDistances(view, options.direction, v)) {
      if (d == 0 || d == kNoVertex) continue;
      sum += d;
      reached += 1;
    }
    const long double want = reached == 0 ? 0 : reached * reached / sum / (view.vertices - 1.0L);
    if (!(std::fabs(static_cast<double>(want) - result.scores[v]) <= 1e-14)) {
      return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                       absl::StrCat("closeness of vertex ", v, " is ", result.scores[v], ", not ",
                                    static_cast<double>(want)));
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
