#pragma once
// From an older format of the data to the one this program writes, when a store is opened.
//
// Invariants:
// 1. The first thing written is the new format version, so that an older program refuses the data
// from then on; that the rows are not all rewritten yet is written with it (`migration`).
// 2. Rows are rewritten range by range; each range is brought in together with the mark of how far
// it goes. Killed anywhere, the migration goes on at the next open, and ends with the same rows.

#include <cstdint>

#include "absl/status/status.h"
#include "engine/base/run_context.h"
#include "engine/store/store.h"

namespace halqa::store {

// What this program writes.
inline constexpr uint32_t kFormatVersion = 2;

struct MigrateOptions {
  uint32_t accounts_per_step = 1 << 15;  // rows that are rewritten and brought in together
};

// Whether the store is of an older format, or a migration of it was cut.
absl::StatusOr<bool> NeedsMigration(const Store& db);

// Brings the store to kFormatVersion. Writers must wait: it is called before there are any. Errors:
// DataLoss (a row is damaged), those of Checkpoint; then the next open goes on. Cost: one scan of
// f_out and x_out, about as much written; needs that much space until a compaction.
absl::Status Migrate(Store& db, const MigrateOptions& options, RunContext& run);

}  // namespace halqa::store
