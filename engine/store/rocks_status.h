#pragma once

#include <rocksdb/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace halqa::store {

// The one place where a RocksDB status becomes ours. `what` names the operation for the message.
absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what);

// How an error without room begins that store_watch.h made one to retry.
inline constexpr char kNoSpaceText[] = "No space left on device";
// Whether there was no room on the disk.
bool IsFull(const rocksdb::Status& status);

// ResourceExhausted (STORAGE_FULL) with a delay for the retry.
absl::Status StorageFull(absl::string_view message);

}  // namespace halqa::store
