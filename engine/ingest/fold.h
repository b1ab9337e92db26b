#pragma once
// The fold: change records become sorted runs of the edge families, brought in together with the
// fold marker.

#include <functional>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/commit_group.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Up to where the edge families hold the log. {0, 0} in a new store.
absl::StatusOr<LogTail> FoldMarker(const store::Store& db);

// The largest follow state word in the edge families, 0 when there is none.
absl::StatusOr<uint32_t> NewestFoldedWord(const store::Store& db);

// Value of the fold marker: where the edge families stand, and their newest state word.
std::string EncodeMarker(const LogTail& marker, uint32_t newest_word);

// Calls fn for each change record of (after, through], checking that none is missing and that the
// chain holds. Errors: DataLoss (LOG_HOLE, CHANGE_RECORD_CORRUPT), or fn's.
absl::Status ReadLog(
    const store::Store& db, const LogTail& after, Lsn through,
    const std::function<absl::Status(const store::ChangeRecord&, uint64_t chain)>& fn);

// Folds the records (marker, through] and returns the new marker. Nothing to fold is no error.
absl::StatusOr<LogTail> FoldLog(store::Store& db, const LogTail& through, RunContext& run);

// Deletes change records up to `lsn`; the newest record is always kept (STORAGE.md, rule 2).
absl::Status TrimLog(store::Store& db, Lsn lsn, Lsn newest);

}  // namespace halqa::ingest
