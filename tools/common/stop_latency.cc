#include "tools/common/stop_latency.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

using Clock = RunContext::Clock;
using Seconds = std::chrono::duration<double>;
using Work = std::function<absl::Status(RunContext&)>;

bool Stopped(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return reason == "CANCELLED" || reason == "DEADLINE_EXCEEDED";
}

Clock::time_point After(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
}

// Milliseconds from the request at `moment` seconds to the return; negative when the work was done
// before.
absl::StatusOr<double> StopOnce(const Work& work, const StopLatencyOptions& options,
                                double moment) {
  RunContext run(options.threads);
  const auto token = std::make_shared<CancelToken>();
  run.set_cancel(token);
  Clock::time_point asked = After(moment);
  std::thread canceller;
  if (options.by_deadline) {
    run.set_deadline(asked);
  } else {
    canceller = std::thread([&token, &asked] {
      std::this_thread::sleep_until(asked);
      asked = Clock::now();
      token->Cancel();
    });
  }
  const absl::Status status = work(run);
  const Clock::time_point returned = Clock::now();
  if (canceller.joinable()) canceller.join();
  if (!status.ok() && !Stopped(status)) return status;
  if (status.ok()) return -1.0;
  return Seconds(returned - asked).count() * 1e3;
}

}  // namespace

absl::StatusOr<StopLatency> MeasureStops(const Work& work, const StopLatencyOptions& options) {
  StopLatency result;
  RunContext whole(options.threads);
  whole.set_deadline(After(options.seconds_max));
  const Clock::time_point start = Clock::now();
  const absl::Status status = work(whole);
  if (!status.ok() && !Stopped(status)) return status;
  result.run_seconds = std::min(options.seconds_max, Seconds(Clock::now() - start).count());
  CounterRng rng(options.seed, 0x5709);
  for (int i = 0; i < options.moments; ++i) {
    HALQA_ASSIGN_OR_RETURN(const double ms,
                           StopOnce(work, options, result.run_seconds * rng.Uniform()));
    if (ms >= 0) result.milliseconds.push_back(ms);
  }
  std::sort(result.milliseconds.begin(), result.milliseconds.end());
  return result;
}

}  // namespace halqa
