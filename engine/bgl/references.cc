#include "engine/bgl/references.h"

#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/clustering_coefficient.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/page_rank.hpp>
#include <cmath>
#include <limits>

#include "engine/bgl/csr_graph.h"

namespace halqa::bgl {
namespace {

// The view as a graph of out-rows alone: Boost's PageRank would pull along in-arcs, whose places a
// view finds by a search, where pushing needs none.
struct OutRows : CsrView {
  explicit OutRows(const CsrView& view) : CsrView(view) {}
};
struct OutRowsTraversal : public boost::incidence_graph_tag,
                          public boost::adjacency_graph_tag,
                          public boost::vertex_list_graph_tag {};

}  // namespace
}  // namespace halqa::bgl

namespace boost {

template <>
struct graph_traits<halqa::bgl::OutRows> : graph_traits<halqa::CsrView> {
  using directed_category = directed_tag;
  using traversal_category = halqa::bgl::OutRowsTraversal;
};

}  // namespace boost

namespace halqa::bgl {
namespace {

template <typename T>
auto ByVertex(std::vector<T>& values, const CsrView& view) {
  return boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, view));
}

}  // namespace

std::vector<uint32_t> Hops(const CsrView& view, VertexIndex source) {
  std::vector<uint32_t> hops(view.vertices, kNoVertex);
  hops[source] = 0;
  boost::breadth_first_search(view, source,
                              boost::visitor(boost::make_bfs_visitor(boost::record_distances(
                                  ByVertex(hops, view), boost::on_tree_edge()))));
  return hops;
}

std::vector<double> Distances(const CsrView& view, VertexIndex source) {
  std::vector<double> distances(view.vertices);
  boost::dijkstra_shortest_paths(view, source,
                                 boost::distance_map(ByVertex(distances, view))
                                     .distance_inf(std::numeric_limits<double>::infinity()));
  return distances;
}

uint32_t Components(const CsrView& view, std::vector<uint32_t>* components) {
  components->assign(view.vertices, 0);
  if (view.vertices == 0) return 0;
  return static_cast<uint32_t>(boost::connected_components(view, ByVertex(*components, view)));
}

PageRankReference PageRank(const CsrView& view, double tolerance, int rounds) {
  PageRankReference result;
  result.ranks.resize(view.vertices);
  std::vector<double> others(view.vertices), before(view.vertices, 0);
  if (view.vertices == 0) return result;
  const double n = view.vertices;
  auto done = [&](const auto& ranks, const OutRows&) {
    if (result.rounds == rounds) return true;
    double change = 0;
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      change += std::fabs(get(ranks, v) - before[v]);
      before[v] = get(ranks, v);
    }
    if (result.rounds > 0 && change <= tolerance * n) return true;
    ++result.rounds;
    return false;
  };
  boost::graph::page_rank(OutRows(view), ByVertex(result.ranks, view), done, 0.85, view.vertices,
                          ByVertex(others, view));
  for (double& rank : result.ranks) rank /= n;
  return result;
}

std::vector<double> PairBetweenness(const CsrView& view) {
  std::vector<double> scores(view.vertices);
  if (view.vertices > 0) boost::brandes_betweenness_centrality(view, ByVertex(scores, view));
  return scores;
}

std::vector<double> Clustering(const CsrView& view) {
  std::vector<double> coefficients(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    coefficients[v] = boost::clustering_coefficient(view, v);
  }
  return coefficients;
}

}  // namespace halqa::bgl
