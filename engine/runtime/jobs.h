#pragma once
// Long work in the background: one at a time, with progress and cancel; states survive a restart.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/run_context.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::runtime {

using store::JobRow;

// What running work may tell about itself. Thread safety: any thread.
class JobReporter {
 public:
  virtual ~JobReporter() = default;
  virtual void Stage(const std::string& stage) = 0;
  virtual void Result(const std::string& key, const std::string& value) = 0;
  virtual void Generation(uint32_t generation) = 0;
};

// Thread safety: all methods from any thread.
// Invariants:
// 1. A job's id is durable before Start returns; states are durable when they change, progress is
// not.
// 2. States go QUEUED -> RUNNING -> SUCCEEDED | FAILED | CANCELLED; what a crash cut becomes
// INTERRUPTED at open.
class JobManager {
 public:
  using Work = std::function<absl::Status(RunContext& run, JobReporter& reporter)>;

  // Marks the jobs that a crash cut and starts the worker. REQUIRES: db outlives this.
  static absl::StatusOr<std::unique_ptr<JobManager>> Open(store::Store* db, int threads);
  // Cancels the running job, waits for it, leaves queued ones INTERRUPTED.
  ~JobManager();

  // Queues work. job.id, state and times are set here. Errors: ResourceExhausted (JOB_QUEUE_FULL).
  absl::StatusOr<JobRow> Start(JobRow job, Work work);

  // Errors of all: NotFound (JOB_NOT_FOUND).
  absl::StatusOr<JobRow> Get(uint64_t id) const;
  // Jobs with id < before (0 = all), newest first, at most limit.
  absl::StatusOr<std::vector<JobRow>> List(uint64_t before, size_t limit) const;
  // Asks a queued or running job to stop; no effect on an ended one.
  absl::StatusOr<JobRow> Cancel(uint64_t id);
  // Returns when the job has ended, the deadline has passed or `give_up` says so (asked every 50
  // ms).
  absl::StatusOr<JobRow> Wait(uint64_t id, absl::Time deadline,
                              const std::function<bool()>& give_up);

  static bool Ended(const JobRow& job);

 private:
  struct Task;
  class Reporter;
  JobManager(store::Store* db, int threads) : db_(db), threads_(threads) {}
  absl::Status Recover();
  void Loop();
  void Run(const std::shared_ptr<Task>& task);
  void Finish(const std::shared_ptr<Task>& task, const absl::Status& status);
  absl::Status Save(const JobRow& job);

  store::Store* const db_;
  const int threads_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Task>> queue_;
  std::shared_ptr<Task> running_;
  std::map<uint64_t, JobRow> unsaved_;  // ended, but the store did not take the row
  uint64_t next_id_ = 1;
  bool stopping_ = false;
  std::thread worker_;
};

}  // namespace halqa::runtime
