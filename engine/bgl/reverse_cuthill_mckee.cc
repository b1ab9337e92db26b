#include "engine/bgl/reverse_cuthill_mckee.h"

#include <algorithm>
#include <boost/graph/cuthill_mckee_ordering.hpp>
#include <deque>
#include <iterator>
#include <utility>

#include "engine/base/memory.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/csr_graph.h"
#include "engine/bgl/watch.h"

namespace halqa {
namespace {

// Degree, then number: no two vertices are equal, so that no sort can order them otherwise.
uint64_t Rank(const CsrView& view, VertexIndex v) {
  return (std::min<uint64_t>(view.OutDegree(v), 0xffffffff) << 32) | v;
}

// Ranks, watched: the rows of hubs are sorted by them.
class Ranks {
 public:
  using key_type = VertexIndex;
  using value_type = uint64_t;
  using reference = uint64_t;
  using category = boost::readable_property_map_tag;
  Ranks(const CsrView& view, Watch* watch) : view_(&view), watch_(watch) {}
  friend uint64_t get(const Ranks& map, VertexIndex v) {
    map.watch_->Look();
    return Rank(*map.view_, v);
  }
  uint64_t operator[](VertexIndex v) const { return get(*this, v); }

 private:
  const CsrView* view_;
  Watch* watch_;
};

// Colours, watched: the search looks at one for every arc.
class Colours {
 public:
  using key_type = VertexIndex;
  using value_type = boost::default_color_type;
  using reference = boost::default_color_type;
  using category = boost::read_write_property_map_tag;
  Colours(std::vector<uint8_t>* values, Watch* watch) : values_(values), watch_(watch) {}
  friend value_type get(const Colours& map, VertexIndex v) {
    map.watch_->Look();
    return static_cast<value_type>((*map.values_)[v]);
  }
  friend void put(const Colours& map, VertexIndex v, value_type value) {
    (*map.values_)[v] = static_cast<uint8_t>(value);
  }

 private:
  std::vector<uint8_t>* values_;
  Watch* watch_;
};

// Finds where the search of each component starts.
class Starts {
 public:
  Starts(const CsrView& view, Watch* watch) : view_(view), watch_(watch), seen_(view.vertices, 0) {
    queue_.reserve(view.vertices);
  }

  std::deque<VertexIndex> Find() {
    std::deque<VertexIndex> starts;
    for (VertexIndex v = 0; v < view_.vertices; ++v) {
      watch_->Look();
      if (seen_[v] == 0) starts.push_back(Outside(v));
    }
    return starts;
  }

 private:
  // A vertex of the component of v that is far from others: goes to the farthest while that is
  // farther than before.
  VertexIndex Outside(VertexIndex v) {
    Search(v);
    for (const VertexIndex u : queue_) {
      if (Rank(view_, u) < Rank(view_, v)) v = u;
    }
    uint32_t depth = Search(v);
    for (int i = 0; i < 8; ++i) {
      const VertexIndex far = *std::min_element(
          queue_.begin() + static_cast<int64_t>(last_level_), queue_.end(),
          [&](VertexIndex a, VertexIndex b) { return Rank(view_, a) < Rank(view_, b); });
      const uint32_t deeper = Search(far);
      if (deeper <= depth) break;
      depth = deeper;
      v = far;
    }
    return v;
  }

  // Fills queue_ with the component of v, level by level; the number of levels.
  uint32_t Search(VertexIndex v) {
    ++round_;
    queue_.assign(1, v);
    seen_[v] = round_;
    uint32_t levels = 0;
    for (size_t begin = 0; begin < queue_.size(); ++levels) {
      last_level_ = begin;
      const size_t end = queue_.size();
      for (; begin < end; ++begin) {
        for (const VertexIndex u : view_.Out(queue_[begin])) {
          watch_->Look();
          if (seen_[u] == round_) continue;
          seen_[u] = round_;
          queue_.push_back(u);
        }
      }
    }
    return levels;
  }

  const CsrView& view_;
  Watch* watch_;
  std::vector<uint64_t> seen_;  // number of the last search that met the vertex
  uint64_t round_ = 0;
  std::vector<VertexIndex> queue_;
  size_t last_level_ = 0;  // where it begins in queue_
};

std::vector<VertexIndex> RunBoost(const CsrView& view, Watch* watch) {
  std::deque<VertexIndex> starts = Starts(view, watch).Find();
  std::vector<uint8_t> colours(view.vertices);
  std::vector<VertexIndex> order;
  order.reserve(view.vertices);
  boost::cuthill_mckee_ordering(view, std::move(starts), std::back_inserter(order),
                                Colours(&colours, watch), Ranks(view, watch));
  return order;
}

template <typename Place>
ArcSpan Span(const CsrView& view, Watch* watch, const Place& place) {
  ArcSpan span;
  uint64_t sum = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    watch->Look(1 + view.OutDegree(v));
    for (const VertexIndex u : view.Out(v)) {
      const uint32_t apart = std::max(place(u), place(v)) - std::min(place(u), place(v));
      span.bandwidth = std::max(span.bandwidth, apart);
      sum += apart;
    }
  }
  span.mean = static_cast<double>(sum) / static_cast<double>(std::max<uint64_t>(view.arcs(), 1));
  return span;
}

}  // namespace

uint64_t EstimateReverseCuthillMckee(const CsrView& view, const ReverseCuthillMckeeOptions&) {
  const uint64_t n = view.vertices;
  uint64_t alone = 0;
  for (VertexIndex v = 0; v < n; ++v) alone += view.OutDegree(v) == 0 ? 1 : 0;
  // A start of 4 bytes for each component, and while they are found the last search and a queue;
  // what follows (order, colours, Boost's queue, later positions) is less.
  const uint64_t starts = 4 * (alone + (n - alone) / 2);
  return 12 * n + starts + starts / 32 + 8192;
}

absl::StatusOr<ReverseCuthillMckeeResult> ReverseCuthillMckee(
    const CsrView& view, const ReverseCuthillMckeeOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (!view.symmetric) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NOT_SYMMETRIC",
                     "this algorithm needs an undirected graph; symmetrise it first");
  }
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateReverseCuthillMckee(view, options)));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  ReverseCuthillMckeeResult result;
  Watch watch(run, 6.0 * static_cast<double>(view.arcs()) + view.vertices);
  try {
    const std::vector<VertexIndex> order = RunBoost(view, &watch);
    const uint32_t last = view.vertices - 1;
    result.positions.resize(view.vertices);
    for (uint32_t i = 0; i < view.vertices; ++i) result.positions[order[i]] = last - i;
    result.before = Span(view, &watch, [](VertexIndex v) { return v; });
    result.after = Span(view, &watch, [&](VertexIndex v) { return result.positions[v]; });
  } catch (const Stopped& stopped) {
    return stopped.status;
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
