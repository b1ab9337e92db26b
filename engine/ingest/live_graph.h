#pragma once
// One open graph: store, newest snapshot, layers of changes, writer. Readers take an epoch and keep
// it for the whole request.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/commit_group.h"
#include "engine/ingest/epoch.h"
#include "engine/ingest/fold.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

struct LiveGraphOptions {
  uint64_t fold_edges = 2'000'000;       // changes not folded at which a fold starts
  uint64_t delta_edges_max = 8'000'000;  // changes not folded at which writers wait
  // Changes after the snapshot at which a new one is built: so many, or half of its arcs where that
  // is more; and at which writers wait.
  uint64_t snapshot_edges = 8'000'000;
  uint64_t overlay_edges_max = 64'000'000;
  // A change is folded, and in a snapshot, after so long at the latest.
  std::chrono::seconds fold_age{60}, snapshot_age{900};
  uint64_t queue_batches_max = 256;  // batches that may wait for the writer
  int threads = 0;                   // of folds and snapshot builds, 0 = all cores
  store::Settings settings_if_new;   // kept by a store that has none yet
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// What the writer and the folder did since the graph was opened. Thread safety: atomic counters.
struct LiveCounters {
  std::atomic<uint64_t> batches{0}, groups{0}, follows{0}, interactions{0};
  std::atomic<uint64_t> suppressed_rows{0}, late_rows{0};  // late: older than what was known
  std::atomic<uint64_t> sync_micros{0}, sync_micros_max{0};
  std::atomic<uint64_t> full_waits{0}, full_wait_micros{0};  // writers stood still: no room
  std::atomic<uint64_t> queue_refusals{0};
  std::atomic<uint64_t> folds{0}, folded_rows{0}, fold_micros{0};
  std::atomic<uint64_t> snapshots{0}, snapshot_micros{0}, swap_micros_max{0};
};

// Thread safety: all methods from any thread.
// Invariants:
// 1. A batch is acknowledged only after its change record is synced (RELAXED ones: written), and is
// in the next epoch before that.
// 2. The layers of an epoch hold exactly the records after its snapshot.
// 3. Records are trimmed up to the fold marker and the newest synced snapshot, whichever is less; a
// layer is dropped when it is folded and in the published snapshot.
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
  // The topics that its index was made by; fixed while the graph is open.
  const text::Taxonomy& taxonomy() const { return *taxonomy_; }
  const LiveCounters& counters() const { return counters_; }
  // Accounts whose ids are resident, and the bytes of their table.
  uint64_t resident_ids() const { return resident_ids_.load(); }
  uint64_t resident_id_bytes() const { return resident_id_bytes_.load(); }
  UnixSeconds horizon() const { return horizon_.load(); }
  // The newest record inside the edge families.
  Lsn folded_lsn() const { return folded_lsn_.load(); }

  // Queues one change; `done` is called once, from the writer thread, after it is durable and
  // visible or has failed. Errors arrive through `done`: those of ValidateWriteRequest and
  // CommitGroup::Add; ResourceExhausted (WRITE_QUEUE_FULL), Unavailable (SHUTTING_DOWN).
  void Submit(Change change, AckFn done);
  // The same, waiting.
  absl::StatusOr<WriteAck> Write(Change change);
  // As Submit, but false, with nothing taken, where the queue is full: a stream waits then.
  bool TrySubmit(WriteRequest* request, AckFn done);
  // Returns when everything acknowledged before is on disk. Errors: those of Store::Write.
  absl::Status Sync();

  // Folds every record acknowledged before into the edge families; builds and publishes a snapshot
  // of that state. One fold at a time. Killed at any point, it is done or not done. Cost: a scan of
  // f_out.
  absl::Status Fold(RunContext& run);
  // The first half of it: the edge families hold everything, the snapshot stays.
  absl::Status FoldOnly(RunContext& run);

  // Undoes an import: its events no longer count, its profiles and posts are put back as they were
  // unless somebody changed them since. Killed at any point, the same call goes on.
  struct UndoReport {
    uint64_t restored = 0, kept = 0;  // profiles
    bool duplicate = false;           // it was undone before
  };
  absl::StatusOr<UndoReport> UndoImport(uint32_t source, RunContext& run);

  // Takes profiles away whose expires_at has come, with the posts of their accounts; the accounts
  // stay as pseudonyms. Returns how many. Cost: a scan of all accounts.
  absl::StatusOr<uint64_t> ExpireProfiles(UnixSeconds now, RunContext& run);

