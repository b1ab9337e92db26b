#pragma once
// Jacobi rounds for x_v = base(v) + gain(v) · the sum of weight · share(u) · x_u over arcs u -> v.

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "engine/algo/centrality/pull_loop.h"
#include "engine/graph/array.h"

namespace halqa {

// Thread safety: one thread at a time; each round uses those of the run.
// Invariants: 1. after Start and after each round, passed()[v] = share[v] · x[v].
class AffineRounds {
 public:
  AffineRounds(const CsrView& view, bool weighted, RunContext& run, int rounds)
      : loop_(PullLoop::In(view, weighted), run, rounds + 1),
        share_(view.vertices),
        passed_(view.vertices),
        next_(view.vertices) {}

  // Sets x to base and share to share(v).
  template <typename Base, typename Share>
  absl::Status Start(const Base& base, const Share& share, std::vector<double>* x) {
    x->resize(share_.size());
    return loop_
        .Scan([&](VertexIndex v, Tally&) {
          (*x)[v] = base(v);
          share_[v] = share(v);
          passed_[v] = share_[v] * (*x)[v];
        })
        .status();
  }
  // One round; returns the L1 change.
  template <typename Base, typename Gain>
  absl::StatusOr<double> Round(const Base& base, const Gain& gain, std::vector<double>* x) {
    HALQA_ASSIGN_OR_RETURN(
        const Tally t, loop_.Gather(passed_.data(), [&](VertexIndex v, double sum, Tally& tally) {
          const double fresh = base(v) + gain(v) * sum;
          tally.sum += std::fabs(fresh - (*x)[v]);
          (*x)[v] = fresh;
          next_[v] = share_[v] * fresh;
        }));
    std::swap(passed_, next_);
    return t.sum;
  }
  PullLoop& loop() { return loop_; }
  const double* passed() const { return passed_.data(); }

 private:
  PullLoop loop_;
  Array<double> share_, passed_, next_;
};

}  // namespace halqa
