#pragma once
// A generation: one published, immutable set of scores, with what it was computed from.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/discovery/sources.h"
#include "engine/runtime/account_columns.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// One topic: the largest entries of its unnormalised PageRank vector, and its leaders.
struct TopicScores {
  std::string topic;
  std::vector<discovery::TopicEntry> entries;  // rising by account
  double mass = 0;
  std::vector<AccountId> leaders;
  uint64_t evidence_accounts = 0;
};

// Scores by AccountId. All columns have info.accounts values.
struct GenerationColumns {
  std::vector<double> page_rank;
  std::vector<uint32_t> core_number;
  std::vector<uint32_t> weak_component;
  std::vector<uint32_t> strong_component;
  std::vector<uint32_t> niche;  // discovery::kNoNiche where none
  std::vector<uint32_t> followers;
  std::vector<uint32_t> engaged_followers;
  std::vector<double> weighted_in_degree;

  // Accounts whose weak component has another member: those with an edge.
  std::vector<bool> Connected() const;
};

// Thread safety: immutable once loaded.
struct Generation {
  store::GenerationInfo info;
  GenerationColumns columns;
  std::vector<TopicScores> topics;      // sorted by topic id
  std::vector<store::NicheRow> niches;  // by id

  const TopicScores* FindTopic(absl::string_view topic) const;
  const store::NicheRow* FindNiche(uint32_t id) const;
  // The window in which a follower counts as engaged; 0 when the parameters do not say.
  int EngagedWindowDays() const;
};

// A figure as text: whole numbers in full, others with six digits.
std::string FigureText(double value);

// Writes `generation` into a family of its own and makes it the current one: readers that load
// after OK get it, a crash before leaves the old one. Then drops all but the newest `keep`
// generations. generation.info.generation is set. Errors: those of the store.
absl::Status PublishGeneration(store::Store& db, Generation* generation, int keep);

// The current generation, nullptr when none was published. Errors: DataLoss (GENERATION_CORRUPT).
absl::StatusOr<std::shared_ptr<const Generation>> LoadCurrentGeneration(const store::Store& db);

// Its description alone; nullopt when none was published. Errors: DataLoss (GENERATION_CORRUPT).
absl::StatusOr<std::optional<store::GenerationInfo>> LoadCurrentInfo(const store::Store& db);

// Drops families of generations that were never published (a crash between writing and publishing).
absl::Status DropOrphanGenerations(store::Store& db);

}  // namespace halqa::runtime
