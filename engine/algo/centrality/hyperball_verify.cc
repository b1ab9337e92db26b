#include <algorithm>
#include <cmath>

#include "engine/algo/centrality/hyperball.h"
#include "engine/algo/centrality/hyperloglog.h"
#include "engine/algo/centrality/relaxed_distances.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

struct Both {
  double estimate = 0, exact = 0;
};

// Harmonic centrality of one vertex from its distances, and as the counters would have it.
Both ScoresFrom(const std::vector<uint32_t>& distances, const HyperBallOptions& options) {
  Both scores;
  std::vector<uint8_t> registers(uint64_t{1} << options.register_bits, 0);
  float before = 0;
  bool more = true;
  for (uint32_t d = 0; more && d <= static_cast<uint32_t>(options.iterations); ++d) {
    more = false;
    for (VertexIndex u = 0; u < distances.size(); ++u) {
      more |= distances[u] > d && distances[u] != kNoVertex;
      if (distances[u] != d) continue;
      hyperloglog::Add(u, options.seed, options.register_bits, registers.data());
      if (d > 0) scores.exact += 1.0 / d;
    }
    const auto size =
        static_cast<float>(hyperloglog::Size(registers.data(), options.register_bits));
    if (d > 0) scores.estimate += (static_cast<double>(size) - before) / d;
    before = size;
  }
  return scores;
}

}  // namespace

absl::StatusOr<double> VerifyHyperBall(const CsrView& view, const HyperBallOptions& options,
                                       const HyperBallResult& result) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  double worst = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const Both want = ScoresFrom(RelaxedDistances(view, options.direction, v), options);
    if (!(std::fabs(want.estimate - result.scores[v]) <= 1e-9 * (1 + want.estimate))) {
      return MakeError(
          absl::StatusCode::kDataLoss, "VERIFY_FAILED",
          absl::StrCat("score of vertex ", v, " is ", result.scores[v], ", not ", want.estimate));
    }
    if (want.exact > 0) {
      worst = std::max(worst, std::fabs(result.scores[v] - want.exact) / want.exact);
    }
  }
  return worst;
}

}  // namespace halqa
