#pragma once
// What stood in profiles and posts before a source wrote them (family `undo`): kept until the
// source is settled, read when it is undone.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/base/records.h"
#include "engine/ingest/write_request.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Keys: source, account, kind, record, and the post's key. All rows of one account stand together.
std::string UndoProfileKey(uint32_t source, AccountId account, Lsn lsn);
std::string UndoPostKey(uint32_t source, AccountId account, Lsn lsn, absl::string_view post_key);
// Value: the document version that the source left, and the account row before.
std::string EncodeUndoProfile(uint32_t version_after, absl::string_view row_before);

// Calls fn once per account that `source` wrote a profile or posts of, with what was there before
// its first and after its last write. Errors: DataLoss (UNDO_ROW_CORRUPT), or fn's.
absl::Status ForEachRestore(const store::Store& db, uint32_t source,
                            const std::function<absl::Status(RestoreRow)>& fn);

// The posts that make the document once `restore` is done, newest first.
absl::StatusOr<std::vector<PostRecord>> PostsAfterRestore(const store::Store& db,
                                                          const RestoreRow& restore);

}  // namespace halqa::ingest
