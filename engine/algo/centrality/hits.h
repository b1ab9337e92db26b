#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kHitsVersion = 1;

struct HitsOptions {
  double tolerance = 1e-9;  // [0, 1]: stop when the L1 change of the authorities is at most this
  int iterations = 1000;    // [1, 1000000]: most rounds; exactly this many with tolerance 0
  bool weighted = true;     // use weights, if the graph has any

  absl::Status Validate() const;
};

struct HitsResult {
  std::vector<double> authorities, hubs;  // by vertex, each with sum 1; all 0 without arcs
  double eigenvalue = 0;                  // largest of AᵀA: the square of a singular value
  // Parts that hold more than 1e-6 of the authority and share no hub. The vectors are unique
  // exactly when it is 1: with more, only the start says how the parts divide the authority.
  uint32_t parts = 0;
  int rounds = 0;
  double residual = 0;     // L1 change of the authorities in the last round
  bool converged = false;  // residual <= tolerance
};

// Hubs and authorities: a good authority is followed by good hubs, a good hub follows good
// authorities; the first singular vectors of the graph. This is the limit from equal hubs, which is
// well defined even where the vectors are not unique; all but the tightest part of a graph tend to
// 0, so it is no measure for accounts of different communities.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Not converging is not an error.
// Cost: O(arcs) per round, twice. Paper: Kleinberg, J. ACM 1999; uniqueness: Farahat, LoFaro,
// Miller, Rae, Ward, SIAM J. Sci. Comput. 2006.
absl::StatusOr<HitsResult> Hits(const CsrView& view, const HitsOptions& options, RunContext& run);

// Peak bytes of Hits, its result included: 24 per vertex.
uint64_t EstimateHits(const CsrView& view, const HitsOptions& options);

// The L1 change of hubs and authorities in one more round, arc by arc in extended precision.
// Errors: InvalidArgument.
absl::StatusOr<double> VerifyHits(const CsrView& view, const HitsOptions& options,
                                  const HitsResult& result);

}  // namespace halqa
