#include "tools/halqa/demo_client.h"

#include <grpcpp/grpcpp.h>

#include "engine/base/status_macros.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr int kDeadlineSeconds = 30, kPage = 200;

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kDeadlineSeconds));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return rpc::FromGrpc(status);
  return response;
}

}  // namespace

DemoClient::DemoClient(const std::string& address) {
  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  discovery_ = v1::DiscoveryService::NewStub(channel);
  graph_ = v1::GraphService::NewStub(channel);
}

absl::StatusOr<v1::SearchInfluencersResponse> DemoClient::Search(
    const v1::SearchInfluencersRequest& request) {
  return Call(*discovery_, &v1::DiscoveryService::Stub::SearchInfluencers, request);
}

absl::StatusOr<std::vector<v1::InfluencerResult>> DemoClient::SearchAll(
    v1::SearchInfluencersRequest request) {
  std::vector<v1::InfluencerResult> all;
  request.set_page_size(kPage);
  do {
    HALQA_ASSIGN_OR_RETURN(const auto page, Search(request));
    all.insert(all.end(), page.results().begin(), page.results().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::StatusOr<v1::GetGraphStatsResponse> DemoClient::Stats() {
  return Call(*graph_, &v1::GraphService::Stub::GetGraphStats, v1::GetGraphStatsRequest());
}

absl::StatusOr<uint64_t> DemoClient::Follow(const std::string& follower,
                                            const std::string& followee) {
  v1::WriteBatchRequest request;
  auto* follow = request.add_follows();
  follow->set_follower(follower);
  follow->set_followee(followee);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         Call(*graph_, &v1::GraphService::Stub::WriteBatch, request));
  return response.lsn();
}

absl::StatusOr<std::vector<std::string>> DemoClient::Following(const std::string& account) {
  v1::ListFollowingRequest request;
  request.set_parent(account);
  request.set_page_size(1000);
  request.set_detail(v1::ACCOUNT_DETAIL_ID);
  HALQA_ASSIGN_OR_RETURN(const auto response,
                         Call(*graph_, &v1::GraphService::Stub::ListFollowing, request));
  std::vector<std::string> out;
  for (const auto& a : response.accounts()) out.push_back(a.external_id());
  return out;
}

}  // namespace halqa::cli
