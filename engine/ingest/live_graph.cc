#include "engine/ingest/live_graph.h"

#include <algorithm>
#include <ctime>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/fold.h"
#include "engine/ingest/snapshot_dir.h"

namespace halqa::ingest {
namespace {

using store::Family;

constexpr uint64_t kGroupBytesMax = 8 << 20;

// The state word that the edge families hold for one edge, 0 when they hold none.
absl::StatusOr<uint32_t> StoredWord(const store::Store& db, const store::FollowChange& change) {
  HALQA_ASSIGN_OR_RETURN(auto row,
                         db.Get(Family::kFollowOut, store::FollowKey(AccountId{change.src})));
  if (!row) return 0;
  std::vector<store::FollowEntry> entries;
  HALQA_RETURN_IF_ERROR(store::DecodeFollows(*row, &entries));
  auto it = std::lower_bound(entries.begin(), entries.end(), change.dst,
                             [](const store::FollowEntry& e, uint32_t dst) { return e.dst < dst; });
  return it != entries.end() && it->dst == change.dst ? it->word : 0;
}

// Errors that concern one request, not the group it came in.
bool ConcernsOneRequest(const absl::Status& s) {
  return s.code() == absl::StatusCode::kAlreadyExists || s.code() == absl::StatusCode::kAborted;
}

}  // namespace

// A new snapshot that the writer puts in place between two groups.
struct LiveGraph::Swap {
  std::shared_ptr<const Snapshot> snapshot;
  LogTail mark;
  std::promise<absl::Status> done;
};

LiveGraph::LiveGraph(std::unique_ptr<store::Store> db, LiveGraphOptions options)
    : options_(std::move(options)), db_(std::move(db)), delta_(std::make_shared<Delta>()) {}

absl::StatusOr<std::unique_ptr<LiveGraph>> LiveGraph::Open(const std::string& directory,
                                                           const store::StoreOptions& store_options,
                                                           const LiveGraphOptions& options) {
  HALQA_ASSIGN_OR_RETURN(auto db, store::Store::Open(directory, store_options));
  std::unique_ptr<LiveGraph> graph(new LiveGraph(std::move(db), options));
  HALQA_RETURN_IF_ERROR(graph->Recover());
  graph->writer_ = std::thread([g = graph.get()] { g->WriterLoop(); });
  graph->folder_ = std::thread([g = graph.get()] { g->FolderLoop(); });
  return graph;
}

absl::Status LiveGraph::Recover() {
  HALQA_ASSIGN_OR_RETURN(auto settings, db_->Get(Family::kMeta, store::meta::kSettings));
  if (settings) {
    HALQA_ASSIGN_OR_RETURN(settings_, store::DecodeSettings(*settings));
  } else {
    settings_ = options_.settings_if_new;
    store::Batch batch;
    batch.Put(Family::kMeta, store::meta::kSettings, store::EncodeSettings(settings_));
    HALQA_RETURN_IF_ERROR(db_->Write(batch, store::Durability::kSync));
  }
  HALQA_ASSIGN_OR_RETURN(auto next, db_->Get(Family::kMeta, store::meta::kNextAccount));
  next_account_ = next ? DecodeFixed32BE(*next) : 0;
  HALQA_ASSIGN_OR_RETURN(auto sums, db_->Get(Family::kMeta, store::meta::kIndexStatistics));
  if (sums) {
    HALQA_ASSIGN_OR_RETURN(statistics_, index::IndexStatistics::Decode(*sums));
  }
  HALQA_ASSIGN_OR_RETURN(auto tail_bytes, db_->Get(Family::kMeta, store::meta::kTail));
  LogTail tail;
  if (tail_bytes) {
    HALQA_ASSIGN_OR_RETURN(tail, DecodeTail(*tail_bytes));
  }
  HALQA_ASSIGN_OR_RETURN(const LogTail marker, FoldMarker(*db_));
  if (marker.lsn > tail.lsn) {
    return MakeError(
        absl::StatusCode::kDataLoss, "LOG_HOLE",
        absl::StrCat("the fold marker ", marker.lsn, " is beyond the log's end ", tail.lsn));
  }
  RunContext run(options_.threads);
  HALQA_ASSIGN_OR_RETURN(auto opened,
                         OpenOrBuildSnapshot(*db_, marker, tail, next_account_, options_.log, run));
  auto replay = [&](const store::ChangeRecord& record, uint64_t) {
    return ApplyToDelta(record, delta_.get());
  };
  HALQA_RETURN_IF_ERROR(ReadLog(*db_, opened.mark, tail.lsn, replay));
  Publish(std::make_shared<Epoch>(Epoch{opened.snapshot, delta_, tail, next_account_}));
  return absl::OkStatus();
}

LiveGraph::~LiveGraph() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_folding_->Cancel();  // what is folded stays folded; the rest is in the log
  wake_.notify_all();
  room_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (folder_.joinable()) folder_.join();
}

