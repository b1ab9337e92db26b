#include "engine/bgl/max_flow.h"

#include <algorithm>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/csr_graph.h"
#include "engine/bgl/watch.h"

namespace halqa {
namespace {

constexpr double kEndless = std::numeric_limits<double>::infinity();

// Every arc of the view and its way back, without self-loops, and two vertices more: one arc of
// endless capacity leads from the first to each source, and from each target to the second.
class FlowGraph {
 public:
  FlowGraph(const CsrView& view, const MaxFlowOptions& options)
      : view_(view), ends_(view.vertices, 0) {
    for (const VertexIndex s : options.sources) ends_[s] = 1;
    for (const VertexIndex t : options.targets) ends_[t] = 2;
  }

  // Throws Stopped.
  void Build(Watch* watch);

  VertexIndex source() const { return view_.vertices; }
  VertexIndex sink() const { return view_.vertices + 1; }
  const CsrView& graph() const { return graph_; }
  double capacity(uint64_t arc) const { return capacities_[arc]; }
  uint64_t reverse(uint64_t arc) const { return reverse_[arc]; }

 private:
  void Add(VertexIndex target, double capacity) {
    targets_.push_back(target);
    capacities_.push_back(static_cast<float>(capacity));
  }
  void AddRow(VertexIndex v);
  void AddEndRow(uint8_t end);
  void FindReverse(Watch* watch);

  const CsrView& view_;
  std::vector<uint8_t> ends_;  // 1 a source, 2 a target
  std::vector<uint64_t> offsets_ = {0};
  std::vector<VertexIndex> targets_;
  std::vector<float> capacities_;
  std::vector<uint64_t> reverse_;
  CsrView graph_;
};

// Merges the two rows of a vertex; an arc that is only there backwards carries nothing.
void FlowGraph::AddRow(VertexIndex v) {
  const absl::Span<const VertexIndex> out = view_.Out(v), in = view_.In(v);
  size_t i = 0, j = 0;
  while (i < out.size() || j < in.size()) {
    const bool forwards = i < out.size() && (j == in.size() || out[i] <= in[j]);
    const VertexIndex u = forwards ? out[i] : in[j];
    const double capacity = forwards ? view_.OutWeight(view_.out_offsets[v] + i) : 0;
    if (forwards) ++i;
    if (j < in.size() && in[j] == u) ++j;
    if (u != v) Add(u, capacity);
  }
  if (ends_[v] == 1) Add(source(), 0);
  if (ends_[v] == 2) Add(sink(), kEndless);
  offsets_.push_back(targets_.size());
}

void FlowGraph::AddEndRow(uint8_t end) {
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    if (ends_[v] == end) Add(v, end == 1 ? kEndless : 0);
  }
  offsets_.push_back(targets_.size());
}

// Rows are sorted and hold both ways: the k-th arc that leads to v is the way back of its k-th.
void FlowGraph::FindReverse(Watch* watch) {
  std::vector<uint64_t> next(offsets_.begin(), offsets_.end() - 1);
  reverse_.resize(targets_.size());
  for (uint64_t arc = 0; arc < targets_.size(); ++arc) {
    watch->Look();
    reverse_[arc] = next[targets_[arc]]++;
  }
}

void FlowGraph::Build(Watch* watch) {
  const uint64_t arcs = (view_.symmetric ? 1 : 2) * view_.arcs() + 4;
  offsets_.reserve(uint64_t{view_.vertices} + 3);
  targets_.reserve(arcs);
  capacities_.reserve(arcs);
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    watch->Look(1 + view_.OutDegree(v));
    AddRow(v);
  }
  AddEndRow(1);
  AddEndRow(2);
  FindReverse(watch);
  graph_.vertices = view_.vertices + 2;
  graph_.out_offsets = offsets_;
  graph_.out_targets = targets_;
}

class Capacities {
 public:
  using key_type = CsrEdge;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;
  Capacities(const FlowGraph& flow, Watch* watch) : flow_(&flow), watch_(watch) {}
  friend double get(const Capacities& map, const CsrEdge& e) {
    map.watch_->Look();
    return map.flow_->capacity(e.arc);
  }

 private:
  const FlowGraph* flow_;
  Watch* watch_;
};

class ReverseArcs {
 public:
  using key_type = CsrEdge;
  using value_type = CsrEdge;
  using reference = CsrEdge;
  using category = boost::readable_property_map_tag;
  explicit ReverseArcs(const FlowGraph& flow) : flow_(&flow) {}
  friend CsrEdge get(const ReverseArcs& map, const CsrEdge& e) {
    return {e.target, e.source, map.flow_->reverse(e.arc)};
  }

 private:
  const FlowGraph* flow_;
};

// What an arc can still carry; watched, for Boost looks here at every step.
class Residuals {
 public:
  using key_type = CsrEdge;
  using value_type = double;
  using reference = double;
  using category = boost::read_write_property_map_tag;
  Residuals(std::vector<double>* values, Watch* watch) : values_(values), watch_(watch) {}
  friend double get(const Residuals& map, const CsrEdge& e) {
    map.watch_->Look();
    return (*map.values_)[e.arc];
  }
  friend void put(const Residuals& map, const CsrEdge& e, double value) {
    (*map.values_)[e.arc] = value;
  }

