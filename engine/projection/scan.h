#pragma once
// Parallel scans of the edge families, block by block of source accounts.

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/base/run_context.h"
#include "engine/store/edge_list.h"
#include "engine/store/mask.h"
#include "engine/store/store.h"

namespace halqa::projection {

inline constexpr uint32_t kAccountsPerBlock = 1 << 15;

// What a scan reads.
struct ScanScope {
  const store::Store* db = nullptr;
  const store::ReadView* view = nullptr;  // null = the newest state
  const store::Mask* mask = nullptr;      // null = nothing is hidden
  UnixSeconds as_of = 0;                  // events after it are not seen; 0 = all
};

// Calls fn(src, follows) for each source of [from, to) that has follows, in order: per followee the
// newest event that the scope shows, removed ones included; followees ascend.
absl::Status ScanFollows(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn);

// The same with every event that the scope shows, newest first for each followee.
absl::Status ScanFollowEvents(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn);

absl::Status ScanInteractions(
    const ScanScope& scope, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::InteractionEntry>&)>& fn);

// Runs fn(block, from, to) over all blocks of [0, accounts) on the run's threads, with checkpoints
// between groups of blocks; progress covers [0, share] of the run. The first error wins.
absl::Status ForEachBlock(
    uint32_t accounts, RunContext& run, double share,
    const std::function<absl::Status(uint32_t block, uint32_t from, uint32_t to)>& fn);

// Vertices that are accounts, as accounts.
std::vector<AccountId> AsAccounts(absl::Span<const uint32_t> vertices);

inline uint32_t BlockCount(uint32_t accounts) {
  return (accounts + kAccountsPerBlock - 1) / kAccountsPerBlock;
}

}  // namespace halqa::projection
