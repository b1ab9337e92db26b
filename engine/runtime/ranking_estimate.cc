#include <algorithm>

#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/runtime/ranking.h"

namespace halqa::runtime {

uint64_t EstimateArcs(const store::Store& db, const ingest::Epoch& epoch) {
  constexpr uint64_t kBytesPerPairMin = 4;  // of an interaction on disk
  return epoch.snapshot->arcs() + epoch.overlay.edges() +
         db.SstBytes(store::Family::kInteractOut) / kBytesPerPairMin;
}

uint64_t ResidentBytes(uint64_t accounts) { return (uint64_t{160} << 20) + accounts * 300; }

uint64_t EstimateRanking(uint64_t accounts, uint64_t arcs, uint64_t topics) {
  const uint64_t projection = projection::EstimateProjection(accounts, arcs);
  // The weighted graph stays while communities (symmetrised copy and Leiden's own) or topic vectors
  // are made.
  const uint64_t graph = 16 * arcs + 24 * accounts;
  const uint64_t communities = graph + 2 * arcs * 16 + accounts * 64;
  const uint64_t topic_vectors = graph + accounts * (8 * topics + 2 * 8 * kTopicsPerSweep + 64);
  return ResidentBytes(accounts) + std::max({projection, communities, topic_vectors});
}

}  // namespace halqa::runtime