std::shared_ptr<const Epoch> LiveGraph::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

void LiveGraph::Publish(std::shared_ptr<const Epoch> epoch) {
  std::lock_guard lock(mutex_);
  epoch_ = std::move(epoch);
}

void LiveGraph::Submit(WriteRequest request, AckFn done) {
  if (auto s = ValidateWriteRequest(request, std::time(nullptr)); !s.ok()) return done(s);
  absl::Status refused;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the graph is closing");
    } else if (queue_.size() >= options_.queue_batches_max) {
      refused = MakeError(absl::StatusCode::kResourceExhausted, "WRITE_QUEUE_FULL",
                          absl::StrCat(queue_.size(), " batches wait for the disk; retry later"),
                          {{"retry_delay_ms", "100"}});
    } else {
      queue_.push_back({std::move(request), std::move(done)});
    }
  }
  if (!refused.ok()) return done(refused);
  wake_.notify_all();
}

absl::StatusOr<WriteAck> LiveGraph::Write(WriteRequest request) {
  std::promise<absl::StatusOr<WriteAck>> result;
  Submit(std::move(request),
         [&](absl::StatusOr<WriteAck> ack) { result.set_value(std::move(ack)); });
  return result.get_future().get();
}

void LiveGraph::WriterLoop() {
  for (;;) {
    std::vector<Pending> pending;
    std::shared_ptr<Swap> swap;
    {
      std::unique_lock lock(mutex_);
      const bool full = delta_->edges() >= options_.delta_edges_max;
      wake_.wait(lock, [&] { return stopping_ || swap_ != nullptr || (!queue_.empty() && !full); });
      if (stopping_ && queue_.empty() && swap_ == nullptr) return;
      swap = std::exchange(swap_, nullptr);
      if (!full || stopping_) pending = std::exchange(queue_, {});
    }
    if (swap != nullptr) ApplySwap(swap);
    if (!pending.empty()) CommitPending(std::move(pending));
    if (delta_->edges() >= options_.fold_edges) room_.notify_all();
  }
}

// The delta overrides the snapshot, which knows no times. An event that is not newer than
// everything folded so far is therefore compared with the stored state first; a late one changes
// nothing.
absl::Status LiveGraph::ApplyToDelta(const store::ChangeRecord& record, Delta* delta) const {
  HALQA_ASSIGN_OR_RETURN(const uint32_t newest_folded, NewestFoldedWord(*db_));
  std::vector<DeltaEdge> edges;
  edges.reserve(record.follows.size());
  for (const store::FollowChange& f : record.follows) {
    if (f.word <= newest_folded) {
      HALQA_ASSIGN_OR_RETURN(const uint32_t stored, StoredWord(*db_, f));
      if (stored > f.word) continue;
    }
    edges.push_back({AccountId{f.src}, AccountId{f.dst}, f.word});
  }
  delta->Apply(record.lsn, edges);
  return absl::OkStatus();
}

