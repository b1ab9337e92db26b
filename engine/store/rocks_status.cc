#include "engine/store/rocks_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"

namespace halqa::store {

bool IsFull(const rocksdb::Status& s) {
  return s.IsNoSpace() || s.subcode() == rocksdb::Status::SubCode::kSpaceLimit ||
         (s.IsIOError() && absl::StrContains(s.ToString(), kNoSpaceText));
}

absl::Status StorageFull(absl::string_view message) {
  return MakeError(absl::StatusCode::kResourceExhausted, "STORAGE_FULL", message,
                   {{"retry_delay_ms", "30000"}});
}

absl::Status FromRocks(const rocksdb::Status& s, absl::string_view what) {
  if (s.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(what, ": ", s.ToString());
  if (IsFull(s)) return StorageFull(message);
  // A file that the MANIFEST names and that is not there.
  if (s.IsCorruption() || s.IsPathNotFound())
    return MakeError(absl::StatusCode::kDataLoss, "STORE_CORRUPT", message);
  if (s.IsIOError() && absl::StrContains(s.ToString(), "/LOCK")) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "STORE_LOCKED",
                     absl::StrCat(what,
                                  ": another process has this directory open; stop it, or ask it "
                                  "with --server HOST:PORT (",
                                  s.ToString(), ")"));
  }
  if (s.IsNotFound()) return MakeError(absl::StatusCode::kNotFound, "KEY_NOT_FOUND", message);
  if (s.IsIOError()) return MakeError(absl::StatusCode::kUnavailable, "STORE_IO_FAILED", message);
  return MakeError(absl::StatusCode::kInternal, "STORE_FAILED", message);
}

}  // namespace halqa::store
