#pragma once
// The fold: change records become sorted runs of the edge families, brought in together with the
// fold marker.

#include <algorithm>
#include <functional>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/log_tail.h"
#include "engine/store/change_record.h"
#include "engine/store/edge_list.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Up to where the edge families hold the log. {0, 0} in a new store.
absl::StatusOr<LogTail> FoldMarker(const store::Store& db);

// The largest follow words among some events: an event above both changes nothing below it. 0 =
// none.
struct NewestWords {
  uint32_t any = 0, removed = 0;
  void Add(uint32_t word) {
    any = std::max(any, word);
    if (!store::IsActive(word)) removed = std::max(removed, word);
  }
  void Add(const NewestWords& other) {
    any = std::max(any, other.any);
    removed = std::max(removed, other.removed);
  }
};

// The largest follow words in the edge families.
absl::StatusOr<NewestWords> NewestFoldedWords(const store::Store& db);

// Value of the fold marker: where the edge families stand, and their newest words.
std::string EncodeMarker(const LogTail& marker, const NewestWords& newest);

// Calls fn for each change record of (after, through], checking that none is missing and that the
// chain holds. Errors: DataLoss (LOG_HOLE, CHANGE_RECORD_CORRUPT), or fn's.
absl::Status ReadLog(
    const store::Store& db, const LogTail& after, Lsn through,
    const std::function<absl::Status(const store::ChangeRecord&, uint64_t chain)>& fn);

struct FoldResult {
  LogTail marker;
  uint64_t follows = 0, interactions = 0;  // rows folded
};
// Folds the records (marker, through] and returns the new marker. Lists of accounts that these
// records erase are deleted, those of merged ones are moved; entries of erased accounts and undone
// sources are left out. Nothing to fold is no error. REQUIRES: the records are on disk for good.
absl::StatusOr<FoldResult> FoldLog(store::Store& db, const LogTail& through, RunContext& run);

// Forgets request ids that are too old to be sent again.
absl::Status TrimRequestIds(store::Store& db, UnixSeconds now);

// Deletes change records up to `lsn`; the newest record is always kept (STORAGE.md, rule 2).
absl::Status TrimLog(store::Store& db, Lsn lsn, Lsn newest);

}  // namespace halqa::ingest
