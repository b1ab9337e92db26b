#pragma once
// The ranked state, rebuilt: what explanations of one generation are made from.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/base/run_context.h"
#include "engine/discovery/explain.h"
#include "engine/ingest/live_graph.h"
#include "engine/projection/projection.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/ranking.h"

namespace halqa::runtime {

// One whole topic vector, as the ranking had it before it kept the largest entries.
struct TopicVector {
  std::string topic;
  std::vector<double> scores;        // by vertex, not normalised
  std::vector<TeleportEntry> seeds;  // where its jumps land
  const TopicScores* stored = nullptr;
  double l1_error_bound = 0;

  // Its jump distribution by vertex, sum 1. Cost: O(vertices).
  std::vector<double> Teleport() const;
};

// Thread safety: all methods from any thread.
// Invariants: 1. The graph is the one that the generation was ranked on: follows, arcs and date are
// equal, so are the followers, the engaged ones and the weight of the arcs of every account, and
// the PageRank equation holds for the stored scores within the error bound that the ranking stated.
class ExplainContext {
 public:
  // Projects the ranked state anew. Where the store has moved on since, the state as of the newest
  // event of then is tried. Errors: FailedPrecondition (RANKED_STATE_GONE) where that is not the
  // ranked state; ResourceExhausted (MEMORY_LIMIT); DataLoss; those of Checkpoint. Cost: as
  // BuildProjection, and one pass over the arcs.
  static absl::StatusOr<std::shared_ptr<const ExplainContext>> Build(
      const ingest::LiveGraph& graph, std::shared_ptr<const Generation> generation,
      RunContext& run);

  // The vector of a topic, made by what the ranking made it by; those of the last sweep are kept.
  // Errors: InvalidArgument (UNKNOWN_TOPIC, naming those that have a vector), FailedPrecondition
  // (RANKED_STATE_GONE) where it is not what was stored; those of TopicPageRank. Cost: one sweep of
  // up to 16 topics.
  absl::StatusOr<std::shared_ptr<const TopicVector>> Topic(absl::string_view topic,
                                                           RunContext& run) const;

  // The equation of PageRank, or of the topic that is not null and lands its jumps so.
  discovery::ScoreEquation Equation(const TopicVector* topic,
                                    absl::Span<const double> teleport) const;
  // No residual of one account of it can be larger.
  double ResidualMax(const TopicVector* topic) const;

  const Generation& generation() const { return *generation_; }
  const RankingOptions& options() const { return options_; }
  const projection::Projection& projection() const { return projection_; }
  CsrView view() const { return projection_.graph.View(); }
  VertexIndex VertexOf(AccountId account) const { return account_to_vertex_[Raw(account)]; }
  AccountId AccountOf(VertexIndex v) const { return projection_.vertex_to_account[v]; }
  absl::Span<const double> page_rank() const { return page_rank_; }
  const store::Store& db() const { return *db_; }
  const store::ReadView* read_view() const { return read_view_.get(); }

 private:
  ExplainContext() = default;
  absl::Status Project(const ingest::LiveGraph& graph, RunContext& run);
  absl::Status CheckState(RunContext& run);
  absl::Status CheckAccounts(RunContext& run) const;
  absl::StatusOr<std::vector<std::shared_ptr<const TopicVector>>> MakeSweep(absl::string_view topic,
                                                                            RunContext& run) const;
  absl::Status CheckTopic(const TopicVector& topic) const;

  std::shared_ptr<const Generation> generation_;
  RankingOptions options_;  // with the as_of that its events are read by
  const store::Store* db_ = nullptr;
  std::shared_ptr<store::ReadView> read_view_;
  projection::Projection projection_;
  std::vector<VertexIndex> account_to_vertex_;
  std::vector<double> page_rank_, out_weights_;  // by vertex
  double dangling_mass_ = 0;
  mutable std::timed_mutex topic_mutex_;
  mutable std::vector<std::shared_ptr<const TopicVector>> sweep_;
};

// Peak bytes of an explanation, a counterfactual and the open graph included.
uint64_t EstimateExplain(uint64_t accounts, uint64_t arcs);

// The context of the generation that was asked for last, until it is not asked for any more.
// Thread safety: all methods from any thread.
class ExplainCache {
 public:
  // Makes it where there is none. Errors: those of ExplainContext::Build and of Checkpoint.
  absl::StatusOr<std::shared_ptr<const ExplainContext>> Get(
      const ingest::LiveGraph& graph, const std::shared_ptr<const Generation>& generation,
      RunContext& run);
  // Lets it go where nobody asked for a minute, or the generation is another.
  void Release(const Generation* current);

 private:
  std::timed_mutex mutex_;
  std::shared_ptr<const ExplainContext> context_;
  std::chrono::steady_clock::time_point used_;
};

}  // namespace halqa::runtime
