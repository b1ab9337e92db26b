#include "engine/discovery/topic_authority.h"

#include <algorithm>
#include <cmath>

namespace halqa::discovery {

std::vector<TopicEntry> MixTopics(absl::Span<const WeightedTopic> topics) {
  double mass = 0;
  std::vector<TopicEntry> mixed;
  for (const WeightedTopic& topic : topics) {
    mass += topic.weight * topic.list->mass;
    for (const TopicEntry& entry : topic.list->entries) {
      mixed.push_back({entry.account, topic.weight * entry.value});
    }
  }
  if (!(mass > 0)) return {};
  // Stable: values of one account are then added in the order of the topics.
  if (topics.size() > 1) {
    std::stable_sort(mixed.begin(), mixed.end(), [](const TopicEntry& a, const TopicEntry& b) {
      return a.account < b.account;
    });
  }
  size_t out = 0;
  for (size_t i = 0; i < mixed.size(); ++i) {
    if (out > 0 && mixed[out - 1].account == mixed[i].account) {
      mixed[out - 1].value += mixed[i].value;
    } else {
      mixed[out++] = mixed[i];
    }
  }
  mixed.resize(out);
  for (TopicEntry& entry : mixed) entry.value /= mass;
  return mixed;
}

double SpecificAuthority(double topic_rank, double page_rank) {
  if (!(page_rank > 0) || !(topic_rank > 0)) return topic_rank;
  return topic_rank * std::pow(topic_rank / page_rank, kTopicGamma);
}

std::vector<AccountId> TopicLeaders(const TopicList& list, absl::Span<const double> page_rank,
                                    size_t count) {
  std::vector<ScoredAccount> scored;
  for (const TopicEntry& entry : list.entries) {
    const double pr = Raw(entry.account) < page_rank.size() ? page_rank[Raw(entry.account)] : 0;
    const double rank = list.mass > 0 ? entry.value / list.mass : 0;
    scored.push_back({entry.account, SpecificAuthority(rank, pr)});
  }
  count = std::min(count, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + static_cast<int64_t>(count), scored.end(),
                    [](const ScoredAccount& a, const ScoredAccount& b) {
                      return a.score != b.score ? a.score > b.score : a.account < b.account;
                    });
  std::vector<AccountId> leaders;
  for (size_t i = 0; i < count; ++i) leaders.push_back(scored[i].account);
  return leaders;
}

}  // namespace halqa::discovery
