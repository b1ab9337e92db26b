#pragma once

#include <rocksdb/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace halqa::store {

// The one place where a RocksDB status becomes ours. `what` names the operation for the message.
absl::Status FromRocks(const rocksdb::Status& status, absl::string_view what);

// ResourceExhausted (STORAGE_FULL) with a delay for the retry.
absl::Status StorageFull(absl::string_view message);

}  // namespace halqa::store
