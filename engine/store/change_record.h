#pragma once
// The change record: what one acknowledged batch did to the edges, packed and checksummed (family
// `chg`).

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "engine/store/edge_list.h"

namespace halqa::store {

struct FollowChange {
  uint32_t src = 0, dst = 0;
  uint32_t word = 0;  // state word, see edge_list.h
  bool operator==(const FollowChange&) const = default;
};

struct InteractionChange {
  uint32_t src = 0;
  InteractionEntry entry;
  bool operator==(const InteractionChange&) const = default;
};

// `alias` was merged into `canonical`.
struct AliasChange {
  uint32_t alias = 0, canonical = 0;
  bool operator==(const AliasChange&) const = default;
};

// Invariants: 1. lsn rises by one from record to record. 2. chain = checksum of the record seeded
// with the chain value of the record before, so a hole, a swap or damage anywhere in the log is
// seen.
struct ChangeRecord {
  Lsn lsn = 0;
  int64_t commit_time = 0;  // Unix seconds
  uint64_t previous_chain = 0;
  uint32_t source = 0;  // of the follows and interactions below
  std::vector<FollowChange> follows;
  std::vector<InteractionChange> interactions;
  // What else the record does; the families `erased`, `alias` and `source` say it for good.
  std::vector<uint32_t> erased;      // accounts that are gone from here on
  std::vector<AliasChange> aliases;  // accounts whose edges go to another from here on
  std::vector<uint32_t> undone;      // sources whose events no longer count
};

// Encodes the record; `*chain` receives its chain value. About 10 bytes per follow.
std::string EncodeChangeRecord(const ChangeRecord& record, uint64_t* chain);

// Reads a record of this format or the one before. The source is set in every interaction too.
// Errors: DataLoss (CHANGE_RECORD_CORRUPT) when a byte is wrong.
absl::StatusOr<ChangeRecord> DecodeChangeRecord(absl::string_view bytes, uint64_t* chain);

}  // namespace halqa::store
