#include "services/server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "services/admin/admin_service.h"
#include "services/discovery/discovery_service.h"
#include "services/graph/graph_service.h"
#include "services/jobs/job_service.h"

namespace halqa::services {
namespace {

constexpr size_t kQueueMax = 1024;
constexpr int kWaiterThreads = 16;
constexpr int kMessageBytesMax = 4 << 20;

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMessageBytesMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 60000);
}

// Page tokens belong to one timeline: after a restore the same record number may mean another
// state.
std::string TokenKey(runtime::Graph& graph) {
  const auto& db = graph.live().db();
  return absl::StrCat(db.secret(), absl::Hex(db.timeline(), absl::kZeroPad16));
}

}  // namespace

Server::Server(runtime::Graph* graph, const ServerOptions& options)
    : options_(options),
      executor_(options.threads, kQueueMax),
      waiters_(kWaiterThreads, kQueueMax),
      tokens_(TokenKey(*graph)),
      context_{graph, &executor_, &waiters_, &tokens_, options.backup_directory},
      graph_service_(std::make_unique<GraphServiceImpl>(context_)),
      discovery_service_(std::make_unique<DiscoveryServiceImpl>(context_)),
      job_service_(std::make_unique<JobServiceImpl>(context_)),
      admin_service_(std::make_unique<AdminServiceImpl>(context_)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(runtime::Graph* graph,
                                                      const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(graph, options));
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(&builder);
  if (!options.listen.empty()) {
    builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &server->port_);
  }
  builder.RegisterService(server->graph_service_.get());
  builder.RegisterService(server->discovery_service_.get());
  builder.RegisterService(server->job_service_.get());
  builder.RegisterService(server->admin_service_.get());
  builder.RegisterService(&server->health_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || (!options.listen.empty() && server->port_ == 0)) {
    return MakeError(absl::StatusCode::kUnavailable, "LISTEN_FAILED",
                     absl::StrCat("cannot listen on ", options.listen,
                                  "; is the port taken? Try another with "
                                  "--listen HOST:PORT"),
                     {{"listen", options.listen}});
  }
  server->health_.SetServing(true);
  return server;
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return server_->InProcessChannel(arguments);
}

void Server::Drain() {
  if (server_ == nullptr) return;
  health_.SetServing(false);
  server_->Shutdown(std::chrono::system_clock::now() +
                    std::chrono::seconds(options_.drain_seconds));
}

Server::~Server() {
  if (server_ == nullptr) return;
  health_.SetServing(false);
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  server_->Wait();
}

}  // namespace halqa::services
