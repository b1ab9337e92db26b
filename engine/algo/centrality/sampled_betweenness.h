#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kSampledBetweennessVersion = 1;

struct SampledBetweennessOptions {
  double epsilon = 0.01;  // [1e-4, 0.5]: reach of an interval, as a share of all pairs
  double delta = 0.1;     // [1e-9, 0.5]: probability that some interval misses
  uint32_t k = 100;       // [1, 2^32): vertices in `top`
  uint64_t seed = 1;

  absl::Status Validate() const;
};

// An estimate and the interval that holds the truth, in the unit of Betweenness.
struct BetweennessInterval {
  VertexIndex vertex = 0;
  double estimate = 0, low = 0, high = 0;
};

struct SampledBetweennessResult {
  std::vector<BetweennessInterval> top;  // the k largest estimates, then by index
  std::vector<double> scores;            // by vertex: the estimate in `top`, 0 elsewhere
  double others_high = 0;                // no vertex outside `top` has more than this
  uint64_t samples = 0;
  // The farthest that an interval reaches from its estimate, as a share of all pairs; <= epsilon.
  double half_width = 0;
};

// Betweenness of all vertices at once within epsilon · (number of pairs), with probability at least
// 1 - delta. A sample is a uniform ordered pair s != t and one uniform shortest path between them
// (none: nothing); a vertex's hits are sums of independent 0/1 variables whose mean is its
// betweenness / pairs. With r samples and hit rate p, Chernoff's bound in its exact form says that
// the mean is in {q : r · KL(p, q) <= ln(2 · vertices · checks / delta)} for each vertex and each
// of the 16 checks, but for a probability delta in all (union bound; no constant is fitted). The
// run ends at the first check at which all intervals are narrow enough, at the latest after
// ln(2 · vertices · checks / delta) / (2 epsilon²) samples, where Pinsker's inequality makes them
// so. Scores that differ by less than their intervals are not told apart.
// Sample i depends on seed and i only. Errors: InvalidArgument naming the field; FailedPrecondition
// (MISSING_IN_ROWS); ResourceExhausted (MEMORY_LIMIT, TOO_MANY_PATHS); those of Checkpoint.
// Cost: samples · (arcs of two half searches).
// Paper: Riondato, Kornaropoulos, DMKD 2016 (sampling paths); Borassi, Natale, ESA 2016 (KADABRA:
// adaptive ends, searches from both ends). Intervals: Chernoff 1952, as above.
absl::StatusOr<SampledBetweennessResult> SampledBetweenness(
    const CsrView& view, const SampledBetweennessOptions& options, RunContext& run);

// Peak bytes of SampledBetweenness: 4 per vertex, 32 more per thread, 32 per vertex of the top.
uint64_t EstimateSampledBetweenness(const CsrView& view, const SampledBetweennessOptions& options,
                                    int threads);

// Whether all intervals hold the exact betweenness, found as VerifyBetweenness does; true for at
// least a share 1 - delta of all seeds. Errors: InvalidArgument; DataLoss (VERIFY_FAILED) when
// `exact` is not the betweenness.
absl::StatusOr<bool> VerifySampledBetweenness(const CsrView& view,
                                              const SampledBetweennessOptions& options,
                                              const SampledBetweennessResult& result,
                                              const std::vector<double>& exact);

}  // namespace halqa