void LiveGraph::CommitPending(std::vector<Pending> pending) {
  size_t next = 0;
  while (next < pending.size()) {
    if (!broken_.ok()) {
      pending[next++].done(broken_);
      continue;
    }
    const auto before = epoch();
    CommitGroup group({db_.get(), &ids_, settings_, statistics_, std::time(nullptr)}, before->tail,
                      next_account_);
    std::vector<absl::StatusOr<WriteAck>> acks;
    const size_t first = next;
    absl::Status doomed;
    while (next < pending.size() && doomed.ok() && group.bytes() < kGroupBytesMax) {
      acks.push_back(group.Add(pending[next++].request));
      if (!acks.back().ok() && !ConcernsOneRequest(acks.back().status()))
        doomed = acks.back().status();
    }
    if (doomed.ok() && !group.empty()) doomed = db_->Write(group.Seal(), store::Durability::kSync);
    for (const auto& record : group.records()) {
      if (!doomed.ok()) break;
      // The batch is on disk: if it cannot be shown, going on would give its ids away a second
      // time.
      broken_ = doomed = ApplyToDelta(record, delta_.get());
    }
    if (doomed.ok() && !group.empty()) {
      ids_.insert(group.new_ids().begin(), group.new_ids().end());
      next_account_ = group.next_account();
      statistics_ = group.statistics();
      Publish(std::make_shared<Epoch>(Epoch{before->snapshot, delta_, group.tail(), next_account_,
                                            before->profile_changes + group.profile_changes()}));
    }
    for (size_t i = first; i < next; ++i) {
      pending[i].done(doomed.ok() ? std::move(acks[i - first]) : absl::StatusOr<WriteAck>(doomed));
    }
  }
}

void LiveGraph::ApplySwap(const std::shared_ptr<Swap>& swap) {
  const auto before = epoch();
  auto fresh = std::make_shared<Delta>();
  auto replay = [&](const store::ChangeRecord& record, uint64_t) {
    return ApplyToDelta(record, fresh.get());
  };
  const absl::Status status = ReadLog(*db_, swap->mark, before->tail.lsn, replay);
  if (status.ok()) {
    // Old epochs keep the old snapshot together with the old delta.
    delta_ = std::move(fresh);
    Publish(std::make_shared<Epoch>(
        Epoch{swap->snapshot, delta_, before->tail, before->accounts, before->profile_changes}));
  }
  swap->done.set_value(status);
}

absl::Status LiveGraph::Fold(RunContext& run) {
  std::lock_guard one(fold_mutex_);
  const auto start = epoch();
  RunContext folding = run.Part(0, 0.3);
  HALQA_ASSIGN_OR_RETURN(const LogTail marker, FoldLog(*db_, start->tail, folding));
  if (start->snapshot->identity().lsn == marker.lsn) return absl::OkStatus();
  RunContext building = run.Part(0.3, 1);
  HALQA_ASSIGN_OR_RETURN(auto snapshot,
                         BuildAndOpenSnapshot(*db_, marker, start->accounts, building));
  auto swap = std::make_shared<Swap>();
  swap->snapshot = snapshot;
  swap->mark = marker;
  auto done = swap->done.get_future();
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return absl::OkStatus();
    swap_ = swap;
  }
  wake_.notify_all();
  HALQA_RETURN_IF_ERROR(done.get());
  HALQA_RETURN_IF_ERROR(RemoveOldSnapshots(*db_, marker));
  return TrimLog(*db_, marker.lsn, marker.lsn);
}

// Batches that wait for room in a full delta get an answer when no fold can make any.
void LiveGraph::RefuseWaiting(const absl::Status& why) {
  std::vector<Pending> waiting;
  {
    std::lock_guard lock(mutex_);
    if (epoch_->delta->edges() < options_.delta_edges_max) return;
    waiting = std::exchange(queue_, {});
  }
  for (Pending& batch : waiting) {
    batch.done(MakeError(absl::StatusCode::kUnavailable, "WRITES_BLOCKED",
                         absl::StrCat("changes cannot be folded: ", why.message()),
                         {{"retry_delay_ms", "1000"}}));
  }
}

void LiveGraph::FolderLoop() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return stopping_ || epoch_->delta->edges() >= options_.fold_edges; });
      if (stopping_) return;
    }
    RunContext run(options_.threads);
    run.set_cancel(stop_folding_);
    const absl::Status status = Fold(run);
    if (status.ok()) continue;
    if (!absl::IsCancelled(status)) options_.log(absl::StrCat("fold failed: ", status.ToString()));
    RefuseWaiting(status);
    std::unique_lock lock(mutex_);
    room_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
  }
}

}  // namespace halqa::ingest
