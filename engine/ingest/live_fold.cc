// The folder thread: the log into the edge families, the edge families into snapshots.

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/live_graph.h"
#include "engine/ingest/snapshot_dir.h"

namespace halqa::ingest {
namespace {

using Clock = std::chrono::steady_clock;

uint64_t MicrosSince(Clock::time_point start) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
}

// Accounts that were hidden after `lsn`.
void KeepHiddenAfter(Lsn lsn, Epoch* epoch) {
  std::vector<AccountId> hidden;
  std::vector<Lsn> since;
  for (size_t i = 0; i < epoch->hidden.size(); ++i) {
    if (epoch->hidden_since[i] <= lsn) continue;
    hidden.push_back(epoch->hidden[i]);
    since.push_back(epoch->hidden_since[i]);
  }
  epoch->hidden = std::move(hidden);
  epoch->hidden_since = std::move(since);
}

// Writers and readers come first: on Linux a thread has a nice value of its own.
void LowerPriority() { ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10); }

}  // namespace

// Makes everything acknowledged so far durable, closes the newest layer and starts another. Returns
// where the closed layers end.
absl::StatusOr<LogTail> LiveGraph::Freeze() {
  LogTail end;
  const absl::Status frozen = OnWriter([this, &end]() -> absl::Status {
    HALQA_RETURN_IF_ERROR(SyncNow());
    const auto before = epoch();
    end = before->tail;
    if (active_->edges() == 0) return absl::OkStatus();
    below_.Add(std::exchange(in_active_, {}));
    active_ = std::make_shared<Delta>(end.lsn);
    Epoch after = *before;
    after.overlay.deltas.push_back(active_);
    Publish(std::make_shared<Epoch>(std::move(after)));
    return absl::OkStatus();
  });
  if (!frozen.ok()) return frozen;
  return end;
}

// Closed layers take a third of the room, and less time to read, when they are packed.
absl::Status LiveGraph::PackLayers() {
  const auto start = epoch();
  std::vector<std::shared_ptr<const DeltaRun>> packed;
  for (size_t i = 0; i + 1 < start->overlay.deltas.size(); ++i) {
    const Delta& delta = *start->overlay.deltas[i];
    packed.push_back(std::make_shared<DeltaRun>(delta.Edges(), delta.last_lsn()));
  }
  if (packed.empty()) return absl::OkStatus();
  return OnWriter([this, &packed] {
    Epoch after = *epoch();
    // The folder alone closes layers and drops them: the same ones stand in front.
    auto& deltas = after.overlay.deltas;
    deltas.erase(deltas.begin(), deltas.begin() + static_cast<ptrdiff_t>(packed.size()));
    after.overlay.runs.insert(after.overlay.runs.end(), packed.begin(), packed.end());
    Publish(std::make_shared<Epoch>(std::move(after)));
    return absl::OkStatus();
  });
}

// REQUIRES: fold_mutex_.
absl::StatusOr<LogTail> LiveGraph::FoldLocked(RunContext& run) {
  const auto start = Clock::now();
  HALQA_ASSIGN_OR_RETURN(const LogTail end, Freeze());
  HALQA_ASSIGN_OR_RETURN(const FoldResult result, FoldLog(*db_, end, run));
  folded_lsn_ = result.marker.lsn;
  {
    std::lock_guard lock(mutex_);
    oldest_unfolded_ = start;
  }
  wake_.notify_one();  // there is room
  if (result.follows + result.interactions > 0) {
    counters_.folds.fetch_add(1);
    counters_.folded_rows.fetch_add(result.follows + result.interactions);
    counters_.fold_micros.fetch_add(MicrosSince(start));
  }
  HALQA_RETURN_IF_ERROR(PackLayers());
  HALQA_RETURN_IF_ERROR(TrimRequestIds(*db_, std::time(nullptr)));
  return result.marker;
}

