#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/bgl/max_flow.h"

namespace halqa {
namespace {

// What each ordered pair can still carry.
using Matrix = std::vector<std::vector<double>>;

// Who is reached from the sources, and by whom; kNoVertex where nobody is.
std::vector<VertexIndex> Search(const Matrix& left, const std::vector<VertexIndex>& sources) {
  std::vector<VertexIndex> from(left.size(), kNoVertex);
  std::vector<VertexIndex> queue;
  for (const VertexIndex s : sources) {
    if (from[s] == kNoVertex) queue.push_back(s);
    from[s] = s;
  }
  for (size_t i = 0; i < queue.size(); ++i) {
    for (VertexIndex u = 0; u < left.size(); ++u) {
      if (from[u] != kNoVertex || !(left[queue[i]][u] > 0)) continue;
      from[u] = queue[i];
      queue.push_back(u);
    }
  }
  return from;
}

// Sends what fits along the path that ends in `t`; how much.
double Send(const std::vector<VertexIndex>& from, VertexIndex t, Matrix* left) {
  double most = HUGE_VAL;
  for (VertexIndex v = t; from[v] != v; v = from[v]) most = std::min(most, (*left)[from[v]][v]);
  for (VertexIndex v = t; from[v] != v; v = from[v]) {
    (*left)[from[v]][v] -= most;
    (*left)[v][from[v]] += most;
  }
  return most;
}

bool Near(double a, double b) { return std::fabs(a - b) <= 1e-9 * (1 + std::fabs(a)); }

absl::Status Wrong(const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

}  // namespace

absl::Status VerifyMaxFlow(const CsrView& view, const MaxFlowOptions& options,
                           const MaxFlowResult& result) {
  Matrix left(view.vertices, std::vector<double>(view.vertices, 0));
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
      left[v][view.out_targets[a]] = view.OutWeight(a);
    }
  }
  const Matrix whole = left;
  double flow = 0;
  std::vector<VertexIndex> from = Search(left, options.sources);
  for (bool sent = true; sent;) {
    sent = false;
    for (const VertexIndex t : options.targets) {
      if (from[t] == kNoVertex) continue;
      flow += Send(from, t, &left);
      from = Search(left, options.sources);
      sent = true;
    }
  }
  if (!Near(flow, result.flow)) return Wrong(absl::StrCat(result.flow, " flows, not ", flow));
  double cut = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const uint32_t side = from[v] == kNoVertex ? 0 : 1;
    if (side != result.source_side[v]) return Wrong(absl::StrCat("side of vertex ", v));
    for (VertexIndex u = 0; side == 1 && u < view.vertices; ++u) {
      if (from[u] == kNoVertex) cut += whole[v][u];
    }
  }
  return Near(cut, result.cut_weight) && Near(cut, flow) ? absl::OkStatus()
                                                         : Wrong("the cut is not the flow");
}

}  // namespace halqa
