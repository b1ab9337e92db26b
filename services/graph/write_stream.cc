#include "services/graph/write_stream.h"

#include <algorithm>
#include <ctime>

#include "engine/base/error.h"
#include "services/common/names.h"
#include "services/common/status_convert.h"
#include "services/graph/graph_convert.h"

namespace halqa::services {
namespace {

constexpr size_t kProducerMax = 128;

}  // namespace

WriteStream::WriteStream(const ServiceContext& context) : context_(context) {
  std::lock_guard lock(mutex_);
  Proceed();
}

void WriteStream::Proceed() {
  const bool tell = durable_cursor_ > told_cursor_ && !writing_;
  if (tell && !finished_) {
    outgoing_.set_durable_cursor(durable_cursor_);
    outgoing_.set_lsn(durable_lsn_);
    outgoing_.set_duplicate_batches(duplicate_batches_);
    outgoing_.set_new_accounts(new_accounts_);
    told_cursor_ = durable_cursor_;
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
    Finish(ToGrpc(status_));
  }
}

void WriteStream::OnReadDone(bool ok) {
  if (ok) return Accept();
  std::lock_guard lock(mutex_);
  reading_ = false;
  ended_ = true;
  Proceed();
}

// The batch is converted here and queued; nothing waits for the disk on gRPC's thread.
void WriteStream::Accept() {
  absl::StatusOr<ingest::WriteRequest> batch = FromProto(incoming_.batch(), std::time(nullptr));
  if (auto s = CheckGraph(incoming_.batch().parent()); !s.ok()) batch = s;
  const uint64_t cursor = incoming_.cursor();
  {
    std::lock_guard lock(mutex_);
    reading_ = false;
    if (producer_.empty()) producer_ = incoming_.producer();
    if (producer_.empty() || producer_.size() > kProducerMax) {
      status_ = FieldError("PRODUCER_REQUIRED", "producer",
                           "the first message must name a producer (1 to 128 characters)");
    } else if (cursor == 0) {
      status_ = FieldError("CURSOR_REQUIRED", "cursor", "batches are numbered from 1");
    } else if (!batch.ok()) {
      status_ = batch.status();
    }
    if (!status_.ok()) return Proceed();
    batch->request_id.clear();
    batch->producer = producer_;
    batch->cursor = cursor;
    ++unacknowledged_;
    accepting_ = true;  // the acknowledgement may come before Submit returns
  }
  context_.graph->live().Submit(
      *std::move(batch),
      [this, cursor](absl::StatusOr<ingest::WriteAck> ack) { OnAck(cursor, std::move(ack)); });
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
    durable_cursor_ = std::max(durable_cursor_, cursor);
    durable_lsn_ = std::max(durable_lsn_, ack->lsn);
    duplicate_batches_ += ack->duplicate ? 1 : 0;
    new_accounts_ += ack->new_accounts;
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
