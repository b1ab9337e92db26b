#pragma once
// A score as the sum of what made it.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa::discovery {

// Rises whenever a part can change for the same score.
inline constexpr int kExplainVersion = 1;

// The equation that a vector of scores solves but for what its solver left open:
//   x(v) = (1 - d) t(v) + d D t(v) + d Σ over u -> v of x(u) w(u,v) / W(u),
// where W(u) is the weight of all arcs that leave u and D the score of the vertices that no weight
// leaves. PageRank has that D; in a topic vector, which loses it, D is 0.
struct ScoreEquation {
  CsrView graph;                         // with in-rows
  double damping = 0.85;                 // d, [0, 0.9999]
  absl::Span<const double> scores;       // x, by vertex
  absl::Span<const double> teleport;     // t, by vertex, sum 1; empty = alike everywhere
  absl::Span<const double> out_weights;  // W, by vertex: see OutWeights
  double dangling_mass = 0;              // D: see DanglingMass

  double Teleport(VertexIndex v) const {
    return teleport.empty() ? 1.0 / graph.vertices : teleport[v];
  }
};

// Per vertex the weight of all its arcs, added in row order. Cost: O(arcs).
std::vector<double> OutWeights(const CsrView& graph);

// The score of the vertices that no weight leaves. Cost: O(vertices).
double DanglingMass(absl::Span<const double> scores, absl::Span<const double> out_weights);

// What one in-neighbour gives.
struct Contribution {
  VertexIndex source = 0;
  double value = 0;
  double share = 0;  // of the source's weight, (0, 1]
};

// Invariants: 1. score = restart + dangling + Σ contributions + residual, to 1e-15 of rounding.
struct Explanation {
  double score = 0;
  double restart = 0;                       // by jumps that were due
  double dangling = 0;                      // by jumps out of vertices that no weight leaves
  std::vector<Contribution> contributions;  // largest first, the smaller source first among equals
  double contributed = 0;                   // their sum
  double residual = 0;                      // what the solver's tolerance left open
};

// The parts of `score`, which stands for the score of `v` as it was stored. Errors: InvalidArgument
// (VERTEX_OUT_OF_RANGE, LENGTH_MISMATCH); FailedPrecondition (MISSING_IN_ROWS). Cost: O(in-degree ·
// log in-degree).
absl::StatusOr<Explanation> ExplainScore(const ScoreEquation& equation, VertexIndex v,
                                         double score);

// The same parts of `factor` times the score.
Explanation Scaled(Explanation explanation, double factor);

// The L1 distance between the scores and what the equation makes of them. A vector within E of the
// true one is within (1 + d) E by this measure, so more than that means another graph or other
// parameters. Errors as ExplainScore; those of Checkpoint. Cost: one pass over the arcs.
absl::StatusOr<double> ResidualNorm(const ScoreEquation& equation, RunContext& run);

// How one in-neighbour tells two accounts apart.
struct ContributionDifference {
  VertexIndex source = 0;
  double mine = 0, theirs = 0;  // 0 where it has no arc to that one
};

// Theirs less mine, part by part.
// Invariants: 1. score = restart + dangling + Σ (theirs - mine) + residual, to rounding.
struct ScoreDifference {
  double score = 0, restart = 0, dangling = 0, residual = 0;
  double only_mine = 0, only_theirs = 0, both = 0;  // sums of theirs - mine over `sources`
  std::vector<ContributionDifference> sources;      // by |theirs - mine|, largest first
};
ScoreDifference Compare(const Explanation& mine, const Explanation& theirs);

// The place of a vertex among those that are listed.
struct Place {
  uint32_t rank = 0;  // from 1; 0 = not listed, or without any score
  bool has_above = false;
  VertexIndex above = 0;  // the listed one that is next above, the smaller index among equals
};

// Values that differ by less than a billionth share a place: less than that is the solver's noise.
// Cost: O(vertices).
Place PlaceOf(absl::Span<const double> values, const std::vector<bool>& listed, VertexIndex v);

}  // namespace halqa::discovery
