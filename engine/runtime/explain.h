#pragma once
// ExplainRank: a stored score as a sum, who stands next above, and the place without others.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/discovery/explain.h"
#include "engine/discovery/sources.h"
#include "engine/runtime/explain_context.h"

namespace halqa::runtime {

struct ExplainRequest {
  AccountId account = kNoAccount;
  std::string topic;             // "" = PageRank
  bool allow_sensitive = false;  // the caller holds a grant
  std::vector<AccountId> without_accounts;
  std::optional<uint32_t> without_niche;
  uint32_t contributions_max = 20;  // listed one by one, [1, 1000]
  int depth = 1;                    // 1 or 2
};

enum class PartKind { kRestart, kDangling, kAccount, kOthers, kResidual };
absl::string_view PartKindName(PartKind kind);  // "restart", ...

struct ExplainedPart {
  PartKind kind = PartKind::kAccount;
  double value = 0;
  AccountId account = kNoAccount;  // kAccount
  double arc_share = 0;            // kAccount
  uint32_t niche = discovery::kNoNiche;
  uint64_t accounts = 0;             // kOthers
  std::vector<ExplainedPart> parts;  // depth 2: they add up to value
};

struct ExplainedGroup {
  std::string key;
  double value = 0;
  uint64_t accounts = 0;
};

struct ExplainedCompetitor {
  AccountId account = kNoAccount;
  uint32_t rank = 0;
  double score = 0, list_value = 0;
  discovery::ScoreDifference difference;  // by vertex
  std::vector<AccountId> accounts;        // of the first difference.sources
};

struct ExplainedWithout {
  uint64_t accounts = 0;
  uint32_t rank_after = 0;
  double score_after = 0, list_value_after = 0, error_bound = 0;
};

// Invariants: 1. score = Σ parts. 2. The groups of each list add up to what all accounts give.
struct ExplainAnswer {
  double score = 0, list_value = 0, page_rank = 0, mass = 1, residual_max = 0;
  bool stored = true;
  uint32_t rank = 0;
  uint64_t listed = 0;
  std::vector<ExplainedPart> parts;
  std::vector<ExplainedGroup> niches, kinds, months;
  std::optional<ExplainedCompetitor> competitor;
  std::optional<ExplainedWithout> without;
  std::shared_ptr<const Generation> generation;
};

// The proof of one score. `accounts` says who has a place. Errors: InvalidArgument
// (PARAMETER_OUT_OF_RANGE, WITHOUT_ITSELF, UNKNOWN_TOPIC), NotFound (NICHE_NOT_FOUND),
// FailedPrecondition (ACCOUNT_NOT_RANKED: newer than the ranking; RANKED_STATE_GONE);
// ResourceExhausted (MEMORY_LIMIT); those of Checkpoint. Cost: one row of the store per account
// that gives; a pass over the accounts; with something left out, a ranking from a warm start.
absl::StatusOr<ExplainAnswer> ExplainRank(const ExplainContext& context,
                                          const discovery::AccountSource& accounts,
                                          const ExplainRequest& request, RunContext& run);

}  // namespace halqa::runtime
