#pragma once
// The gRPC server of one graph: services, health, reflection, drain.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/context.h"
#include "services/server/health_service.h"

namespace halqa::services {

struct ServerOptions {
  std::string listen = "127.0.0.1:7411";  // "" = only reachable inside the process
  int threads = 2;                        // that run requests
  bool reflection = true;
  int drain_seconds = 30;
  std::string backup_directory;  // "" = AdminService makes no backups
};

// Thread safety: Drain may be called from any thread, once.
class Server {
 public:
  // Starts serving. REQUIRES: graph outlives the server. Errors: Unavailable (LISTEN_FAILED).
  static absl::StatusOr<std::unique_ptr<Server>> Start(runtime::Graph* graph,
                                                       const ServerOptions& options);
  ~Server();

  // The port really bound, 0 when none.
  int port() const { return port_; }
  // A channel to this server that uses no socket.
  std::shared_ptr<grpc::Channel> InProcessChannel();
  // Health becomes NOT_SERVING, running calls get drain_seconds to end, then all are cut.
  void Drain();

 private:
  Server(runtime::Graph* graph, const ServerOptions& options);
  const ServerOptions options_;
  Executor executor_;
  Executor waiters_;
  PageTokenSigner tokens_;
  ServiceContext context_;
  HealthService health_;
  std::unique_ptr<grpc::Service> graph_service_, discovery_service_, job_service_, admin_service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace halqa::services
