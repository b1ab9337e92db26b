#pragma once
// One connection to a halqad.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "halqa/v1/job_service.grpc.pb.h"

namespace halqa::stress {

// Thread safety: all methods from any thread.
class Client {
 public:
  explicit Client(const std::string& address);

  v1::GraphService::Stub& graph() { return *graph_; }
  v1::DiscoveryService::Stub& discovery() { return *discovery_; }
  v1::JobService::Stub& jobs() { return *jobs_; }

  absl::StatusOr<v1::WriteBatchResponse> Write(const v1::WriteBatchRequest& request);
  absl::StatusOr<v1::GetGraphStatsResponse> Stats();
  // All followees, by id.
  absl::StatusOr<v1::ListFollowingResponse> Following(const std::string& account);
  absl::StatusOr<v1::ListFollowersResponse> Followers(const std::string& account, int size);
  absl::StatusOr<v1::Account> GetAccount(const std::string& account);
  // Starts a ranking. With `wait`, the job when it has ended.
  absl::StatusOr<v1::Job> Rank(bool wait);
  // OK with the state of grpc.health.v1: whether it serves.
  absl::StatusOr<bool> Healthy();

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::GraphService::Stub> graph_;
  std::unique_ptr<v1::DiscoveryService::Stub> discovery_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
};

}  // namespace halqa::stress
