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

// Invariants: 1. lsn rises by one from record to record. 2. chain = checksum of the record seeded
// with the chain value of the record before, so a hole, a swap or damage anywhere in the log is
// seen.
struct ChangeRecord {
  Lsn lsn = 0;
  int64_t commit_time = 0;  // Unix seconds
  uint64_t previous_chain = 0;
  std::vector<FollowChange> follows;
  std::vector<InteractionChange> interactions;
};

// Encodes the record; `*chain` receives its chain value. About 10 bytes per follow.
std::string EncodeChangeRecord(const ChangeRecord& record, uint64_t* chain);

// Errors: DataLoss (CHANGE_RECORD_CORRUPT) when a byte is wrong.
absl::StatusOr<ChangeRecord> DecodeChangeRecord(absl::string_view bytes, uint64_t* chain);

}  // namespace halqa::store
