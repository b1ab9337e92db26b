#include <algorithm>
#include <functional>

#include "engine/algo/centrality/k_core.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

// The neighbours that hold v in a core, with repetition, without v itself.
std::vector<VertexIndex> Holders(const CsrView& view, const KCoreOptions& options, VertexIndex v) {
  std::vector<VertexIndex> all;
  if (options.degree == CoreDegree::kIn ||
      (options.degree == CoreDegree::kTotal && !view.symmetric)) {
    for (const VertexIndex u : view.In(v)) all.push_back(u);
  }
  if (options.degree != CoreDegree::kIn) {
    for (const VertexIndex u : view.Out(v)) all.push_back(u);
  }
  all.erase(std::remove(all.begin(), all.end(), v), all.end());
  return all;
}

}  // namespace

absl::Status VerifyKCore(const CsrView& view, const KCoreOptions& options,
                         const KCoreResult& result) {
  std::vector<uint32_t> h(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    h[v] = static_cast<uint32_t>(Holders(view, options, v).size());
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      std::vector<uint32_t> values;
      for (const VertexIndex u : Holders(view, options, v)) values.push_back(h[u]);
      std::sort(values.begin(), values.end(), std::greater<>());
      uint32_t index = 0;
      while (index < values.size() && values[index] >= index + 1) ++index;
      if (index < h[v]) {
        h[v] = index;
        changed = true;
      }
    }
  }
  if (h != result.cores) {
    return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                     "core numbers are not the limit of the h-indices");
  }
  return absl::OkStatus();
}

}  // namespace halqa
