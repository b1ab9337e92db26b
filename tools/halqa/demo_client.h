#pragma once
// The calls of the demonstration, over gRPC.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "halqa/v1/discovery_service.grpc.pb.h"
#include "halqa/v1/graph_service.grpc.pb.h"

namespace halqa::cli {

// A stub user that turns gRPC errors into ours.
class DemoClient {
 public:
  explicit DemoClient(const std::string& address);
  absl::StatusOr<v1::SearchInfluencersResponse> Search(const v1::SearchInfluencersRequest& request);
  // The results of all pages.
  absl::StatusOr<std::vector<v1::InfluencerResult>> SearchAll(v1::SearchInfluencersRequest request);
  absl::StatusOr<v1::GetGraphStatsResponse> Stats();
  // Writes one follow and returns its change record.
  absl::StatusOr<uint64_t> Follow(const std::string& follower, const std::string& followee);
  // The external ids that `account` follows, first page.
  absl::StatusOr<std::vector<std::string>> Following(const std::string& account);

 private:
  std::unique_ptr<v1::DiscoveryService::Stub> discovery_;
  std::unique_ptr<v1::GraphService::Stub> graph_;
};

}  // namespace halqa::cli
