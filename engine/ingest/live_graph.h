#pragma once
// One open graph: store, newest snapshot, delta, writer. Readers take an epoch and keep it for the
// whole request.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/delta.h"
#include "engine/graph/snapshot_file.h"
#include "engine/ingest/commit_group.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// One consistent state of the edges. Thread safety: immutable.
struct Epoch {
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const Delta> delta;  // everything after the snapshot
  LogTail tail;                        // the newest record inside
  uint32_t accounts = 0;               // ids in use: [0, accounts)
  uint64_t profile_changes = 0;        // profiles and posts written since the graph was opened
};

struct LiveGraphOptions {
  uint64_t fold_edges = 2'000'000;       // delta size at which a fold starts
  uint64_t delta_edges_max = 8'000'000;  // delta size at which writers wait
  uint64_t queue_batches_max = 256;      // batches that may wait for the writer
  int threads = 0;                       // of folds and snapshot builds, 0 = all cores
  store::Settings settings_if_new;       // kept by a store that has none yet
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// Thread safety: all methods from any thread.
// Invariants:
// 1. A batch is acknowledged only after its change record is synced, and is in the next epoch
// before that.
// 2. The delta holds exactly the records after the snapshot of the same epoch.
// 3. fold marker >= snapshot mark is never exceeded by trimming: records after min of both are
// kept.
class LiveGraph {
 public:
  using AckFn = std::function<void(absl::StatusOr<WriteAck>)>;

  // Opens the store of `directory`, maps the newest valid snapshot (builds one where none is valid)
  // and replays the change records after it. Errors: those of Store::Open; DataLoss (LOG_HOLE,
  // CHANGE_RECORD_CORRUPT).
  static absl::StatusOr<std::unique_ptr<LiveGraph>> Open(const std::string& directory,
                                                         const store::StoreOptions& store_options,
                                                         const LiveGraphOptions& options);
  // Waits for accepted batches, stops the threads.
  ~LiveGraph();

  std::shared_ptr<const Epoch> epoch() const;
  store::Store& db() { return *db_; }
  const store::Store& db() const { return *db_; }
  const store::Settings& settings() const { return settings_; }

  // Queues one batch; `done` is called once, from the writer thread, after it is durable and
  // visible or has failed. Errors arrive through `done`: those of ValidateWriteRequest and
  // CommitGroup::Add; ResourceExhausted (WRITE_QUEUE_FULL), Unavailable (SHUTTING_DOWN).
  void Submit(WriteRequest request, AckFn done);
  // The same, waiting.
  absl::StatusOr<WriteAck> Write(WriteRequest request);

  // Folds every record that is durable now into the edge families, builds and publishes a snapshot
  // of that state. One fold at a time. Killed at any point, it is done or not done. Cost: a scan of
  // f_out.
  absl::Status Fold(RunContext& run);

 private:
  struct Pending {
    WriteRequest request;
    AckFn done;
  };
  struct Swap;

  LiveGraph(std::unique_ptr<store::Store> db, LiveGraphOptions options);
  absl::Status Recover();
  void WriterLoop();
  void FolderLoop();
  void RefuseWaiting(const absl::Status& why);
  void CommitPending(std::vector<Pending> pending);
  void Publish(std::shared_ptr<const Epoch> epoch);
  absl::Status ApplyToDelta(const store::ChangeRecord& record, Delta* delta) const;
  void ApplySwap(const std::shared_ptr<Swap>& swap);

  const LiveGraphOptions options_;
  std::unique_ptr<store::Store> db_;
  store::Settings settings_;
  IdCache ids_;                        // writer thread only
  std::shared_ptr<Delta> delta_;       // writer thread only
  uint32_t next_account_ = 0;          // writer thread only
  index::IndexStatistics statistics_;  // writer thread only
  absl::Status broken_;                // writer thread only: why no further batch is taken

  const std::shared_ptr<CancelToken> stop_folding_ = std::make_shared<CancelToken>();

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::condition_variable room_;
  std::vector<Pending> queue_;
  std::shared_ptr<Swap> swap_;
  std::shared_ptr<const Epoch> epoch_;
  bool stopping_ = false;

  std::mutex fold_mutex_;  // one fold at a time
  std::thread writer_;
  std::thread folder_;
};

}  // namespace halqa::ingest
