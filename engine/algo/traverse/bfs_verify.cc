#include "absl/strings/str_cat.h"
#include "engine/algo/kernel.h"
#include "engine/algo/traverse/bfs.h"

namespace halqa {
namespace {

absl::Status Wrong(VertexIndex v, absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", absl::StrCat("vertex ", v, what));
}

}  // namespace

absl::Status VerifyBfs(const CsrView& view, const BfsOptions& options, const BfsResult& result) {
  const std::vector<uint32_t>& hops = result.hops;
  if (hops.size() != view.vertices) return Wrong(view.vertices, ": the length is wrong");
  std::vector<uint8_t> explained(view.vertices, 0);
  for (const VertexIndex s : options.sources) explained[s] = 1;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if ((hops[v] == 0) != (explained[v] == 1)) return Wrong(v, ": 0 hops are for sources alone");
  }
  uint64_t reached = 0;
  uint32_t depth = 0;
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    if (hops[u] == kNoVertex) continue;
    ++reached;
    depth = std::max(depth, hops[u]);
    for (const VertexIndex v : view.Out(u)) {
      if (hops[v] == kNoVertex || hops[v] > hops[u] + 1) {
        return Wrong(v, absl::StrCat(" is nearer by its arc from ", u));
      }
      if (hops[v] == hops[u] + 1) explained[v] = 1;
    }
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (hops[v] != kNoVertex && explained[v] == 0) return Wrong(v, " has no arc from one hop less");
  }
  if (reached == result.reached && depth == result.depth) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "reached or depth is wrong");
}

}  // namespace halqa