// REQUIRES: fold_mutex_, and that the edge families stand at `marker`, which ends a layer.
absl::Status LiveGraph::SnapshotLocked(const LogTail& marker, RunContext& run) {
  const auto before = epoch();
  if (before->snapshot->identity().lsn == marker.lsn) return absl::OkStatus();
  const auto start = Clock::now();
  HALQA_ASSIGN_OR_RETURN(auto snapshot, BuildAndOpenSnapshot(*db_, marker, before->accounts, run));
  std::shared_ptr<const Epoch> old;
  HALQA_RETURN_IF_ERROR(OnWriter([&] {
    const auto swap = Clock::now();
    old = epoch();
    Epoch after = *old;
    after.snapshot = snapshot;
    after.overlay = old->overlay.After(marker.lsn);
    KeepHiddenAfter(marker.lsn, &after);
    Publish(std::make_shared<Epoch>(std::move(after)));
    counters_.swap_micros_max = std::max(counters_.swap_micros_max.load(), MicrosSince(swap));
    return absl::OkStatus();
  }));
  old.reset();  // here, not on the writer: freeing layers takes a while
  {
    std::lock_guard lock(mutex_);
    oldest_unsnapshotted_ = start;
  }
  counters_.snapshots.fetch_add(1);
  counters_.snapshot_micros.fetch_add(MicrosSince(start));
  HALQA_RETURN_IF_ERROR(RemoveOldSnapshots(*db_, marker));
  return TrimLog(*db_, marker.lsn, marker.lsn);
}

absl::Status LiveGraph::FoldOnly(RunContext& run) {
  std::lock_guard one(fold_mutex_);
  return FoldLocked(run).status();
}

absl::Status LiveGraph::Fold(RunContext& run) {
  std::lock_guard one(fold_mutex_);
  RunContext folding = run.Part(0, 0.3);
  HALQA_ASSIGN_OR_RETURN(const LogTail marker, FoldLocked(folding));
  RunContext building = run.Part(0.3, 1);
  return SnapshotLocked(marker, building);
}

// Batches that wait for room get an answer when no fold can make any.
void LiveGraph::RefuseWaiting(const absl::Status& why) {
  std::vector<Pending> waiting;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty() || WriterMayWork()) return;
    waiting = std::exchange(queue_, {});
  }
  for (Pending& batch : waiting) {
    batch.done(MakeError(absl::StatusCode::kUnavailable, "WRITES_BLOCKED",
                         absl::StrCat("changes cannot be folded: ", why.message()),
                         {{"retry_delay_ms", "1000"}}));
  }
}

// REQUIRES: mutex_.
bool LiveGraph::WantsFold() const {
  const Delta& newest = *epoch_->overlay.deltas.back();
  const bool unfolded = epoch_->tail.lsn > folded_lsn_.load();
  if (newest.edges() >= options_.fold_edges || (!queue_.empty() && !WriterMayWork())) return true;
  return unfolded && Clock::now() - oldest_unfolded_ > options_.fold_age;
}

// REQUIRES: mutex_.
bool LiveGraph::WantsSnapshot() const {
  const uint64_t changes = epoch_->overlay.edges();
  if (changes >= std::max(options_.snapshot_edges, epoch_->snapshot->arcs() / 2)) return true;
  if (changes >= options_.overlay_edges_max) return true;
  const bool behind = epoch_->snapshot->identity().lsn < epoch_->tail.lsn;
  // Hidden accounts make every read a little slower.
  const auto age_max = epoch_->hidden.empty() ? options_.snapshot_age : options_.fold_age;
  return behind && Clock::now() - oldest_unsnapshotted_ > age_max;
}

void LiveGraph::FolderLoop() {
  LowerPriority();
  for (;;) {
    bool snapshot = false;
    {
      std::unique_lock lock(mutex_);
      auto wanted = [&] { return stopping_ || WantsFold() || WantsSnapshot(); };
      while (!room_.wait_for(lock, std::chrono::seconds(1), wanted)) {
      }
      if (stopping_) return;
      snapshot = WantsSnapshot();
    }
    RunContext run(options_.threads);
    run.set_cancel(stop_folding_);
    const absl::Status status = snapshot ? Fold(run) : FoldOnly(run);
    if (status.ok()) continue;
    if (!absl::IsCancelled(status) && !absl::IsUnavailable(status))
      options_.log(absl::StrCat("fold failed: ", status.ToString()));
    RefuseWaiting(status);
    std::unique_lock lock(mutex_);
    room_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
  }
}

}  // namespace halqa::ingest
