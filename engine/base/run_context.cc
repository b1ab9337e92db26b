#include "engine/base/run_context.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/base/error.h"

namespace halqa {

int RunContext::threads() const {
  if (threads_ > 0) return threads_;
  return std::max(1u, std::thread::hardware_concurrency());
}

bool RunContext::ShouldStop() const {
  return (cancel_ != nullptr && cancel_->cancelled()) || Clock::now() >= deadline_;
}

absl::Status RunContext::Checkpoint(double done, double total) {
  ++count_->checkpoints;
  const double fraction = total > 0 ? std::clamp(done / total, 0.0, 1.0) : 0.0;
  if (fraction > last_fraction_) {
    last_fraction_ = fraction;
    if (progress_) progress_(fraction);
  }
  if (count_->checkpoints == count_->cancel_at || (cancel_ != nullptr && cancel_->cancelled())) {
    return MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the run was cancelled");
  }
  if (Clock::now() >= deadline_) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                     "the run's deadline passed");
  }
  return absl::OkStatus();
}

RunContext RunContext::Part(double from, double to) {
  RunContext part = *this;
  part.last_fraction_ = 0;
  if (progress_) {
    ProgressFn whole = progress_;
    part.progress_ = [whole, from, to](double f) { whole(from + (to - from) * f); };
  }
  return part;
}

}  // namespace halqa
