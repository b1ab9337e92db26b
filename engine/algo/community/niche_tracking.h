#pragma once
// Stable ids of communities from one run to the next.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"

namespace halqa {

inline constexpr int kNicheTrackingVersion = 1;
inline constexpr uint32_t kUntracked = 0xffffffffu;  // no id, or no community

struct NicheTrackingOptions {
  double jaccard_min = 0.3;  // (0, 1]: less alike is another community
  uint32_t next_id = 1;      // the first id that was never given

  absl::Status Validate() const;
};

enum class NicheFate {
  kContinued,  // `id` goes on in `community`
  kBorn,       // `id` is new, `community` is like none of before
  kSplit,      // `id` is new, `community` is a part of `other`, which goes on elsewhere
  kMerged,     // `id` ends, most like the community that is now `other`
  kDied,       // `id` ends, no community is like it
};

struct NicheChange {
  NicheFate fate = NicheFate::kContinued;
  uint32_t id = kUntracked;
  uint32_t community = kUntracked;  // of today; kUntracked where the id ends
  uint32_t other = kUntracked;      // id of the partner of a split or merge
  double jaccard = 0;               // with yesterday's (today's) set that decided it
};

struct NicheTrackingResult {
  std::vector<uint32_t> ids;         // by today's community: every one has a different id
  std::vector<NicheChange> changes;  // today's by community, then the ends by id: each once
  uint32_t next_id = 1;              // for the next run
};

// Which of today's `communities` (by account, 0 .. count - 1 or kUntracked) is which of
// yesterday's `ids_before` (by account, or kUntracked). The pair with the largest Jaccard index
// keeps its id first (then the smaller id, the smaller community), each at most once; pairs below
// jaccard_min never. An id that has ended is not given again as long as next_id is handed on.
// Errors: InvalidArgument (OPTION_OUT_OF_RANGE; LENGTH_MISMATCH unless both have one value per
// account); ResourceExhausted (NICHE_IDS_EXHAUSTED); those of Checkpoint. Cost: O(accounts + pairs
// log pairs) over pairs that overlap, 32 bytes per pair. Paper: Greene, Doyle, Cunningham, ASONAM
// 2010; departs in that the closest successor keeps the id, where the paper lets every successor go
// on.
absl::StatusOr<NicheTrackingResult> TrackNiches(absl::Span<const uint32_t> ids_before,
                                                absl::Span<const uint32_t> communities,
                                                const NicheTrackingOptions& options,
                                                RunContext& run);

// Compares sets element by element. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyNicheTracking(absl::Span<const uint32_t> ids_before,
                                 absl::Span<const uint32_t> communities,
                                 const NicheTrackingOptions& options,
                                 const NicheTrackingResult& result);

}  // namespace halqa
