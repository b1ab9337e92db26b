#pragma once
// The niches of a generation: cards of the communities, and how much each is about each topic.

#include <vector>

#include "absl/status/status.h"
#include "engine/graph/csr_view.h"
#include "engine/runtime/generation.h"
#include "engine/store/store.h"

namespace halqa::runtime {

struct NicheInput {
  CsrView graph;
  absl::Span<const AccountId> vertex_to_account;
  absl::Span<const uint32_t> communities;  // by vertex
  absl::Span<const double> page_rank;      // by vertex
};

// Fills generation->niches (largest first, ids from 1) and generation->columns.niche.
// generation->topics must be there. topic_shares of a niche holds, per topic, how many of its
// accounts name the topic, and under "" how many have any text. Cost: one scan of the postings.
absl::Status BuildNiches(const store::Store& db, const store::ReadView* view,
                         const NicheInput& input, Generation* generation, RunContext& run);

}  // namespace halqa::runtime
