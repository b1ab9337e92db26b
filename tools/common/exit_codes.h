#pragma once
// What a command tells the shell.

#include "absl/status/status.h"

namespace halqa {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;       // the work failed
inline constexpr int kExitUsage = 2;        // the request or the input is wrong
inline constexpr int kExitPartial = 3;      // done, with refused lines
inline constexpr int kExitRefused = 4;      // nothing was published: the graph shrank
inline constexpr int kExitCancelled = 130;  // Ctrl-C or CancelJob

// The exit code of a command that ended with `status`: wrong requests and input are 2, cancelled
// runs 130, everything else 1.
int ExitCodeOf(const absl::Status& status);

// Prints "error: MESSAGE [REASON]" to stderr and returns ExitCodeOf(status). REQUIRES: not OK.
int ReportError(const absl::Status& status);

}  // namespace halqa
