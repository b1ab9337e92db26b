#pragma once
// From what accounts say to the jumps of topic PageRank: the same for rankings and explanations.

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/index/topic_evidence.h"
#include "engine/runtime/ranking.h"

namespace halqa::runtime {

struct TopicSeeds {
  std::string topic;
  std::vector<index::TopicEvidence> evidence;
};

// Vertices by account.
std::vector<VertexIndex> AccountToVertex(absl::Span<const AccountId> vertex_to_account);

// The jumps of one topic; evidence of accounts without a vertex is left out.
std::vector<TeleportEntry> TopicJumps(const TopicSeeds& topic,
                                      absl::Span<const VertexIndex> account_to_vertex);

// What topic PageRank is asked for. Topics that share a sweep stop together, so one vector comes
// out with the same bits only when all of its sweep are asked for, in the same order.
TopicPageRankOptions TopicVectorOptions(const RankingOptions& ranking,
                                        absl::Span<const TopicSeeds> topics,
                                        absl::Span<const VertexIndex> account_to_vertex);

}  // namespace halqa::runtime
