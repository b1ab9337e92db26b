#include "tools/stress/client.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::stress {
namespace {

constexpr auto kDeadline = std::chrono::seconds(30);

// A call with a deadline, so that nothing hangs on a server that does.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return rpc::FromGrpc(status);
  return response;
}

}  // namespace

Client::Client(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  graph_ = v1::GraphService::NewStub(channel_);
  discovery_ = v1::DiscoveryService::NewStub(channel_);
  jobs_ = v1::JobService::NewStub(channel_);
}

absl::StatusOr<v1::WriteBatchResponse> Client::Write(const v1::WriteBatchRequest& request) {
  return Call(*graph_, &v1::GraphService::Stub::WriteBatch, request);
}

absl::StatusOr<v1::GetGraphStatsResponse> Client::Stats() {
  return Call(*graph_, &v1::GraphService::Stub::GetGraphStats, v1::GetGraphStatsRequest());
}

absl::StatusOr<v1::ListFollowingResponse> Client::Following(const std::string& account) {
  v1::ListFollowingRequest request;
  request.set_parent(account);
  request.set_page_size(1000);
  request.set_detail(v1::ACCOUNT_DETAIL_ID);
  return Call(*graph_, &v1::GraphService::Stub::ListFollowing, request);
}

absl::StatusOr<v1::ListFollowersResponse> Client::Followers(const std::string& account, int size) {
  v1::ListFollowersRequest request;
  request.set_parent(account);
  request.set_page_size(size);
  return Call(*graph_, &v1::GraphService::Stub::ListFollowers, request);
}

absl::StatusOr<v1::Account> Client::GetAccount(const std::string& account) {
  v1::GetAccountRequest request;
  request.set_name(account);
  HALQA_ASSIGN_OR_RETURN(auto response,
                         Call(*graph_, &v1::GraphService::Stub::GetAccount, request));
  return response.account();
}

absl::StatusOr<v1::Job> Client::Rank(bool wait) {
  v1::RunRankingRequest request;
  (*request.mutable_parameters())["evidence_min"] = std::string("2");
  HALQA_ASSIGN_OR_RETURN(auto started, Call(*jobs_, &v1::JobService::Stub::RunRanking, request));
  if (!wait) return started.job();
  v1::WaitJobRequest waiting;
  waiting.set_name(started.job().name());
  waiting.mutable_timeout()->set_seconds(25);
  HALQA_ASSIGN_OR_RETURN(auto ended, Call(*jobs_, &v1::JobService::Stub::WaitJob, waiting));
  return ended.job();
}

absl::StatusOr<bool> Client::Healthy() {
  auto stub = grpc::health::v1::Health::NewStub(channel_);
  HALQA_ASSIGN_OR_RETURN(auto response, Call(*stub, &grpc::health::v1::Health::Stub::Check,
                                             grpc::health::v1::HealthCheckRequest()));
  return response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

}  // namespace halqa::stress
