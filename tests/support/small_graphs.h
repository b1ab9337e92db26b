#pragma once
// Tiny seeded graphs with the shapes that break kernels: paths, stars, cliques, bridges, isolated
// and dangling vertices, self-loops, heavy ties.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/graph/builder.h"

namespace halqa::testing {

struct SmallGraph {
  std::string name;
  uint32_t n = 0;
  bool undirected = false;
  std::vector<VertexIndex> u, v;
  std::vector<float> w;  // empty = unweighted

  void Add(VertexIndex a, VertexIndex b, float weight = 1) {
    u.push_back(a);
    v.push_back(b);
    if (weighted) w.push_back(weight);
  }
  bool weighted = false;

  Csr Build() const {
    RunContext run(1);
    BuildOptions options;
    options.vertices = n;
    options.undirected = undirected;
    auto csr = BuildCsr({u, v, w}, options, run);
    EXPECT_TRUE(csr.ok()) << csr.status();
    return *std::move(csr);
  }
};

// The vertices [0, n) in an order that depends on the seed: for laws about names.
inline std::vector<VertexIndex> MixedOrder(uint32_t n, uint64_t seed) {
  std::vector<VertexIndex> order(n);
  for (uint32_t v = 0; v < n; ++v) order[v] = v;
  CounterRng rng(seed, 3);
  for (uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[rng.Below(i)]);
  return order;
}

inline void AddShape(uint64_t shape, CounterRng& rng, SmallGraph* g) {
  const uint32_t n = g->n;
  auto weight = [&] { return static_cast<float>(1 + rng.Below(4)) * 0.5f; };
  if (shape == 0) {  // path
    for (uint32_t i = 0; i + 1 < n; ++i) g->Add(i, i + 1, weight());
  } else if (shape == 1) {  // star, in or out
    const bool out = rng.Below(2) == 0;
    for (uint32_t i = 1; i < n; ++i) out ? g->Add(0, i, weight()) : g->Add(i, 0, weight());
  } else if (shape == 2) {  // clique on a part, the rest isolated
    const uint32_t k = 1 + static_cast<uint32_t>(rng.Below(std::min(n, 8u)));
    for (uint32_t i = 0; i < k; ++i) {
      for (uint32_t j = i + 1; j < k; ++j) g->Add(i, j, weight());
    }
  } else if (shape == 3) {  // two cliques with a bridge
    for (uint32_t i = 0; i < n; ++i) {
      for (uint32_t j = i + 1; j < n; ++j) {
        if ((i < n / 2) == (j < n / 2)) g->Add(i, j, weight());
      }
    }
    if (n > 1) g->Add(0, n - 1, weight());
  } else if (shape == 4) {  // directed cycle
    for (uint32_t i = 0; i < n; ++i) g->Add(i, (i + 1) % n, weight());
  } else {  // random, with self-loops, duplicates, dangling and isolated vertices
    const uint64_t m = rng.Below(1 + 3 * uint64_t{n});
    for (uint64_t i = 0; i < m; ++i) {
      const auto a = static_cast<VertexIndex>(rng.Below(n));
      const auto b = static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * n);
      g->Add(a, b, shape % 2 == 0 && rng.Below(9) == 0 ? 0.0f : weight());
    }
  }
}

// Graph number `seed` of an endless, fixed list.
inline SmallGraph MakeSmallGraph(uint64_t seed) {
  CounterRng rng(seed, 0x5a11);
  SmallGraph g;
  const uint64_t shape = seed % 9;
  g.n = 1 + static_cast<uint32_t>(rng.Below(24));
  g.weighted = (seed / 9) % 2 == 1;
  g.undirected = (seed / 18) % 2 == 1;
  AddShape(shape, rng, &g);
  g.name = "seed " + std::to_string(seed) + " shape " + std::to_string(shape) + " n " +
           std::to_string(g.n) + (g.weighted ? " weighted" : "") +
           (g.undirected ? " undirected" : "");
  return g;
}

}  // namespace halqa::testing
