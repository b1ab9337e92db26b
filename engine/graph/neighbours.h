#pragma once
// Who follows whom right now: a snapshot row with the delta over it.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/graph/overlay.h"
#include "engine/graph/snapshot_file.h"

namespace halqa {

// The graph at one moment. Nothing is owned; each may be null (nothing folded yet, nothing new).
struct GraphAt {
  const Snapshot* snapshot = nullptr;
  const Overlay* overlay = nullptr;
  Lsn lsn = 0;  // changes above it are not seen
  // Accounts that snapshot and overlay may still hold but nobody may see; ascending.
  absl::Span<const AccountId> hidden = {};
};

struct NeighbourQuery {
  AccountId account{};
  Direction direction = Direction::kOut;
  std::optional<AccountId> after = std::nullopt;  // only accounts above this one
  uint64_t limit = 1000;                          // at least 1
};

struct NeighbourPage {
  std::vector<AccountId> accounts;  // ascending
  bool more = false;                // there are accounts above the last one
};

// One page of the accounts that `account` follows (kOut) or that follow it (kIn) with state active.
// An unknown account has no neighbours. Errors: InvalidArgument (LIMIT_OUT_OF_RANGE); DataLoss
// (SNAPSHOT_CORRUPT). Cost: O(row + delta row + limit · log limit): rows are kept in vertex order,
// so a page scans the row once.
absl::StatusOr<NeighbourPage> MergedNeighbours(const GraphAt& at, const NeighbourQuery& query);

// The exact number of such accounts. Errors: DataLoss (SNAPSHOT_CORRUPT).
// Cost: O(delta row · log row), O(1) when the delta has nothing on the account.
absl::StatusOr<uint64_t> MergedDegree(const GraphAt& at, AccountId account, Direction direction);

}  // namespace halqa
