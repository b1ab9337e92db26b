#include "tools/common/exit_codes.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"

namespace halqa {

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kDataLoss:
      return kExitUsage;
    case absl::StatusCode::kCancelled:
      return kExitCancelled;
    default:
      return kExitFailed;
  }
}

int ReportError(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  const std::string tail = reason.empty() ? "" : absl::StrCat(" [", reason, "]");
  std::fprintf(stderr, "error: %s%s\n", std::string(status.message()).c_str(), tail.c_str());
  return ExitCodeOf(status);
}

}  // namespace halqa
