#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/algo/kernel.h"
#include "engine/algo/traverse/sssp.h"

namespace halqa {
namespace {

absl::Status Wrong(VertexIndex v, absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", absl::StrCat("vertex ", v, what));
}

}  // namespace

absl::Status VerifySssp(const CsrView& view, const SsspOptions& options, const SsspResult& result) {
  const std::vector<double>& d = result.distances;
  if (d.size() != view.vertices) return Wrong(view.vertices, ": the length is wrong");
  std::vector<uint8_t> explained(view.vertices, 0);
  std::vector<VertexIndex> queue;
  for (const VertexIndex s : options.sources) {
    if (d[s] != 0) return Wrong(s, " is a source and not at 0");
    if (explained[s] == 0) queue.push_back(s);
    explained[s] = 1;
  }
  // From explained vertices over arcs that are exactly as long as the difference, whatever the
  // order of distances: this also sees through circles of weight 0.
  for (size_t i = 0; i < queue.size(); ++i) {
    const VertexIndex u = queue[i];
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const VertexIndex v = view.out_targets[a];
      const double offer = d[u] + view.OutWeight(a);
      if (d[v] > offer) return Wrong(v, absl::StrCat(" is nearer by its arc from ", u));
      if (d[v] < offer || explained[v] != 0) continue;
      explained[v] = 1;
      queue.push_back(v);
    }
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if ((explained[v] != 0) != std::isfinite(d[v])) return Wrong(v, " is reached by no such path");
  }
  if (queue.size() == result.reached) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "reached is wrong");
}

}  // namespace halqa
