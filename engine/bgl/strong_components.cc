#include "engine/bgl/strong_components.h"

#include <boost/graph/strong_components.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/csr_graph.h"

namespace halqa {

uint64_t EstimateStrongComponents(const CsrView& view, const StrongComponentsOptions&) {
  // Component, root, discover time, colour, label; the search stack holds an arc and two iterators.
  return uint64_t{view.vertices} * (4 * 5 + 8 + 96);
}

absl::StatusOr<StrongComponentsResult> StrongComponents(const CsrView& view,
                                                        const StrongComponentsOptions& options,
                                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  const uint64_t bytes = EstimateStrongComponents(view, options);
  if (run.memory_bytes_max() > 0 && bytes > run.memory_bytes_max()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                     absl::StrCat("needs ", bytes, " bytes, allowed are ", run.memory_bytes_max()));
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  StrongComponentsResult result;
  std::vector<uint32_t> component(view.vertices);
  if (view.vertices > 0) {
    result.components = boost::strong_components(
        view, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, view)));
  }
  std::vector<VertexIndex> smallest(result.components, kNoVertex);
  result.labels.resize(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (smallest[component[v]] == kNoVertex) smallest[component[v]] = v;
    result.labels[v] = smallest[component[v]];
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

namespace {

std::vector<uint8_t> Reached(const CsrView& view, VertexIndex from, bool forwards) {
  std::vector<uint8_t> seen(view.vertices, 0);
  std::vector<VertexIndex> queue = {from};
  seen[from] = 1;
  for (size_t i = 0; i < queue.size(); ++i) {
    for (const VertexIndex u : forwards ? view.Out(queue[i]) : view.In(queue[i])) {
      if (seen[u] == 0) queue.push_back(u);
      seen[u] = 1;
    }
  }
  return seen;
}

}  // namespace

absl::Status VerifyStrongComponents(const CsrView& view, const StrongComponentsResult& result) {
  uint32_t components = 0;
  for (VertexIndex s = 0; s < view.vertices; ++s) {
    if (result.labels[s] != s) continue;
    ++components;
    const std::vector<uint8_t> to = Reached(view, s, true);
    const std::vector<uint8_t> from = Reached(view, s, false);
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      const bool together = to[v] != 0 && from[v] != 0;
      if (together != (result.labels[v] == s) || (together && v < s)) {
        return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED",
                         absl::StrCat("vertex ", v, " and label ", s));
      }
    }
  }
  if (components == result.components) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", "wrong number of components");
}

}  // namespace halqa
