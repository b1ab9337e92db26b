#pragma once
// Snapshot files of one graph: DIR/snapshots/snapshot-<lsn>.halqa. All of them can be built again
// from the store.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/ordered_rows.h"
#include "engine/graph/snapshot_file.h"
#include "engine/ingest/log_tail.h"
#include "engine/store/store.h"

namespace halqa::ingest {

struct OpenedSnapshot {
  std::shared_ptr<const Snapshot> snapshot;
  LogTail mark;
};

// The newest snapshot that is whole and belongs to this log; every other file is deleted, with a
// line in the log. Where none is left, one is built at the fold marker.
absl::StatusOr<OpenedSnapshot> OpenOrBuildSnapshot(
    const store::Store& db, const LogTail& marker, const LogTail& tail, uint32_t accounts,
    const std::function<void(const std::string&)>& log, RunContext& run);

// Builds the snapshot of the edge families as they are now; REQUIRES that they stand at `marker`.
absl::StatusOr<std::shared_ptr<const Snapshot>> BuildAndOpenSnapshot(const store::Store& db,
                                                                     const LogTail& marker,
                                                                     uint32_t accounts,
                                                                     RunContext& run);

// Writes the snapshot of these rows, by account, instead of scanning the edge families for them;
// REQUIRES that they are the active follows of the families at `mark`, and their in-degrees.
absl::Status WriteSnapshotOf(const store::Store& db, const LogTail& mark, RowPieces rows,
                             absl::Span<const uint32_t> in_degrees, RunContext& run);

// Deletes all snapshot files but the one of `keep`. Open mappings stay readable.
absl::Status RemoveOldSnapshots(const store::Store& db, const LogTail& keep);

}  // namespace halqa::ingest
