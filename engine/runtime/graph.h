#pragma once
// One open graph as programs use it: write, read, rank, search, jobs.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/neighbours.h"
#include "engine/ingest/live_graph.h"
#include "engine/runtime/explain.h"
#include "engine/runtime/jobs.h"
#include "engine/runtime/ranking.h"
#include "engine/runtime/search_state.h"

namespace halqa::runtime {

struct GraphOptions {
  bool create_if_missing = false;
  store::Settings settings_if_new;
  uint64_t disk_reserve_bytes = 0;              // see store::StoreOptions
  std::shared_ptr<FaultPlan> faults = nullptr;  // tests only
  int threads = 0;                              // 0 = all cores
  uint64_t memory_bytes_max = 0;                // of one job, 0 = no limit
  bool refresh_in_background = true;            // make new profiles searchable by themselves
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// How much of an account to look up: its id and whether it is named, or all of it.
enum class AccountDetail { kId, kFull };

// An account found by name, with what the graph knows of it (kFull).
struct AccountView {
  AccountId id = kNoAccount;
  store::AccountRow row;
  std::optional<uint64_t> known_followers, known_following;
};

struct NeighbourList {
  std::vector<AccountView> accounts;
  uint64_t total = 0;
  bool more = false;
  AccountId last = kNoAccount;  // where the page ended
};

struct GraphStats {
  uint64_t accounts = 0, snapshot_follows = 0, delta_edges = 0, snapshot_bytes = 0;
  std::map<std::string, uint64_t> family_bytes;
  std::vector<uint32_t> generations;
  uint64_t name_threshold = 0;
  uint64_t delta_bytes = 0;
  Lsn snapshot_lsn = 0, folded_lsn = 0, durable_lsn = 0;
};

// Thread safety: all methods from any thread.
// Invariants: 1. search_state() and its generation change together, in one step.
class Graph {
 public:
  // Errors: those of LiveGraph::Open and LoadCurrentGeneration.
  static absl::StatusOr<std::unique_ptr<Graph>> Open(const std::string& directory,
                                                     const GraphOptions& options);
  ~Graph();

  ingest::LiveGraph& live() { return *live_; }
  const ingest::LiveGraph& live() const { return *live_; }
  JobManager& jobs() { return *jobs_; }
  const text::Taxonomy& taxonomy() const { return live_->taxonomy(); }
  const store::Settings& settings() const { return live_->settings(); }
  std::shared_ptr<const SearchState> search_state() const;
  // The state of a page token: kept for a minute after a newer one took its place (fewer than four
  // on large graphs). Errors: FailedPrecondition (PAGE_TOKEN_EXPIRED).
  absl::StatusOr<std::shared_ptr<const SearchState>> StateOf(uint64_t generation, Lsn lsn) const;

  // Ranks now, in this thread, and shows the result to searches.
  absl::StatusOr<store::GenerationInfo> Rank(const RankingOptions& options, const StageFn& stage,
                                             RunContext& run);
  // Queues a ranking. memory_bytes_max 0 = the graph's limit. Errors: those of ParseRankingOptions;
  // ResourceExhausted (MEMORY_LIMIT).
  absl::StatusOr<JobRow> StartRanking(const std::map<std::string, std::string>& parameters,
                                      uint64_t memory_bytes_max);
  // What one job may use, 0 = no limit.
  uint64_t memory_bytes_max() const { return options_.memory_bytes_max; }
  // The job that StartRanking would start, with its estimate.
  absl::StatusOr<JobRow> PlanRanking(const std::map<std::string, std::string>& parameters,
                                     uint64_t memory_bytes_max) const;

  // The id of an external id ("platform:native") or of a shown pseudonym ("platform:~hash").
  // Errors: NotFound (ACCOUNT_NOT_FOUND), InvalidArgument (INVALID_EXTERNAL_ID).
  absl::StatusOr<AccountId> Find(absl::string_view external_id) const;
  absl::StatusOr<AccountView> GetAccount(const ingest::Epoch& epoch, AccountId id) const;
  absl::StatusOr<AccountView> GetAccount(const ingest::Epoch& epoch,
                                         absl::string_view external_id) const;
  absl::StatusOr<NeighbourList> ListNeighbours(const ingest::Epoch& epoch,
                                               const NeighbourQuery& query,
                                               AccountDetail detail) const;
  // Accounts that an external id, "@handle", handle or profile link means; none where nothing
  // matches.
  absl::StatusOr<std::vector<AccountView>> Resolve(const ingest::Epoch& epoch,
                                                   absl::string_view query) const;

  // The proof of a score of the generation that `state` shows. What it is made from is kept for a
  // minute. Errors: FailedPrecondition (NO_GENERATION); PermissionDenied (TOPIC_SENSITIVE); those
  // of ExplainContext::Build and of ExplainRank. Cost: the first one projects the graph, see
  // ExplainContext.
  absl::StatusOr<ExplainAnswer> Explain(const SearchState& state, const ExplainRequest& request,
                                        RunContext& run);

  GraphStats Stats() const;
  // Makes all profiles written so far searchable.
  absl::Status RefreshSearch(RunContext& run);

 private:
  explicit Graph(GraphOptions options) : options_(std::move(options)) {}
  // Builds and shows a new state, with the generation that is current in the store or the one shown
  // last.
  absl::Status BuildState(bool load_generation, RunContext& run);
  void RefreshLoop();

  const GraphOptions options_;
  std::unique_ptr<ingest::LiveGraph> live_;
  mutable std::mutex mutex_;  // guards states_, stopping_
  struct ShownState {
    std::shared_ptr<const SearchState> state;
    std::chrono::steady_clock::time_point shown;
  };
  std::vector<ShownState> states_;  // newest last
  ExplainCache explain_;
  uint64_t shown_profile_changes_ = 0;
  bool stopping_ = false;
  std::mutex build_mutex_;  // one state at a time
  std::condition_variable wake_;
  std::thread refresher_;
  std::unique_ptr<JobManager> jobs_;
};

}  // namespace halqa::runtime
