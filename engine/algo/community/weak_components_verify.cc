#include "engine/algo/community/weak_components.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyWeakComponents(const CsrView& view, const WeakComponentsResult& result) {
  // Undirected adjacency of its own, so that in-rows are not needed.
  std::vector<std::vector<VertexIndex>> adjacent(view.vertices);
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (const VertexIndex v : view.Out(u)) {
      adjacent[u].push_back(v);
      adjacent[v].push_back(u);
    }
  }
  std::vector<VertexIndex> labels(view.vertices, kNoVertex);
  uint32_t components = 0;
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    if (labels[s] != kNoVertex) continue;
    ++components;
    std::vector<VertexIndex> queue = {s};
    labels[s] = s;
    for (size_t i = 0; i < queue.size(); ++i) {
      for (const VertexIndex u : adjacent[queue[i]]) {
        if (labels[u] != kNoVertex) continue;
        labels[u] = s;
        queue.push_back(u);
      }
    }
  }
  if (labels != result.labels || components != result.components) {
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                     "the labels are not those of a breadth-first search");
  }
  return absl::OkStatus();
}

}  // namespace halqa
