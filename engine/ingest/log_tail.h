#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"

namespace halqa::ingest {

// A place in the log: a change record and its chain value. {0, 0} is before the first.
struct LogTail {
  Lsn lsn = 0;
  uint64_t chain = 0;
  bool operator==(const LogTail&) const = default;
};
std::string EncodeTail(const LogTail& tail);
// Errors: DataLoss (LOG_TAIL_CORRUPT).
absl::StatusOr<LogTail> DecodeTail(absl::string_view bytes);

}  // namespace halqa::ingest
