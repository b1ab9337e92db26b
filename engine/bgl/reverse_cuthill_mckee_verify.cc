#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/bgl/reverse_cuthill_mckee.h"

namespace halqa {
namespace {

absl::Status Wrong(const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

double Apart(uint32_t a, uint32_t b) {
  return std::fabs(static_cast<double>(a) - static_cast<double>(b));
}

// That `order` is a search of every component in turn, near vertices of small degree first.
absl::Status VerifySearch(const CsrView& view, const std::vector<VertexIndex>& order) {
  std::vector<uint8_t> met(view.vertices, 0);
  size_t next = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == next) met[order[next++]] = 1;  // a component begins
    size_t fresh = 0;
    for (const VertexIndex u : view.Out(order[i])) {
      fresh += met[u] == 0 ? 1 : 0;
      met[u] = met[u] == 0 ? 2 : met[u];
    }
    for (size_t k = 0; k < fresh; ++k, ++next) {
      const VertexIndex u = order[next];
      if (met[u] != 2) return Wrong(absl::StrCat("vertex ", u, " stands too early"));
      met[u] = 1;
      if (k > 0 && view.OutDegree(order[next - 1]) > view.OutDegree(u)) {
        return Wrong(absl::StrCat("vertex ", u, " stands behind one of larger degree"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyReverseCuthillMckee(const CsrView& view,
                                       const ReverseCuthillMckeeResult& result) {
  std::vector<VertexIndex> order(view.vertices, kNoVertex);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const uint32_t p = result.positions[v];
    if (p >= view.vertices || order[view.vertices - 1 - p] != kNoVertex) {
      return Wrong(absl::StrCat("position ", p, " of vertex ", v));
    }
    order[view.vertices - 1 - p] = v;
  }
  if (const absl::Status searched = VerifySearch(view, order); !searched.ok()) return searched;
  double before = 0, after = 0, sum_before = 0, sum_after = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (const VertexIndex u : view.Out(v)) {
      const double apart = Apart(u, v);
      const double stand = Apart(result.positions[u], result.positions[v]);
      before = std::max(before, apart);
      after = std::max(after, stand);
      sum_before += apart;
      sum_after += stand;
    }
  }
  const double arcs = std::max<double>(1, static_cast<double>(view.arcs()));
  const bool same = before == result.before.bandwidth && after == result.after.bandwidth &&
                    std::fabs(sum_before / arcs - result.before.mean) <= 1e-9 * sum_before &&
                    std::fabs(sum_after / arcs - result.after.mean) <= 1e-9 * sum_after;
  return same ? absl::OkStatus() : Wrong("a span is wrong");
}

}  // namespace halqa
