#include "engine/ingest/live_graph.h"

#include <ctime>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::ingest {

LiveGraph::LiveGraph(std::unique_ptr<store::Store> db, LiveGraphOptions options)
    : options_(std::move(options)), db_(std::move(db)) {}

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

// Checks a change and hashes its ids: here, not on the writer, where it would hold everybody up.
absl::Status LiveGraph::Prepare(Change* change) const {
  auto* request = std::get_if<WriteRequest>(change);
  if (request == nullptr || !request->hashes.empty()) return absl::OkStatus();
  if (!request->checked) HALQA_RETURN_IF_ERROR(ValidateWriteRequest(*request, std::time(nullptr)));
  HashIds(db_->id_key(), request);
  return absl::OkStatus();
}

bool LiveGraph::Enqueue(Change* change, AckFn* done, absl::Status* refused) {
  std::lock_guard lock(mutex_);
  if (stopping_) {
    *refused = MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the graph is closing");
  } else if (queue_.size() >= options_.queue_batches_max) {
    counters_.queue_refusals.fetch_add(1);
    *refused = MakeError(absl::StatusCode::kResourceExhausted, "WRITE_QUEUE_FULL",
                         absl::StrCat(queue_.size(), " batches wait for the disk; retry later"),
                         {{"retry_delay_ms", "100"}});
  } else {
    queue_.push_back({std::move(*change), std::move(*done)});
    return true;
  }
  return false;
}

void LiveGraph::Submit(Change change, AckFn done) {
  absl::Status refused = Prepare(&change);
  if (refused.ok() && Enqueue(&change, &done, &refused)) {
    wake_.notify_one();
  } else {
    done(refused);
  }
}

bool LiveGraph::TrySubmit(WriteRequest* request, AckFn done) {
  Change change = std::move(*request);
  absl::Status refused = Prepare(&change);
  if (refused.ok() && Enqueue(&change, &done, &refused)) {
    wake_.notify_one();
    return true;
  }
  if (absl::IsResourceExhausted(refused)) {
    *request = std::move(std::get<WriteRequest>(change));
    return false;
  }
  done(refused);
  return true;
}

absl::StatusOr<WriteAck> LiveGraph::Write(Change change) {
  std::promise<absl::StatusOr<WriteAck>> result;
  Submit(std::move(change),
         [&](absl::StatusOr<WriteAck> ack) { result.set_value(std::move(ack)); });
  return result.get_future().get();
}

absl::Status LiveGraph::OnWriter(std::function<absl::Status()> fn) {
  auto done = std::make_shared<std::promise<absl::Status>>();
  auto result = done->get_future();
  {
    std::lock_guard lock(mutex_);
    if (writer_ended_) {
      return MakeError(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the graph is closing");
    }
    controls_.push_back([done, fn = std::move(fn)] { done->set_value(fn()); });
  }
  wake_.notify_one();
  return result.get();
}

absl::Status LiveGraph::Sync() {
  return OnWriter([this] { return SyncNow(); });
}

}  // namespace halqa::ingest
