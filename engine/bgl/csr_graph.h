#pragma once
// CsrView as a Boost.Graph graph, without a copy: include this and call any Boost algorithm on a
// view. It models VertexListGraph, EdgeListGraph, IncidenceGraph, AdjacencyGraph, AdjacencyMatrix
// (by a binary search) and, when in-rows are there, BidirectionalGraph. A symmetric view is a
// directed graph with both arcs of every edge, so algorithms that count paths or pairs count each
// twice.

#include <algorithm>
#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>
#include <cstdint>
#include <utility>

#include "engine/graph/csr_view.h"

namespace halqa {

// One arc; `arc` is its place in the out-rows whichever way it was found.
struct CsrEdge {
  VertexIndex source = 0;
  VertexIndex target = 0;
  uint64_t arc = 0;

  friend bool operator==(const CsrEdge& a, const CsrEdge& b) {
    return a.arc == b.arc && a.source == b.source && a.target == b.target;
  }
  friend bool operator!=(const CsrEdge& a, const CsrEdge& b) { return !(a == b); }
  friend bool operator<(const CsrEdge& a, const CsrEdge& b) { return a.arc < b.arc; }
};

// The out-arcs of one vertex.
class CsrOutEdgeIterator : public boost::iterator_facade<CsrOutEdgeIterator, CsrEdge,
                                                         boost::forward_traversal_tag, CsrEdge> {
 public:
  CsrOutEdgeIterator() = default;
  CsrOutEdgeIterator(const CsrView* view, VertexIndex source, uint64_t arc)
      : targets_(view->out_targets.data()), source_(source), arc_(arc) {}

 private:
  friend class boost::iterator_core_access;
  CsrEdge dereference() const { return {source_, targets_[arc_], arc_}; }
  bool equal(const CsrOutEdgeIterator& other) const { return arc_ == other.arc_; }
  void increment() { ++arc_; }

  const VertexIndex* targets_ = nullptr;
  VertexIndex source_ = 0;
  uint64_t arc_ = 0;
};

// All arcs.
class CsrEdgeIterator : public boost::iterator_facade<CsrEdgeIterator, CsrEdge,
                                                      boost::forward_traversal_tag, CsrEdge> {
 public:
  CsrEdgeIterator() = default;
  CsrEdgeIterator(const CsrView* view, VertexIndex source, uint64_t arc)
      : view_(view), source_(source), arc_(arc) {
    SkipEmptyRows();
  }

 private:
  friend class boost::iterator_core_access;
  CsrEdge dereference() const { return {source_, view_->out_targets[arc_], arc_}; }
  bool equal(const CsrEdgeIterator& other) const { return arc_ == other.arc_; }
  void increment() {
    ++arc_;
    SkipEmptyRows();
  }
  void SkipEmptyRows() {
    while (arc_ < view_->arcs() && arc_ >= view_->out_offsets[source_ + 1]) ++source_;
  }

  const CsrView* view_ = nullptr;
  VertexIndex source_ = 0;
  uint64_t arc_ = 0;
};

// The in-arcs of one vertex. Cost of dereferencing: a binary search for the place in the out-rows.
class CsrInEdgeIterator : public boost::iterator_facade<CsrInEdgeIterator, CsrEdge,
                                                        boost::forward_traversal_tag, CsrEdge> {
 public:
  CsrInEdgeIterator() = default;
  CsrInEdgeIterator(const CsrView* view, VertexIndex target, uint64_t place)
      : view_(view), target_(target), place_(place) {}

 private:
  friend class boost::iterator_core_access;
  CsrEdge dereference() const {
    const VertexIndex source = view_->in_sources[place_];
    const absl::Span<const VertexIndex> row = view_->Out(source);
    const auto at = std::lower_bound(row.begin(), row.end(), target_) - row.begin();
    return {source, target_, view_->out_offsets[source] + static_cast<uint64_t>(at)};
  }
  bool equal(const CsrInEdgeIterator& other) const { return place_ == other.place_; }
  void increment() { ++place_; }

  const CsrView* view_ = nullptr;
  VertexIndex target_ = 0;
  uint64_t place_ = 0;
};

struct CsrTraversal : public boost::bidirectional_graph_tag,
                      public boost::adjacency_graph_tag,
                      public boost::adjacency_matrix_tag,
                      public boost::vertex_list_graph_tag,
                      public boost::edge_list_graph_tag {};

}  // namespace halqa

namespace boost {

template <>
struct graph_traits<halqa::CsrView> {
  using vertex_descriptor = halqa::VertexIndex;
  using edge_descriptor = halqa::CsrEdge;
  using directed_category = bidirectional_tag;
  using edge_parallel_category = disallow_parallel_edge_tag;
  using traversal_category = halqa::CsrTraversal;
  using vertex_iterator = counting_iterator<halqa::VertexIndex>;
  using out_edge_iterator = halqa::CsrOutEdgeIterator;
  using in_edge_iterator = halqa::CsrInEdgeIterator;
  using edge_iterator = halqa::CsrEdgeIterator;
  using adjacency_iterator = const halqa::VertexIndex*;
  using vertices_size_type = uint32_t;
  using edges_size_type = uint64_t;
  using degree_size_type = uint64_t;

