#pragma once
// The accounts a search ranks, with their signals and scores.

#include <memory>
#include <vector>

#include "engine/discovery/search_plan.h"
#include "engine/discovery/topic_authority.h"

namespace halqa::discovery {

struct Candidate {
  AccountId account = kNoAccount;
  double score = 0;
  SignalValues values = UnknownSignals();
  SignalValues percentiles = UnknownSignals();
};

// Candidates of one plan.
// Thread safety: one thread; RankOf and Search make their own.
// Invariants: 1. candidates rise strictly by account, each listed. 2. percentiles are taken over
// all of them, before any filter.
class CandidateSet {
 public:
  // The union of the topics' lists and the best text matches, or everybody. Errors: of the sources,
  // Cancelled, DeadlineExceeded.
  static absl::StatusOr<CandidateSet> Gather(const SearchPlan& plan, const SearchSources& sources,
                                             RunContext& run);

  absl::Span<const Candidate> candidates() const { return candidates_; }
  bool truncated() const { return truncated_; }

  // A candidate, or what an account outside would be: authority 0 where the topics have lists and
  // the account is in the graph, relevance 0 where it has a document; else unknown.
  Candidate At(AccountId account, bool* is_candidate) const;

 private:
  CandidateSet(const SearchPlan& plan, const SearchSources& sources)
      : plan_(&plan), sources_(&sources) {}
  void GatherEverybody();
  absl::Status GatherText(std::vector<ScoredAccount>* matches);
  void GatherTopics();
  void Unite(absl::Span<const ScoredAccount> matches);
  absl::Status Score(RunContext& run);
  // Relevance of an account that is not among the matches: unknown where they were cut.
  double Unmatched() const { return truncated_ ? kUnknownSignal : 0; }
  double AuthorityOf(AccountId account, double topic_rank, bool isolated) const;
  void SetValues(Candidate* candidate, double relevance, double topic_rank) const;
  void SetGlobalPercentiles(Candidate* candidate) const;

  const SearchPlan* plan_;
  const SearchSources* sources_;
  std::vector<WeightedTopic> lists_;
  std::vector<TopicEntry> mixed_;
  std::vector<Candidate> candidates_;
  // By Signal, the query-dependent ones.
  std::vector<PercentileIndex> percentiles_;
  // Niche -> fit to the plan's topics, filled as niches are met.
  mutable absl::flat_hash_map<uint32_t, double> fits_;
  double FitOf(AccountId account) const;
  bool truncated_ = false;
};

}  // namespace halqa::discovery
