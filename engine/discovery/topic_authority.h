#pragma once
// Authority in the topics of a query, from stored lists of topic PageRank.

#include <vector>

#include "absl/types/span.h"
#include "engine/discovery/sources.h"

namespace halqa::discovery {

// Rises whenever an authority can change for the same lists.
inline constexpr int kTopicAuthorityVersion = 1;

// Exponent of PPR/PR: 0 lets celebrities win every topic.
inline constexpr double kTopicGamma = 0.5;

struct WeightedTopic {
  const TopicList* list = nullptr;  // not null
  double weight = 1;
};

// The mixed topic vector Σ w·x_t / Σ w·mass_t over the union of the lists, sorted by account.
// Paper: Haveliwala (WWW 2002); the *unnormalised* vectors are mixed and then normalised, which is
// exact where the graph has dangling vertices (mixing normalised ones is not). What a list dropped
// counts as 0. Cost: linear in the lists × log of their number.
std::vector<TopicEntry> MixTopics(absl::Span<const WeightedTopic> topics);

// PPR·(PPR/PR)^γ; PPR itself where PR is not known.
double SpecificAuthority(double topic_rank, double page_rank);

// The `count` accounts of one list with the largest specific authority, best first, ties by the
// smaller id.
std::vector<AccountId> TopicLeaders(const TopicList& list, absl::Span<const double> page_rank,
                                    size_t count);

}  // namespace halqa::discovery
