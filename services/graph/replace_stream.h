#pragma once

#include <memory>

#include "engine/base/run_context.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "services/common/context.h"
#include "services/graph/graph_convert.h"

namespace halqa::services {

// One ReplaceFollowers call: gathers the list, then hands it to the engine.
//
// Thread safety: gRPC calls one reaction at a time; the work runs after the last read.
class ReplaceStream : public grpc::ServerReadReactor<v1::ReplaceFollowersRequest> {
 public:
  ReplaceStream(const ServiceContext& context, v1::ReplaceFollowersResponse* response);
  void OnReadDone(bool ok) override;
  void OnCancel() override { cancel_->Cancel(); }
  void OnDone() override { delete this; }

 private:
  absl::Status Take();
  absl::Status Replace();

  const ServiceContext context_;
  v1::ReplaceFollowersResponse* const response_;
  const std::shared_ptr<CancelToken> cancel_ = std::make_shared<CancelToken>();
  v1::ReplaceFollowersRequest incoming_;
  ingest::FollowerList list_;
};

}  // namespace halqa::services