  // The upkeep of a night: undoes sources that have expired, takes expired profiles away, forgets
  // the history before `horizon` (DropFollowsBefore; 0 = none; older events are refused from then
  // on), what is needed to undo imports older than 30 days, and for good what erased accounts,
  // merged ones and undone sources left in the edge families.
  struct PurgeReport {
    uint64_t expired_sources = 0, expired_profiles = 0;
  };
  absl::StatusOr<PurgeReport> Purge(UnixSeconds horizon, RunContext& run);

 private:
  struct Pending {
    Change change;
    AckFn done;
  };

  LiveGraph(std::unique_ptr<store::Store> db, LiveGraphOptions options);
  absl::Status Prepare(Change* change) const;
  bool Enqueue(Change* change, AckFn* done, absl::Status* refused);

  // Opening (live_open.cc).
  absl::Status Recover();
  absl::Status LoadSettings();
  absl::Status LoadIndex();
  absl::Status LoadErasures();
  absl::Status Replay(const LogTail& from, const LogTail& tail, Epoch* epoch);

  // The writer (live_writer.cc).
  void WriterLoop();
  bool WriterMayWork() const;
  void CommitPending(std::vector<Pending> pending);
  absl::Status CommitOne(CommitGroup* group, bool relaxed, const Epoch& before);
  GroupContext Context(const Epoch& before) const;
  void TakeOver(const CommitGroup& group, const Epoch& before);
  absl::Status ApplyToDelta(const store::ChangeRecord& record, const Epoch& below, Delta* delta,
                            std::vector<DeltaEdge>* edges);
  absl::StatusOr<bool> IsLate(const store::FollowChange& change, const Epoch& below) const;
  void HideAccounts(const store::ChangeRecord& record, Epoch* epoch) const;
  absl::Status SyncNow();
  void Publish(std::shared_ptr<const Epoch> epoch);
  // Runs fn on the writer thread between two groups and waits for it. Unavailable when closing.
  absl::Status OnWriter(std::function<absl::Status()> fn);
  void LoadIdsSlice();

  // The folder (live_fold.cc).
  void FolderLoop();
  void RefuseWaiting(const absl::Status& why);
  absl::StatusOr<LogTail> Freeze();
  absl::StatusOr<LogTail> FoldLocked(RunContext& run);
  absl::Status SnapshotLocked(const LogTail& marker, RunContext& run);
  absl::Status PackLayers();
  bool WantsFold() const;
  bool WantsSnapshot() const;

  const LiveGraphOptions options_;
  std::unique_ptr<store::Store> db_;
  store::Settings settings_;
  std::shared_ptr<const text::Taxonomy> taxonomy_;
  LiveCounters counters_;
  std::atomic<uint64_t> resident_ids_{0}, resident_id_bytes_{0};
  std::atomic<UnixSeconds> horizon_{0};
  std::atomic<Lsn> folded_lsn_{0};

  // Writer thread only (and Recover before it starts).
  IdCache ids_;
  std::string ids_loaded_to_;  // how far the table has been filled from the store
  bool ids_unreadable_ = false;
  SuppressedSet suppressed_;
  SourceTable sources_;
  std::shared_ptr<Delta> active_;  // the newest layer
  NewestWords below_, in_active_;  // words in the layers below and the store; in the newest layer
  uint32_t next_account_ = 0;
  index::IndexStatistics statistics_;
  std::vector<DeltaEdge> scratch_;
  absl::Status broken_;  // why no further batch is taken
  bool undurable_ = false;
  std::chrono::steady_clock::time_point undurable_since_;

  const std::shared_ptr<CancelToken> stop_folding_ = std::make_shared<CancelToken>();

  mutable std::mutex mutex_;      // guards what follows
  std::condition_variable wake_;  // the writer
  std::condition_variable room_;  // the folder
  std::vector<Pending> queue_;
  std::vector<std::function<void()>> controls_;
  std::shared_ptr<const Epoch> epoch_;
  std::chrono::steady_clock::time_point oldest_unfolded_, oldest_unsnapshotted_;
  bool stopping_ = false;
  bool writer_ended_ = false;

  std::mutex fold_mutex_;  // one fold at a time
  std::thread writer_;
  std::thread folder_;
};

}  // namespace halqa::ingest