 private:
  std::vector<double>* values_;
  Watch* watch_;
};

// The flow; fills what each arc can still carry.
double RunBoost(const FlowGraph& flow, Watch* watch, std::vector<double>* residuals) {
  CsrView graph = flow.graph();
  residuals->resize(graph.arcs());
  std::vector<CsrEdge> predecessors(graph.vertices);
  std::vector<boost::default_color_type> trees(graph.vertices);
  std::vector<uint32_t> distances(graph.vertices);
  const auto index = get(boost::vertex_index, graph);
  return boost::boykov_kolmogorov_max_flow(
      graph, Capacities(flow, watch), Residuals(residuals, watch), ReverseArcs(flow),
      boost::make_iterator_property_map(predecessors.begin(), index),
      boost::make_iterator_property_map(trees.begin(), index),
      boost::make_iterator_property_map(distances.begin(), index), index, flow.source(),
      flow.sink());
}

// Whom the source still reaches: the same for every largest flow, so not a matter of its course.
std::vector<uint32_t> SourceSide(const FlowGraph& flow, const std::vector<double>& residuals,
                                 Watch* watch) {
  const CsrView& graph = flow.graph();
  std::vector<uint32_t> side(graph.vertices, 0);
  std::vector<VertexIndex> stack = {flow.source()};
  side[flow.source()] = 1;
  while (!stack.empty()) {
    const VertexIndex v = stack.back();
    stack.pop_back();
    watch->Look(graph.OutDegree(v));
    for (uint64_t a = graph.out_offsets[v]; a < graph.out_offsets[v + 1]; ++a) {
      const VertexIndex u = graph.out_targets[a];
      if (side[u] != 0 || !(residuals[a] > 0)) continue;
      side[u] = 1;
      stack.push_back(u);
    }
  }
  side.resize(graph.vertices - 2);
  return side;
}

void MeasureCut(const CsrView& view, Watch* watch, MaxFlowResult* result) {
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    watch->Look(1 + view.OutDegree(v));
    if (result->source_side[v] == 0) continue;
    for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
      if (result->source_side[view.out_targets[a]] != 0 || !(view.OutWeight(a) > 0)) continue;
      result->cut_weight += view.OutWeight(a);
      ++result->cut_arcs;
    }
  }
}

// InvalidArgument (`missing` when there is none, VERTEX_OUT_OF_RANGE) naming `field`.
absl::Status NamesVertices(const CsrView& view, absl::string_view field,
                           absl::Span<const VertexIndex> named, absl::string_view missing) {
  if (named.empty()) return FieldError(missing, field, absl::StrCat("give at least one ", field));
  for (const VertexIndex v : named) {
    if (v < view.vertices) continue;
    return FieldError("VERTEX_OUT_OF_RANGE", field,
                      absl::StrCat("vertex ", v, " is not in the graph"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MaxFlowOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(NamesVertices(view, "source", sources, "SOURCE_REQUIRED"));
  HALQA_RETURN_IF_ERROR(NamesVertices(view, "target", targets, "TARGET_REQUIRED"));
  for (const VertexIndex s : sources) {
    if (std::find(targets.begin(), targets.end(), s) == targets.end()) continue;
    return FieldError("SOURCE_IS_TARGET", "target",
                      absl::StrCat("vertex ", s, " is a source and a target"));
  }
  return absl::OkStatus();
}

uint64_t EstimateMaxFlow(const CsrView& view, const MaxFlowOptions& options) {
  const uint64_t ends = 2 * (options.sources.size() + options.targets.size());
  const uint64_t arcs = (view.symmetric ? 1 : 2) * view.arcs() + ends + 4;
  // Per arc: target, capacity, way back, residual. Per vertex: end, offset, predecessor, tree,
  // distance, time, two bits; active vertices and those that lost their way back to an end, who are
  // few at a time.
  return 24 * arcs + (uint64_t{view.vertices} + 2) * (1 + 8 + 16 + 4 + 4 + 8 + 5) + 8192;
}

absl::StatusOr<MaxFlowResult> MaxFlow(const CsrView& view, const MaxFlowOptions& options,
                                      RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  if (!view.has_in()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                     "this algorithm reads in-rows; build the graph with them");
  }
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateMaxFlow(view, options)));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  MaxFlowResult result;
  // Two passes while the graph is made, one at the end, some in Boost.
  Watch watch(run, 10.0 * static_cast<double>(view.arcs() + view.vertices));
  try {
    FlowGraph flow(view, options);
    flow.Build(&watch);
    std::vector<double> residuals;
    result.flow = RunBoost(flow, &watch, &residuals);
    result.source_side = SourceSide(flow, residuals, &watch);
    MeasureCut(view, &watch, &result);
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