  static vertex_descriptor null_vertex() { return halqa::kNoVertex; }
};

template <>
struct graph_traits<const halqa::CsrView> : graph_traits<halqa::CsrView> {};

}  // namespace boost

namespace halqa {

using CsrTraits = boost::graph_traits<CsrView>;

inline uint32_t num_vertices(const CsrView& g) { return g.vertices; }
inline uint64_t num_edges(const CsrView& g) { return g.arcs(); }
inline VertexIndex source(const CsrEdge& e, const CsrView&) { return e.source; }
inline VertexIndex target(const CsrEdge& e, const CsrView&) { return e.target; }
inline uint64_t out_degree(VertexIndex v, const CsrView& g) { return g.OutDegree(v); }
inline uint64_t in_degree(VertexIndex v, const CsrView& g) { return g.InDegree(v); }
inline uint64_t degree(VertexIndex v, const CsrView& g) { return g.OutDegree(v) + g.InDegree(v); }

inline std::pair<CsrTraits::vertex_iterator, CsrTraits::vertex_iterator> vertices(
    const CsrView& g) {
  return {CsrTraits::vertex_iterator(0), CsrTraits::vertex_iterator(g.vertices)};
}
inline std::pair<CsrEdgeIterator, CsrEdgeIterator> edges(const CsrView& g) {
  return {CsrEdgeIterator(&g, 0, 0), CsrEdgeIterator(&g, g.vertices, g.arcs())};
}
inline std::pair<CsrOutEdgeIterator, CsrOutEdgeIterator> out_edges(VertexIndex v,
                                                                   const CsrView& g) {
  return {CsrOutEdgeIterator(&g, v, g.out_offsets[v]),
          CsrOutEdgeIterator(&g, v, g.out_offsets[v + 1])};
}
inline std::pair<CsrInEdgeIterator, CsrInEdgeIterator> in_edges(VertexIndex v, const CsrView& g) {
  return {CsrInEdgeIterator(&g, v, g.in_offsets[v]), CsrInEdgeIterator(&g, v, g.in_offsets[v + 1])};
}
inline std::pair<const VertexIndex*, const VertexIndex*> adjacent_vertices(VertexIndex v,
                                                                           const CsrView& g) {
  return {g.out_targets.data() + g.out_offsets[v], g.out_targets.data() + g.out_offsets[v + 1]};
}

// The arc u -> v and whether it is there. Cost: a binary search in the row of u.
inline std::pair<CsrEdge, bool> edge(VertexIndex u, VertexIndex v, const CsrView& g) {
  const absl::Span<const VertexIndex> row = g.Out(u);
  const auto at = std::lower_bound(row.begin(), row.end(), v);
  if (at == row.end() || *at != v) return {CsrEdge(), false};
  return {{u, v, g.out_offsets[u] + static_cast<uint64_t>(at - row.begin())}, true};
}

// The weight of an arc (1 without weights), as a readable property map.
class CsrWeightMap {
 public:
  using key_type = CsrEdge;
  using value_type = double;
  using reference = double;
  using category = boost::readable_property_map_tag;
  explicit CsrWeightMap(const CsrView& view) : view_(&view) {}
  friend double get(const CsrWeightMap& map, const CsrEdge& e) {
    return map.view_->OutWeight(e.arc);
  }

 private:
  const CsrView* view_;
};

// The place of an arc in the out-rows: a dense edge index.
class CsrEdgeIndexMap {
 public:
  using key_type = CsrEdge;
  using value_type = uint64_t;
  using reference = uint64_t;
  using category = boost::readable_property_map_tag;
  friend uint64_t get(const CsrEdgeIndexMap&, const CsrEdge& e) { return e.arc; }
};

using CsrVertexIndexMap = boost::typed_identity_property_map<VertexIndex>;

inline CsrVertexIndexMap get(boost::vertex_index_t, const CsrView&) { return {}; }
inline CsrEdgeIndexMap get(boost::edge_index_t, const CsrView&) { return {}; }
inline CsrWeightMap get(boost::edge_weight_t, const CsrView& g) { return CsrWeightMap(g); }
inline VertexIndex get(boost::vertex_index_t, const CsrView&, VertexIndex v) { return v; }
inline uint64_t get(boost::edge_index_t, const CsrView&, const CsrEdge& e) { return e.arc; }
inline double get(boost::edge_weight_t, const CsrView& g, const CsrEdge& e) {
  return g.OutWeight(e.arc);
}

}  // namespace halqa

namespace boost {

template <>
struct property_map<halqa::CsrView, vertex_index_t> {
  using type = halqa::CsrVertexIndexMap;
  using const_type = type;
};
template <>
struct property_map<halqa::CsrView, edge_index_t> {
  using type = halqa::CsrEdgeIndexMap;
  using const_type = type;
};
template <>
struct property_map<halqa::CsrView, edge_weight_t> {
  using type = halqa::CsrWeightMap;
  using const_type = type;
};

}  // namespace boost
