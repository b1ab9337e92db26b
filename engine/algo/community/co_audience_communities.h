#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/algo/community/co_audience.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kCoAudienceCommunitiesVersion = 1;
inline constexpr uint32_t kNoCommunity = 0xffffffffu;

struct CoAudienceCommunitiesOptions {
  CoAudienceOptions co_audience;
  double resolution = 1;            // [1e-9, 1e9], of Leiden: larger means smaller communities
  uint64_t seed = 1;                // of Leiden: order of visits
  uint64_t arcs_max = 100'000'000;  // [2, 2^40] of the co-audience graph, two per pair

  absl::Status Validate() const;
};

struct CoAudienceCommunitiesResult {
  // By vertex, numbered 0, 1, ... in the order of their smallest producer. Of an account that
  // shares an audience with another: its own community. Of the others: the one that the largest
  // share of their follows goes to, the smaller number among equals; kNoCommunity where none does.
  std::vector<uint32_t> communities;
  // By vertex: that share of the weight of the arcs to accounts with a community of their own, in
  // (0, 1]; 1 where the community is the account's own, 0 where there is none.
  std::vector<float> shares;
  uint32_t count = 0;     // communities
  uint32_t grouped = 0;   // accounts with a community of their own
  uint32_t members = 0;   // others with a community
  double modularity = 0;  // of the groups in the co-audience graph
  uint64_t pairs = 0;     // edges of that graph
};

// Who belongs to which topic by the audience they share: Leiden on the co-audience graph, then each
// other account by whom it follows. The whole membership, not only the largest, is
// OverlappingMembership. The same bits for any number of threads.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS); ResourceExhausted
// (MEMORY_LIMIT; TOO_MANY_ARCS: more than arcs_max pairs are alike, ask for more likeness or more
// followers); those of Checkpoint. Cost: as CoAudience, Leiden and OverlappingMembership. Paper:
// Satuluri et al., SimClusters, KDD 2020; Traag, Waltman, van Eck, 2019 in place of their search.
absl::StatusOr<CoAudienceCommunitiesResult> CoAudienceCommunities(
    const CsrView& view, const CoAudienceCommunitiesOptions& options, RunContext& run);

// Peak bytes on all cores of this machine, result included; an upper bound: pairs are bounded by
// what a cosine of cosine_min takes, and by arcs_max. Cost: O(arcs).
uint64_t EstimateCoAudienceCommunities(const CsrView& view,
                                       const CoAudienceCommunitiesOptions& options);

// Intersects followers pair by pair, checks that every community is connected by shared audiences,
// and sums shares in maps. O(vertices² · degree). Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyCoAudienceCommunities(const CsrView& view,
                                         const CoAudienceCommunitiesOptions& options,
                                         const CoAudienceCommunitiesResult& result);

}  // namespace halqa
