#pragma once
// The niches of a generation: cards of the communities, and how much each is about each topic.

#include <vector>

#include "absl/status/status.h"
#include "engine/graph/csr_view.h"
#include "engine/runtime/generation.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// The niches of the generation before; none before the first.
struct NichesBefore {
  std::vector<uint32_t> niches;  // by account, discovery::kNoNiche where none
  uint32_t next_id = 1;          // never given
};

struct NicheInput {
  CsrView graph;
  absl::Span<const AccountId> vertex_to_account;
  absl::Span<const uint32_t> communities;  // by vertex
  absl::Span<const double> page_rank;      // by vertex
  NichesBefore before;
};

// Fills generation->niches (by id) and generation->columns.niche. A niche keeps its id from run to
// run while it shares enough accounts (niche_tracking.h); the figures tell what became of the
// others. The first run numbers them from 1, largest first. generation->topics must be there.
// topic_shares of a niche holds, per topic, how many of its accounts name the topic, and under ""
// how many have any text. Cost: one scan of the postings.
absl::Status BuildNiches(const store::Store& db, const store::ReadView* view,
                         const NicheInput& input, Generation* generation, RunContext& run);

}  // namespace halqa::runtime
