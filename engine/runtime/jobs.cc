#include "engine/runtime/jobs.h"

#include <ctime>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::runtime {
namespace {

using store::Family;

constexpr size_t kQueueMax = 64;

std::string JobKey(uint64_t id) {
  std::string key;
  PutFixed64BE(id, &key);
  return key;
}

absl::Status NoJob(uint64_t id) {
  return MakeError(absl::StatusCode::kNotFound, "JOB_NOT_FOUND",
                   absl::StrCat("there is no job ", id), {{"job", absl::StrCat(id)}});
}

}  // namespace

struct JobManager::Task {
  JobRow row;
  Work work;
  std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();
};

class JobManager::Reporter : public JobReporter {
 public:
  Reporter(JobManager* manager, JobRow* row) : manager_(manager), row_(row) {}
  void Stage(const std::string& stage) override {
    std::lock_guard lock(manager_->mutex_);
    row_->stage = stage;
  }
  void Result(const std::string& key, const std::string& value) override {
    std::lock_guard lock(manager_->mutex_);
    row_->result[key] = value;
  }
  void Generation(uint32_t generation) override {
    std::lock_guard lock(manager_->mutex_);
    row_->generation = generation;
  }
  void Progress(double fraction) {
    std::lock_guard lock(manager_->mutex_);
    row_->progress = fraction;
  }

 private:
  JobManager* manager_;
  JobRow* row_;
};

bool JobManager::Ended(const JobRow& job) {
  return job.state != "QUEUED" && job.state != "RUNNING";
}

absl::StatusOr<std::unique_ptr<JobManager>> JobManager::Open(store::Store* db, int threads) {
  std::unique_ptr<JobManager> manager(new JobManager(db, threads));
  HALQA_RETURN_IF_ERROR(manager->Recover());
  manager->worker_ = std::thread([m = manager.get()] { m->Loop(); });
  return manager;
}

absl::Status JobManager::Recover() {
  std::vector<JobRow> cut;
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    auto job = store::DecodeJob(value);
    status = job.status();
    if (!status.ok()) return false;
    next_id_ = DecodeFixed64BE(key) + 1;
    if (!Ended(*job)) cut.push_back(*std::move(job));
    return true;
  };
  HALQA_RETURN_IF_ERROR(db_->Scan(Family::kJobs, "", "", row));
  HALQA_RETURN_IF_ERROR(status);
  for (JobRow& job : cut) {
    job.state = "INTERRUPTED";
    job.error_reason = "INTERRUPTED";
    job.error_message = "the program ended before the job did; start it again";
    job.ended_at = std::time(nullptr);
    HALQA_RETURN_IF_ERROR(Save(job));
  }
  return absl::OkStatus();
}

JobManager::~JobManager() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_ != nullptr) running_->cancel->Cancel();
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

absl::Status JobManager::Save(const JobRow& job) {
  store::Batch batch;
  batch.Put(Family::kJobs, JobKey(job.id), store::EncodeJob(job));
  return db_->Write(batch, store::Durability::kSync);
}

absl::StatusOr<JobRow> JobManager::Start(JobRow job, Work work) {
  auto task = std::make_shared<Task>();
  std::lock_guard lock(mutex_);
  if (queue_.size() >= kQueueMax) {
    return MakeError(absl::StatusCode::kResourceExhausted, "JOB_QUEUE_FULL",
                     absl::StrCat(queue_.size(), " jobs wait already"),
                     {{"retry_delay_ms", "5000"}});
  }
  job.id = next_id_;
  job.state = "QUEUED";
  job.created_at = std::time(nullptr);
  HALQA_RETURN_IF_ERROR(Save(job));
  ++next_id_;
  task->row = job;
  task->work = std::move(work);
  queue_.push_back(std::move(task));
  changed_.notify_all();
  return job;
}

void JobManager::Loop() {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      task = queue_.front();
      queue_.pop_front();
      running_ = task;
      task->row.state = "RUNNING";
      task->row.started_at = std::time(nullptr);
      if (!Save(task->row).ok()) task->cancel->Cancel();
    }
    changed_.notify_all();
    Run(task);
  }
}

void JobManager::Run(const std::shared_ptr<Task>& task) {
  RunContext run(threads_);
  Reporter reporter(this, &task->row);
  run.set_cancel(task->cancel);
  run.set_progress([&](double fraction) { reporter.Progress(fraction); });
  absl::Status status = run.Checkpoint(0, 1);
  if (status.ok()) status = task->work(run, reporter);
  Finish(task, status);
}

void JobManager::Finish(const std::shared_ptr<Task>& task, const absl::Status& status) {
  std::lock_guard lock(mutex_);
  JobRow& row = task->row;
  row.ended_at = std::time(nullptr);
  row.state = status.ok() ? "SUCCEEDED" : "FAILED";
  if (status.code() == absl::StatusCode::kCancelled)
    row.state = stopping_ ? "INTERRUPTED" : "CANCELLED";
  if (status.ok()) row.progress = 1;
  if (!status.ok()) {
    row.error_code = static_cast<int32_t>(status.code());
    row.error_reason = ErrorReason(status);
    row.error_message = std::string(status.message());
  }
  // A state that cannot be written is kept here; the next open marks the job INTERRUPTED.
  if (!Save(row).ok()) unsaved_[row.id] = row;
  running_ = nullptr;
  changed_.notify_all();
}

absl::StatusOr<JobRow> JobManager::Get(uint64_t id) const {
  std::lock_guard lock(mutex_);
  if (running_ != nullptr && running_->row.id == id) return running_->row;
  if (auto it = unsaved_.find(id); it != unsaved_.end()) return it->second;
  HALQA_ASSIGN_OR_RETURN(auto value, db_->Get(Family::kJobs, JobKey(id)));
  if (!value) return NoJob(id);
  return store::DecodeJob(*value);
}

absl::StatusOr<std::vector<JobRow>> JobManager::List(uint64_t before, size_t limit) const {
  std::vector<uint64_t> ids;
  auto row = [&](absl::string_view key, absl::string_view) {
    ids.push_back(DecodeFixed64BE(key));
    return true;
  };
  HALQA_RETURN_IF_ERROR(db_->Scan(Family::kJobs, "", before == 0 ? "" : JobKey(before), row));
  std::vector<JobRow> jobs;
  for (auto it = ids.rbegin(); it != ids.rend() && jobs.size() < limit; ++it) {
    HALQA_ASSIGN_OR_RETURN(JobRow job, Get(*it));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

absl::StatusOr<JobRow> JobManager::Cancel(uint64_t id) {
  {
    std::lock_guard lock(mutex_);
    if (running_ != nullptr && running_->row.id == id) running_->cancel->Cancel();
    for (const auto& task : queue_) {
      if (task->row.id == id) task->cancel->Cancel();
    }
  }
  return Get(id);
}

absl::StatusOr<JobRow> JobManager::Wait(uint64_t id, absl::Time deadline,
                                        const std::function<bool()>& give_up) {
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(JobRow job, Get(id));
    if (Ended(job) || absl::Now() >= deadline || give_up()) return job;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
}

}  // namespace halqa::runtime
