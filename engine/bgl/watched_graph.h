#pragma once
// A CsrView as Boost.Graph sees it, watched: whenever an algorithm asks for the arcs of a vertex,
// they are counted, and now and then the run is asked whether it must stop. Boost's loops have no
// other way out than an exception; who calls Boost catches it in the same file. An arc is its place
// in the out-rows, 8 bytes: the stack of a depth-first search holds two iterators and an arc for
// each vertex.

#include <algorithm>
#include <boost/graph/graph_traits.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <cstdint>
#include <utility>

#include "engine/bgl/watch.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// The place of an arc in the out-rows.
struct WatchedArc {
  uint64_t arc = 0;
  friend bool operator==(WatchedArc a, WatchedArc b) { return a.arc == b.arc; }
  friend bool operator!=(WatchedArc a, WatchedArc b) { return a.arc != b.arc; }
};

class WatchedArcIterator
    : public boost::iterator_facade<WatchedArcIterator, WatchedArc,
                                    boost::random_access_traversal_tag, WatchedArc> {
 public:
  WatchedArcIterator() = default;
  explicit WatchedArcIterator(uint64_t arc) : arc_(arc) {}

 private:
  friend class boost::iterator_core_access;
  WatchedArc dereference() const { return {arc_}; }
  bool equal(const WatchedArcIterator& other) const { return arc_ == other.arc_; }
  void increment() { ++arc_; }
  void decrement() { --arc_; }
  void advance(std::ptrdiff_t n) { arc_ += static_cast<uint64_t>(n); }
  std::ptrdiff_t distance_to(const WatchedArcIterator& other) const {
    return static_cast<std::ptrdiff_t>(other.arc_ - arc_);
  }
  uint64_t arc_ = 0;
};

// Models VertexListGraph, EdgeListGraph and IncidenceGraph. Neither the view nor the watch is
// owned.
struct WatchedGraph {
  const CsrView* view = nullptr;
  Watch* watch = nullptr;
};

struct WatchedTraversal : public boost::vertex_list_graph_tag,
                          public boost::edge_list_graph_tag,
                          public boost::incidence_graph_tag {};

}  // namespace halqa

namespace boost {

template <>
struct graph_traits<halqa::WatchedGraph> {
  using vertex_descriptor = halqa::VertexIndex;
  using edge_descriptor = halqa::WatchedArc;
  using directed_category = directed_tag;
  using edge_parallel_category = disallow_parallel_edge_tag;
  using traversal_category = halqa::WatchedTraversal;
  using vertex_iterator = counting_iterator<halqa::VertexIndex>;
  using out_edge_iterator = halqa::WatchedArcIterator;
  using edge_iterator = halqa::WatchedArcIterator;
  using vertices_size_type = uint32_t;
  using edges_size_type = uint64_t;
  using degree_size_type = uint64_t;

  static vertex_descriptor null_vertex() { return halqa::kNoVertex; }
};

template <>
struct graph_traits<const halqa::WatchedGraph> : graph_traits<halqa::WatchedGraph> {};

}  // namespace boost

namespace halqa {

inline uint32_t num_vertices(const WatchedGraph& g) { return g.view->vertices; }
inline VertexIndex target(WatchedArc e, const WatchedGraph& g) {
  return g.view->out_targets[e.arc];
}
// Cost: a binary search.
inline VertexIndex source(WatchedArc e, const WatchedGraph& g) {
  const absl::Span<const uint64_t> offsets = g.view->out_offsets;
  const auto behind = std::upper_bound(offsets.begin(), offsets.end(), e.arc);
  return static_cast<VertexIndex>(behind - offsets.begin() - 1);
}
inline uint64_t out_degree(VertexIndex v, const WatchedGraph& g) { return g.view->OutDegree(v); }
inline std::pair<boost::counting_iterator<VertexIndex>, boost::counting_iterator<VertexIndex>>
vertices(const WatchedGraph& g) {
  return {boost::counting_iterator<VertexIndex>(0),
          boost::counting_iterator<VertexIndex>(g.view->vertices)};
}
inline std::pair<WatchedArcIterator, WatchedArcIterator> out_edges(VertexIndex v,
                                                                   const WatchedGraph& g) {
  g.watch->Look(1 + g.view->OutDegree(v));
  return {WatchedArcIterator(g.view->out_offsets[v]),
          WatchedArcIterator(g.view->out_offsets[v + 1])};
}

inline uint64_t num_edges(const WatchedGraph& g) { return g.view->arcs(); }
inline std::pair<WatchedArcIterator, WatchedArcIterator> edges(const WatchedGraph& g) {
  return {WatchedArcIterator(0), WatchedArcIterator(g.view->arcs())};
}

inline boost::typed_identity_property_map<VertexIndex> get(boost::vertex_index_t,
                                                           const WatchedGraph&) {
  return {};
}
inline VertexIndex get(boost::vertex_index_t, const WatchedGraph&, VertexIndex v) { return v; }

}  // namespace halqa

namespace boost {

template <>
struct property_map<halqa::WatchedGraph, vertex_index_t> {
  using type = typed_identity_property_map<halqa::VertexIndex>;
  using const_type = type;
};

}  // namespace boost
