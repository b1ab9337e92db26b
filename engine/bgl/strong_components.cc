#include "engine/bgl/strong_components.h"

#include <boost/graph/strong_components.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/watched_graph.h"
#include "engine/graph/array.h"

namespace halqa {

namespace {

// Numbers the components into `component`; returns how many there are.
absl::StatusOr<uint32_t> RunBoost(const CsrView& view, RunContext& run,
                                  std::vector<uint32_t>* component) {
  // Every row is read when its vertex is found and again when it is done with.
  Watch watch(run, 2.0 * (static_cast<double>(view.arcs()) + view.vertices));
  const WatchedGraph graph{&view, &watch};
  Array<VertexIndex> root(view.vertices);
  Array<uint32_t> found(view.vertices);
  const auto index = get(boost::vertex_index, graph);
  auto map = [&](auto* values) { return boost::make_iterator_property_map(values, index); };
  try {
    return boost::strong_components(
        graph, map(component->data()),
        boost::root_map(map(root.data())).discover_time_map(map(found.data())));
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
}

}  // namespace

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
  result.labels.resize(view.vertices);
  if (view.vertices > 0) {
    HALQA_ASSIGN_OR_RETURN(result.components, RunBoost(view, run, &result.labels));
  }
  std::vector<VertexIndex> smallest(result.components, kNoVertex);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    VertexIndex& first = smallest[result.labels[v]];
    if (first == kNoVertex) first = v;
    result.labels[v] = first;
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
