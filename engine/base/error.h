#pragma once
// Errors that a program can act on: an absl::Status with a stable reason and named values.
// The message may change between versions; code, reason and keys may not.

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace halqa {

struct ErrorDetail {
  absl::string_view key;
  std::string value;
};

// Returns a status with `code`, a human `message`, a stable UPPER_SNAKE `reason` (at most 63
// characters) and the named values that the message mentions. REQUIRES: code != kOk.
absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       std::initializer_list<ErrorDetail> details = {});

// InvalidArgument about one named field of a request or one column of a file. Adds the key "field".
absl::Status FieldError(absl::string_view reason, absl::string_view field,
                        absl::string_view message);

// Returns `status` with one more named value; an OK status is returned unchanged.
absl::Status WithDetail(absl::Status status, absl::string_view key, absl::string_view value);

// Returns `status` with "`where`: " before its message, code, reason and values kept; unchanged
// where the message begins with the file that `where` names.
absl::Status Annotate(const absl::Status& status, absl::string_view where);

// The reason of an error made by MakeError, or "" where there is none.
std::string ErrorReason(const absl::Status& status);

// The named values of an error made by MakeError (without the reason).
std::map<std::string, std::string> ErrorDetails(const absl::Status& status);

}  // namespace halqa
