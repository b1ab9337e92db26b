#pragma once
// Compiles a step once for each way in which a level keeps its weights.

#include "engine/algo/community/level_graph.h"

namespace halqa::internal {

struct UnitWeight {
  using Sum = uint32_t;
  explicit UnitWeight(const LevelGraph&) {}
  Sum operator()(uint64_t) const { return 1; }
};
struct FloatWeight {
  using Sum = double;
  explicit FloatWeight(const LevelGraph& g) : w(g.floats.data()) {}
  Sum operator()(uint64_t a) const { return w[a]; }
  const float* w;
};
struct DoubleWeight {
  using Sum = double;
  explicit DoubleWeight(const LevelGraph& g) : w(g.doubles.data()) {}
  Sum operator()(uint64_t a) const { return w[a]; }
  const double* w;
};

// fn(weight) with the right type.
template <typename Fn>
auto WithWeights(const LevelGraph& graph, Fn fn) {
  if (!graph.doubles.empty()) return fn(DoubleWeight(graph));
  if (!graph.floats.empty()) return fn(FloatWeight(graph));
  return fn(UnitWeight(graph));
}

}  // namespace halqa::internal
