#include "engine/bgl/strong_components.h"

#include <boost/graph/strong_components.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/watched_graph.h"
#include "engine/graph/array.h"

namespace halqa {

namespace {

// What Boost's search keeps of each vertex that it is inside of.
using OnStack =
    std::pair<VertexIndex, std::pair<boost::optional<WatchedArc>,
                                     std::pair<WatchedArcIterator, WatchedArcIterator>>>;

// Bytes beside the stack of the search: label, root, time and colour, and Tarjan's stack.
uint64_t BesideStack(const CsrView& view) { return WithSmallThings(17 * uint64_t{view.vertices}); }

// How deep the search may go in `bytes`.
uint64_t DepthMax(uint64_t bytes) {
  uint64_t depth = 0;
  for (uint64_t next = 1; GrownVector(next, sizeof(OnStack)) <= bytes; next *= 2) depth = next;
  return depth;
}

// The colours of the search. A vertex is grey as long as the search is inside of it.
class Colours {
 public:
  using key_type = VertexIndex;
  using value_type = boost::default_color_type;
  using reference = value_type;
  using category = boost::read_write_property_map_tag;
  struct State {
    Array<uint8_t> colour;
    uint64_t depth = 0, depth_max = 0;
    const RunContext& run;
  };
  explicit Colours(State* state) : state_(state) {}

  friend value_type get(const Colours& map, VertexIndex v) {
    return static_cast<value_type>(map.state_->colour[v]);
  }
  friend void put(const Colours& map, VertexIndex v, value_type colour) {
    State& s = *map.state_;
    s.colour[v] = static_cast<uint8_t>(colour);
    if (colour == boost::gray_color && ++s.depth > s.depth_max) throw Stopped{TooDeep(s)};
    if (colour == boost::black_color) --s.depth;
  }

 private:
  static absl::Status TooDeep(const State& s) {
    const uint64_t bytes =
        WithSmallThings(17 * s.colour.size()) + GrownVector(s.depth, sizeof(OnStack));
    return RequireMemory(s.run, bytes);
  }
  State* state_;
};

// Numbers the components into `component`; returns how many there are.
absl::StatusOr<uint32_t> RunBoost(const CsrView& view, RunContext& run,
                                  std::vector<uint32_t>* component) {
  // Every row is read when its vertex is found and again when it is done with.
  Watch watch(run, 2.0 * (static_cast<double>(view.arcs()) + view.vertices));
  const WatchedGraph graph{&view, &watch};
  Array<VertexIndex> root(view.vertices);
  Array<uint32_t> found(view.vertices);
  const uint64_t allowed = run.memory_bytes_max();
  Colours::State colours{Array<uint8_t>(view.vertices), 0,
                         allowed == 0 ? view.vertices : DepthMax(allowed - BesideStack(view)), run};
  const auto index = get(boost::vertex_index, graph);
  auto map = [&](auto* values) { return boost::make_iterator_property_map(values, index); };
  try {
    return boost::strong_components(graph, map(component->data()),
                                    boost::root_map(map(root.data()))
                                        .discover_time_map(map(found.data()))
                                        .color_map(Colours(&colours)));
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
}

}  // namespace

uint64_t EstimateStrongComponents(const CsrView& view, const StrongComponentsOptions&) {
  return BesideStack(view) + GrownVector(view.vertices, sizeof(OnStack));
}

absl::StatusOr<StrongComponentsResult> StrongComponents(const CsrView& view,
                                                        const StrongComponentsOptions& options,
                                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireMemory(run, BesideStack(view)));
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
