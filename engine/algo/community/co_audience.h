#pragma once
// Who shares an audience with whom, and which communities an account leans to.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kCoAudienceVersion = 1;
inline constexpr int kMembershipVersion = 1;

struct CoAudienceOptions {
  double cosine_min = 0.1;      // [1e-6, 1]: pairs that are less alike get no edge
  uint32_t followers_min = 10;  // accounts with fewer (counted) followers are no producers
  // Followers of more accounts than this tell nothing and cost its square: they do not count.
  uint32_t follows_max = 1000;

  absl::Status Validate() const;
};

struct CoAudienceResult {
  Csr graph;               // symmetric, the vertices of the view, weight = cosine, no self-loops
  uint32_t producers = 0;  // accounts with enough followers
  uint64_t paths = 0;      // (producer, follower, producer) that were counted: the work
};

// The co-audience graph: an edge between two producers whose sets of followers have a cosine
// |A ∩ B| / sqrt(|A| |B|) of at least cosine_min. Communities of this graph are about topics where
// those of the follow graph are about acquaintance. Weights of the view do not count.
// Errors: InvalidArgument naming the field; FailedPrecondition (MISSING_IN_ROWS);
// ResourceExhausted (MEMORY_LIMIT), also when the edges found do not fit; those of Checkpoint.
// Cost: O(Σ over followers of follows²), bounded by arcs · follows_max.
// Paper: Satuluri et al., SimClusters, KDD 2020.
absl::StatusOr<CoAudienceResult> CoAudience(const CsrView& view, const CoAudienceOptions& options,
                                            RunContext& run);

// Bytes of CoAudience before the first edge: 13 per vertex and 8 more per thread. The edges, 24
// bytes per arc while they are put together, are counted against the limit as they are found.
uint64_t EstimateCoAudience(const CsrView& view, const CoAudienceOptions& options, int threads);

// Intersects sets of followers pair by pair. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyCoAudience(const CsrView& view, const CoAudienceOptions& options,
                              const CoAudienceResult& result);

struct MembershipOptions {
  uint32_t top = 20;  // [1, 1000] communities per account

  absl::Status Validate() const;
};

struct Membership {
  uint32_t community;
  float share;  // of the weight of the arcs to accounts that have a community, in (0, 1]
};

struct MembershipResult {
  // Row v: the communities of account v, the largest share first, the smaller number among equals.
  std::vector<uint64_t> offsets;
  std::vector<Membership> memberships;
};

// Overlapping membership U = A · V: which communities the accounts belong to that an account
// follows. `communities` by vertex, 0xffffffff = none. Errors: InvalidArgument naming the field
// (LENGTH_MISMATCH for `communities`), ResourceExhausted (MEMORY_LIMIT), those of Checkpoint.
// Cost: O(arcs). Paper: as CoAudience.
absl::StatusOr<MembershipResult> OverlappingMembership(const CsrView& view,
                                                       absl::Span<const uint32_t> communities,
                                                       const MembershipOptions& options,
                                                       RunContext& run);

// Peak bytes: 32 per vertex and 16 per membership, of which a row has at most `top` and its length.
uint64_t EstimateMembership(const CsrView& view, const MembershipOptions& options);

// Sums with ordered maps. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyMembership(const CsrView& view, absl::Span<const uint32_t> communities,
                              const MembershipOptions& options, const MembershipResult& result);

}  // namespace halqa
