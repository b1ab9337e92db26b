#pragma once
// How long a computation goes on after it has been asked to stop.

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"

namespace halqa {

struct StopLatencyOptions {
  int moments = 10;          // runs that are stopped, each at a random moment
  int threads = 1;           // of each run
  double seconds_max = 3;    // moments lie in the first so many seconds of a run
  bool by_deadline = false;  // stops by the deadline, else by the token
  uint64_t seed = 1;         // of the moments
};

struct StopLatency {
  std::vector<double> milliseconds;  // ascending; a run that ended by itself is left out
  double run_seconds = 0;            // of a whole run, at most seconds_max

  double Median() const { return milliseconds.empty() ? 0 : milliseconds[milliseconds.size() / 2]; }
  double Worst() const { return milliseconds.empty() ? 0 : milliseconds.back(); }
};

// Runs `work` once to see how long it takes, then `moments` times until it is stopped; a latency is
// the time from the request to the return, what the run frees included. Errors: those of `work`
// other than CANCELLED and DEADLINE_EXCEEDED.
absl::StatusOr<StopLatency> MeasureStops(const std::function<absl::Status(RunContext&)>& work,
                                         const StopLatencyOptions& options);

}  // namespace halqa
