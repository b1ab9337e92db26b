#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/algo/centrality/direction.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kHyperBallVersion = 1;

struct HyperBallOptions {
  PathDirection direction = PathDirection::kIn;
  int register_bits = 8;     // [4, 14]: 2^register_bits registers per vertex
  int hops = 3;              // [0, 16]: ball sizes of so many hops are kept
  int iterations = 1000000;  // [1, 1000000]: most hops
  uint64_t seed = 1;         // of the hash function

  absl::Status Validate() const;
};

struct HyperBallResult {
  std::vector<double> scores;              // by vertex: harmonic centrality
  std::vector<std::vector<float>> reach;   // [h - 1][v]: vertices within h hops of v, v included
  std::vector<double> pairs;               // [h]: the sum of all ball sizes after h hops
  double relative_standard_deviation = 0;  // of each ball size
  int rounds = 0;                          // hops
  bool converged = false;                  // no ball grew in the last round
};

// Harmonic centrality and reach within each number of hops for all vertices at once, estimated: the
// ball of h + 1 hops is the union of the neighbours' balls of h hops, kept as HyperLogLog
// registers. An isolated vertex has the score 0 exactly. The same seed gives the same bits. Errors:
// InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Cost: O((vertices + arcs) · 2^register_bits) per hop at
// most, one hop more than the longest distance; rows whose neighbours stood still are skipped.
// Paper: Boldi, Vigna, In-core computation of geometric centralities with HyperBall, 2013; sizes by
// the improved estimator of Ertl, 2017, which needs no tables and never falls as a ball grows.
absl::StatusOr<HyperBallResult> HyperBall(const CsrView& view, const HyperBallOptions& options,
                                          RunContext& run);

// Peak bytes of HyperBall: per vertex two sets of registers, 14, and 4 per kept hop.
uint64_t EstimateHyperBall(const CsrView& view, const HyperBallOptions& options);

// The same scores found another way: exact balls by relaxing arcs, each counted into registers of
// its own. Errors: DataLoss (VERIFY_FAILED) where scores differ; else returns the largest relative
// error of a score against the exact harmonic centrality.
absl::StatusOr<double> VerifyHyperBall(const CsrView& view, const HyperBallOptions& options,
                                       const HyperBallResult& result);

}  // namespace halqa
