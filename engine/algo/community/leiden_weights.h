#pragma once
// Compiles a step of Leiden once for each way in which a level keeps its weights.

#include "engine/algo/community/leiden_level.h"

namespace halqa::internal {

struct UnitWeight {
  explicit UnitWeight(const LevelGraph&) {}
  double operator()(uint64_t) const { return 1; }
};
struct FloatWeight {
  explicit FloatWeight(const LevelGraph& g) : w(g.floats.data()) {}
  double operator()(uint64_t a) const { return w[a]; }
  const float* w;
};
struct DoubleWeight {
  explicit DoubleWeight(const LevelGraph& g) : w(g.doubles.data()) {}
  double operator()(uint64_t a) const { return w[a]; }
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
