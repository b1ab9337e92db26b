#pragma once
// Boost's own answers where our kernels are used instead: for benchmarks and tests, which say why.
// None of them can be stopped, knows a memory limit or uses a second thread.

#include <cstdint>
#include <vector>

#include "engine/graph/csr_view.h"

namespace halqa::bgl {

// REQUIRES of all with a source: it is a vertex.

// Fewest arcs from `source`, kNoVertex where it does not lead. Cost: O(vertices + arcs).
std::vector<uint32_t> Hops(const CsrView& view, VertexIndex source);

// Least sums of weights from `source`, infinity where it does not lead. Cost: O((vertices + arcs) ·
// log vertices). Paper: Dijkstra, 1959.
std::vector<double> Distances(const CsrView& view, VertexIndex source);

// Number of each vertex's component, and of components. REQUIRES: view.symmetric.
uint32_t Components(const CsrView& view, std::vector<uint32_t>* components);

struct PageRankReference {
  std::vector<double> ranks;  // by vertex; their sum is about 1
  int rounds = 0;
};
// PageRank with damping 0.85, weights not counted, until the ranks of a round differ from those
// before by at most `tolerance` in all, or for `rounds` rounds. What dangling vertices hold is
// lost.
PageRankReference PageRank(const CsrView& view, double tolerance, int rounds);

// Sums over ordered pairs, weights not counted: twice Betweenness on symmetric views. Cost:
// O(vertices · arcs). Paper: Brandes, 2001.
std::vector<double> PairBetweenness(const CsrView& view);

// Share of the pairs of neighbours that are joined. Self-loops count as neighbours. Cost: O(Σ
// degree² · log degree). REQUIRES: view.symmetric.
std::vector<double> Clustering(const CsrView& view);

}  // namespace halqa::bgl
