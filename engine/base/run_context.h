#pragma once
// What a long computation is given besides its input: cancel, deadline, progress, threads.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/status.h"

namespace halqa {

// Thread safety: all methods may be called from any thread.
class CancelToken {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

// Thread safety: Checkpoint may be called by the coordinating thread of a kernel only; ShouldStop
// by any thread. Invariants: 1. reported progress never decreases and stays in [0, 1].
class RunContext {
 public:
  using Clock = std::chrono::steady_clock;
  using ProgressFn = std::function<void(double fraction)>;

  RunContext() = default;
  // `threads` = 0 means all cores.
  explicit RunContext(int threads) : threads_(threads) {}

  // Number of threads a kernel may use, at least 1. The result of a kernel never depends on it.
  int threads() const;
  void set_threads(int threads) { threads_ = threads; }
  void set_cancel(std::shared_ptr<const CancelToken> token) { cancel_ = std::move(token); }
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
  void set_progress(ProgressFn fn) { progress_ = std::move(fn); }
  // Bytes a kernel may use, 0 = no limit.
  uint64_t memory_bytes_max() const { return memory_bytes_max_; }
  void set_memory_bytes_max(uint64_t bytes) { memory_bytes_max_ = bytes; }

  // Reports done/total of the whole run and returns Cancelled (reason CANCELLED) or
  // DeadlineExceeded (reason DEADLINE_EXCEEDED) when the run must stop. Call it between blocks of
  // at most 10 000 vertices or 1 M edges.
  absl::Status Checkpoint(double done, double total);

  // True when a worker thread should leave its block early; the next Checkpoint then returns the
  // error.
  bool ShouldStop() const;

  // Number of Checkpoint calls so far, those of parts included (tests cancel at the k-th for every
  // k).
  uint64_t checkpoints() const { return count_->checkpoints; }
  // Test hook: cancel at the k-th checkpoint (1-based), 0 = never.
  void CancelAtCheckpoint(uint64_t k) { count_->cancel_at = k; }

  // A context for a part of this run that covers the progress range [from, to]; shares cancel and
  // deadline.
  RunContext Part(double from, double to);

 private:
  int threads_ = 0;
  uint64_t memory_bytes_max_ = 0;
  std::shared_ptr<const CancelToken> cancel_;
  Clock::time_point deadline_ = Clock::time_point::max();
  ProgressFn progress_;
  double last_fraction_ = 0;
  struct Count {
    uint64_t checkpoints = 0, cancel_at = 0;
  };
  std::shared_ptr<Count> count_ = std::make_shared<Count>();
};

}  // namespace halqa
