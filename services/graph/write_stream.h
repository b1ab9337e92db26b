#pragma once

#include <grpcpp/alarm.h>

#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "services/common/context.h"
#include "services/graph/graph_convert.h"
#include "services/graph/producer_fences.h"

namespace halqa::services {

// One StreamWrites call: reads numbered batches, hands them to the writer, tells the highest
// durable number.
//
// Thread safety: gRPC's threads and the writer's thread call in; mutex_ guards all state.
// Invariants:
// 1. At most kWindow batches are unacknowledged: then reading pauses, and HTTP/2 flow control stops
// the client.
// 2. At most one read, one write and one wait for room are under way. Finish comes after the last
// acknowledgement, and where a RELAXED batch was acknowledged, after the disk has it.
class WriteStream
    : public grpc::ServerBidiReactor<v1::StreamWritesRequest, v1::StreamWritesResponse> {
 public:
  static constexpr int kWindow = 8;
  WriteStream(const ServiceContext& context, ProducerFences* fences);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Accept();
  absl::Status Check(uint64_t cursor);
  // Hands the converted batch over, now or as soon as the writer has room.
  void Hand();
  void OnAck(uint64_t cursor, absl::StatusOr<ingest::WriteAck> ack);
  // What the state allows next; called with mutex_ held.
  void Proceed();

  void FinishNow();

  const ServiceContext context_;
  ProducerFences* const fences_;
  std::mutex mutex_;
  v1::StreamWritesRequest incoming_;
  v1::StreamWritesResponse outgoing_;
  std::string producer_;
  uint64_t fence_ = 0;
  ingest::WriteRequest batch_;  // waits for room
  grpc::Alarm room_;
  int unacknowledged_ = 0;
  uint64_t durable_cursor_ = 0, accepted_cursor_ = 0, durable_lsn_ = 0;
  uint64_t told_cursor_ = 0, told_accepted_ = 0;
  uint64_t duplicate_batches_ = 0, new_accounts_ = 0, suppressed_rows_ = 0;
  std::vector<v1::RejectedRow> rejects_;  // not told yet
  bool reading_ = false, writing_ = false, accepting_ = false, ended_ = false, finished_ = false;
  absl::Status status_;
};

}  // namespace halqa::services
