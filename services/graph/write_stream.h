#pragma once

#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "services/common/context.h"

namespace halqa::services {

// One StreamWrites call: reads numbered batches, hands them to the writer, tells the highest
// durable number.
//
// Thread safety: gRPC's threads and the writer's thread call in; mutex_ guards all state.
// Invariants:
// 1. At most kWindow batches are unacknowledged: then reading pauses, and HTTP/2 flow control stops
// the client.
// 2. At most one read and one write are under way. Finish comes after the last acknowledgement.
class WriteStream
    : public grpc::ServerBidiReactor<v1::StreamWritesRequest, v1::StreamWritesResponse> {
 public:
  static constexpr int kWindow = 8;
  explicit WriteStream(const ServiceContext& context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Accept();
  void OnAck(uint64_t cursor, absl::StatusOr<ingest::WriteAck> ack);
  // What the state allows next; called with mutex_ held.
  void Proceed();

  const ServiceContext context_;
  std::mutex mutex_;
  v1::StreamWritesRequest incoming_;
  v1::StreamWritesResponse outgoing_;
  std::string producer_;
  int unacknowledged_ = 0;
  uint64_t durable_cursor_ = 0, durable_lsn_ = 0, told_cursor_ = 0;
  uint64_t duplicate_batches_ = 0, new_accounts_ = 0;
  bool reading_ = false, writing_ = false, accepting_ = false, ended_ = false, finished_ = false;
  absl::Status status_;
};

}  // namespace halqa::services
