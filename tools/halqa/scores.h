#pragma once
// Scores of many accounts, for export and evaluation.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "tools/halqa/backend.h"

namespace halqa::cli {

// One account with the measures of the current generation; measures are 0 where it has none.
struct ScoreRow {
  std::string external_id, handle, platform;
  bool named = false;
  std::optional<uint64_t> declared_followers;
  uint64_t known_followers = 0;
  // Unknown where no edge of the account was ranked.
  std::optional<double> page_rank, core_number, weighted_in_degree;
  std::optional<double> expected_reach;
  uint32_t niche = 0;  // 0 = none
  std::string niche_label;
  std::map<std::string, double> topics;  // authority per topic in which it has some
  // Of a search, where the row comes from one.
  uint32_t rank = 0;
  double score = 0;

  uint64_t followers() const { return declared_followers.value_or(known_followers); }
};

// What to search for; none = all accounts.
struct Selection {
  std::vector<std::string> topics;
  std::string query, filter;
  bool empty() const { return topics.empty() && query.empty() && filter.empty(); }
};

// Thread safety: one thread at a time.
class ScoreReader {
 public:
  explicit ScoreReader(const Backend& backend);

  // One account by external id, handle or link; nullopt where there is none. Cost: one call.
  absl::StatusOr<std::optional<ScoreRow>> Find(const std::string& name);
  // The results of a search, best first, with their measures; limit 0 = all.
  absl::StatusOr<std::vector<ScoreRow>> Search(const Selection& selection, size_t limit,
                                               bool with_measures);
  // All accounts by falling PageRank, the first `limit` (0 = all). Errors: FailedPrecondition
  // (NEEDS_DATA) on a server, which has no such list; NO_GENERATION.
  absl::StatusOr<std::vector<ScoreRow>> All(size_t limit);
  // External ids of the accounts that one follows.
  absl::StatusOr<std::vector<std::string>> Following(const std::string& external_id);
  absl::StatusOr<std::vector<v1::Niche>> Niches(size_t limit);

  v1::DiscoveryService::Stub& discovery() { return *discovery_; }

 private:
  const Backend& backend_;
  std::unique_ptr<v1::DiscoveryService::Stub> discovery_;
  std::unique_ptr<v1::GraphService::Stub> graph_;
};

}  // namespace halqa::cli
