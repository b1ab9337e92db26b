#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kReverseCuthillMckeeVersion = 1;

struct ReverseCuthillMckeeOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

// How far apart the ends of arcs stand.
struct ArcSpan {
  uint32_t bandwidth = 0;  // the farthest
  double mean = 0;         // over all arcs
};

struct ReverseCuthillMckeeResult {
  std::vector<uint32_t> positions;  // by vertex: a permutation of [0, vertices)
  ArcSpan before, after;            // by vertex number, by position
};

// An order of the vertices in which neighbours stand near each other: component after component,
// each by a search that takes near vertices of small degree first, all of it reversed. Ties go to
// the smaller vertex. Found by Boost; each search starts from a vertex far outside, as George and
// Liu find one (Boost's own search for it looks at all vertices for each component).
// Errors: FailedPrecondition (NOT_SYMMETRIC); ResourceExhausted (MEMORY_LIMIT); those of
// Checkpoint, which is called after every 32768 looks at an arc. Cost: O(arcs · log of the largest
// degree), one thread. Paper: Cuthill, McKee, 1969; George, Liu, 1979.
absl::StatusOr<ReverseCuthillMckeeResult> ReverseCuthillMckee(
    const CsrView& view, const ReverseCuthillMckeeOptions& options, RunContext& run);

// Peak bytes, result included.
uint64_t EstimateReverseCuthillMckee(const CsrView& view,
                                     const ReverseCuthillMckeeOptions& options);

// Replays the search along the given order: that it is a permutation, that the unvisited neighbours
// of each vertex stand together by rising degree, that both spans are right. O(vertices + arcs).
// Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyReverseCuthillMckee(const CsrView& view,
                                       const ReverseCuthillMckeeResult& result);

}  // namespace halqa
