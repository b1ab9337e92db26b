#pragma once
// A judge for community kernels: the best partition of a tiny graph, by trying all of them.

#include <cstdint>
#include <functional>
#include <vector>

namespace halqa::testing {

// Calls fn(labels) for every partition of n vertices, labels numbered by first vertex. Bell(n)
// calls: n <= 9.
inline void ForEachPartition(uint32_t n,
                             const std::function<void(const std::vector<uint32_t>&)>& fn) {
  std::vector<uint32_t> labels(n, 0);
  std::function<void(uint32_t, uint32_t)> extend = [&](uint32_t v, uint32_t count) {
    if (v == n) {
      fn(labels);
      return;
    }
    for (uint32_t c = 0; c <= count; ++c) {
      labels[v] = c;
      extend(v + 1, c == count ? count + 1 : count);
    }
  };
  extend(0, 0);
}

}  // namespace halqa::testing
