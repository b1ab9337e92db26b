#include "engine/runtime/topic_vectors.h"

namespace halqa::runtime {

std::vector<VertexIndex> AccountToVertex(absl::Span<const AccountId> vertex_to_account) {
  std::vector<VertexIndex> out(vertex_to_account.size());
  for (size_t v = 0; v < vertex_to_account.size(); ++v)
    out[Raw(vertex_to_account[v])] = static_cast<VertexIndex>(v);
  return out;
}

std::vector<TeleportEntry> TopicJumps(const TopicSeeds& topic,
                                      absl::Span<const VertexIndex> account_to_vertex) {
  std::vector<TeleportEntry> jumps;
  for (const index::TopicEvidence& e : topic.evidence) {
    if (Raw(e.account) < account_to_vertex.size())
      jumps.push_back({account_to_vertex[Raw(e.account)], e.weight});
  }
  return jumps;
}

TopicPageRankOptions TopicVectorOptions(const RankingOptions& ranking,
                                        absl::Span<const TopicSeeds> topics,
                                        absl::Span<const VertexIndex> account_to_vertex) {
  TopicPageRankOptions options;
  options.damping = ranking.damping;
  options.tolerance = ranking.topic_tolerance;
  for (const TopicSeeds& topic : topics)
    options.topics.push_back(TopicJumps(topic, account_to_vertex));
  return options;
}

}  // namespace halqa::runtime
