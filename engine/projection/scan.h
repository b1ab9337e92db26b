#pragma once
// Parallel scans of the edge families, block by block of source accounts.

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "engine/base/run_context.h"
#include "engine/store/edge_list.h"
#include "engine/store/store.h"

namespace halqa::projection {

inline constexpr uint32_t kAccountsPerBlock = 1 << 15;

// Calls fn(src, follows) for each source of [from, to) that has follows, in order.
absl::Status ScanFollows(
    const store::Store& db, const store::ReadView* view, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::FollowEntry>&)>& fn);

absl::Status ScanInteractions(
    const store::Store& db, const store::ReadView* view, uint32_t from, uint32_t to,
    const std::function<void(uint32_t, const std::vector<store::InteractionEntry>&)>& fn);

// Runs fn(block, from, to) over all blocks of [0, accounts) on the run's threads, with checkpoints
// between groups of blocks; progress covers [0, share] of the run. The first error wins.
absl::Status ForEachBlock(
    uint32_t accounts, RunContext& run, double share,
    const std::function<absl::Status(uint32_t block, uint32_t from, uint32_t to)>& fn);

inline uint32_t BlockCount(uint32_t accounts) {
  return (accounts + kAccountsPerBlock - 1) / kAccountsPerBlock;
}

}  // namespace halqa::projection
