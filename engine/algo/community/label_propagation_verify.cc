#include <map>

#include "engine/algo/community/label_propagation.h"
#include "engine/algo/kernel.h"

namespace halqa {

absl::Status VerifyLabelPropagation(const CsrView& view, const LabelPropagationOptions& options,
                                    const LabelPropagationResult& result) {
  std::vector<VertexIndex> labels(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) labels[v] = v;
  for (int round = 0; round < options.iterations; ++round) {
    std::vector<std::map<VertexIndex, int>> votes(view.vertices);
    // Arc by arc, from either end; an undirected edge is two arcs, each of which votes once.
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      for (const VertexIndex u : view.Out(v)) {
        ++votes[v][labels[u]];
        if (!view.symmetric) ++votes[u][labels[v]];
      }
    }
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      int most = 0;
      for (const auto& [label, count] : votes[v]) {
        if (count <= most) continue;
        most = count;
        labels[v] = label;
      }
    }
  }
  if (labels != result.labels) {
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                     "labels differ from those of a count with maps");
  }
  return absl::OkStatus();
}

}  // namespace halqa
