#pragma once
// Everything a search reads, at one moment: profiles, scores, postings. Built again when profiles
// or scores change.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/discovery/search.h"
#include "engine/ingest/live_graph.h"
#include "engine/runtime/account_columns.h"
#include "engine/runtime/generation.h"
#include "engine/text/taxonomy.h"

namespace halqa::runtime {

// Thread safety: immutable; all methods from any thread.
// Invariants: 1. Two searches on one SearchState with equal requests give equal answers, except for
// reasons that name followers, which see the epoch they are given.
class SearchState {
 public:
  // Reads all profiles and the current generation. REQUIRES: graph and taxonomy outlive the state.
  static absl::StatusOr<std::shared_ptr<const SearchState>> Build(
      const ingest::LiveGraph& graph, const text::Taxonomy& taxonomy,
      std::shared_ptr<const Generation> generation, RunContext& run);

  absl::StatusOr<discovery::SearchAnswer> Search(const discovery::SearchRequest& request,
                                                 const ingest::Epoch& epoch, RunContext& run) const;
  absl::StatusOr<discovery::Standing> RankOf(const discovery::SearchRequest& request,
                                             AccountId account, const ingest::Epoch& epoch,
                                             RunContext& run) const;

  const AccountColumns& accounts() const { return *accounts_; }
  const Generation* generation() const {
    return generation_.get();
  }  // nullptr before the first ranking
  std::shared_ptr<const Generation> shared_generation() const { return generation_; }
  const discovery::ReachModel& reach() const { return reach_; }
  const text::Taxonomy& taxonomy() const { return *taxonomy_; }
  Lsn lsn() const { return lsn_; }

 private:
  class Sources;
  const text::Taxonomy* taxonomy_ = nullptr;
  const store::Store* db_ = nullptr;
  std::shared_ptr<store::ReadView> view_;
  std::shared_ptr<const Generation> generation_;
  std::shared_ptr<const AccountColumns> accounts_;
  discovery::ReachModel reach_;
  discovery::GlobalSignals signals_;
  std::shared_ptr<const discovery::TextSource> text_;
  Lsn lsn_ = 0;
};

}  // namespace halqa::runtime
