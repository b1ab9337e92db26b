#include "services/graph/write_stream.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "services/common/names.h"
#include "services/common/status_convert.h"

namespace halqa::services {
namespace {

constexpr size_t kProducerMax = 128;
constexpr auto kRoomPause = std::chrono::milliseconds(5);

}  // namespace

WriteStream::WriteStream(const ServiceContext& context, ProducerFences* fences)
    : context_(context), fences_(fences) {
  std::lock_guard lock(mutex_);
  Proceed();
}

void WriteStream::Proceed() {
  const bool news = durable_cursor_ > told_cursor_ || accepted_cursor_ > told_accepted_;
  if (news && !writing_ && !finished_) {
    outgoing_.Clear();
    outgoing_.set_durable_cursor(durable_cursor_);
    outgoing_.set_accepted_cursor(accepted_cursor_);
    if (accepted_cursor_ > durable_cursor_) outgoing_.set_loss_window_ms(ingest::kRelaxedLossMs);
    outgoing_.set_lsn(durable_lsn_);
    outgoing_.set_duplicate_batches(duplicate_batches_);
    outgoing_.set_new_accounts(new_accounts_);
    outgoing_.set_suppressed_rows(suppressed_rows_);
    for (v1::RejectedRow& reject : rejects_) *outgoing_.add_rejects() = std::move(reject);
    rejects_.clear();
    told_cursor_ = durable_cursor_;
    told_accepted_ = accepted_cursor_;
    writing_ = true;
    StartWrite(&outgoing_);
  }
  const bool over = ended_ || !status_.ok();
  if (!over && !reading_ && !accepting_ && unacknowledged_ < kWindow) {
    reading_ = true;
    StartRead(&incoming_);
  }
  if (over && !reading_ && !writing_ && !accepting_ && unacknowledged_ == 0 && !finished_) {
    finished_ = true;
    FinishNow();
  }
}

// A call that ended well leaves nothing acknowledged off the disk.
void WriteStream::FinishNow() {
  if (fence_ != 0) fences_->Leave(producer_, fence_);
  if (!status_.ok() || accepted_cursor_ <= durable_cursor_) return Finish(ToGrpc(status_));
  const bool queued =
      context_.waiters->Submit([this] { Finish(ToGrpc(context_.graph->live().Sync())); });
  if (!queued) {
    Finish(ToGrpc(MakeError(absl::StatusCode::kUnavailable, "SERVER_BUSY",
                            "what was accepted is on disk within the loss window")));
  }
}

void WriteStream::OnReadDone(bool ok) {
  if (ok) return Accept();
  std::lock_guard lock(mutex_);
  reading_ = false;
  ended_ = true;
  Proceed();
}

absl::Status WriteStream::Check(uint64_t cursor) {
  if (producer_.empty()) {
    producer_ = incoming_.producer();
    if (producer_.empty() || producer_.size() > kProducerMax) {
      return FieldError("PRODUCER_REQUIRED", "producer",
                        "the first message must name a producer (1 to 128 characters)");
    }
    fence_ = fences_->Enter(producer_);
  }
  if (cursor == 0) return FieldError("CURSOR_REQUIRED", "cursor", "batches are numbered from 1");
  if (fences_->IsNewest(producer_, fence_)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, "PRODUCER_FENCED",
                   absl::StrCat("a newer stream of producer ", producer_, " has taken over"),
                   {{"producer", producer_}});
}

// The batch is converted here and queued; nothing waits for the disk on gRPC's thread.
void WriteStream::Accept() {
  std::vector<ingest::Reject> rejects;
  absl::StatusOr<ingest::WriteRequest> batch =
      TakeBatch(incoming_.mutable_batch(), std::time(nullptr), &rejects);
  if (auto s = CheckGraph(incoming_.batch().parent()); !s.ok()) batch = s;
  const uint64_t cursor = incoming_.cursor();
  {
    std::lock_guard lock(mutex_);
    reading_ = false;
    if (status_.ok()) status_ = Check(cursor);
    if (status_.ok()) status_ = batch.status();
    if (!status_.ok()) return Proceed();
    batch->request_id.clear();
    batch->producer = producer_;
    batch->cursor = cursor;
    for (const ingest::Reject& r : rejects)
      ToProto(r, absl::StrCat("batch ", cursor, ": "), &rejects_.emplace_back());
    ++unacknowledged_;
    accepting_ = true;  // the acknowledgement may come before the batch is handed over
    batch_ = *std::move(batch);
  }
  Hand();
}

void WriteStream::Hand() {
  const uint64_t cursor = batch_.cursor;
  const bool taken = context_.graph->live().TrySubmit(
      &batch_,
      [this, cursor](absl::StatusOr<ingest::WriteAck> ack) { OnAck(cursor, std::move(ack)); });
  if (!taken) {  // this stream stops reading until the writer has room
    room_.Set(std::chrono::system_clock::now() + kRoomPause, [this](bool) { Hand(); });
    return;
  }
  std::lock_guard lock(mutex_);
  accepting_ = false;
  Proceed();
}

// Finish is called with the mutex held: wait until that holder has left.
void WriteStream::OnDone() {
  { std::lock_guard lock(mutex_); }
  delete this;
}

void WriteStream::OnAck(uint64_t cursor, absl::StatusOr<ingest::WriteAck> ack) {
  std::lock_guard lock(mutex_);
  --unacknowledged_;
  if (ack.ok()) {
    accepted_cursor_ = std::max(accepted_cursor_, cursor);
    if (ack->durable) durable_cursor_ = std::max(durable_cursor_, cursor);
    durable_lsn_ = std::max(durable_lsn_, ack->lsn);
    duplicate_batches_ += ack->duplicate ? 1 : 0;
    new_accounts_ += ack->new_accounts;
    suppressed_rows_ += ack->suppressed_rows;
  } else if (status_.ok()) {
    status_ = ack.status();
  }
  Proceed();
}

void WriteStream::OnWriteDone(bool ok) {
  std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) ended_ = true;
  Proceed();
}

void WriteStream::OnCancel() {
  std::lock_guard lock(mutex_);
  if (status_.ok())
    status_ = MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the client left");
  Proceed();
}

}  // namespace halqa::services
