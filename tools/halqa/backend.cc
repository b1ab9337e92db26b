#include "tools/halqa/backend.h"

#include <cstdio>

#include "engine/base/status_macros.h"
#include "tools/common/exit_codes.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr auto kConnectTimeout = std::chrono::milliseconds(4500);

}  // namespace

void AddBackendFlags(Command command, BackendOptions* options) {
  Command where = command.Group("Graph", "where the graph is, one of");
  where.Add("--data", options->data, "Directory of a graph that no server has open")
      .TypeName("DIR");
  where.Add("--server", options->server, "Address of a running halqad")
      .TypeName("HOST:PORT")
      .Environment("HALQA_SERVER");
  where.ExactlyOne();
}

absl::StatusOr<std::unique_ptr<Backend>> Backend::Open(const BackendOptions& options) {
  std::unique_ptr<Backend> backend(new Backend);
  if (!options.server.empty()) {
    HALQA_ASSIGN_OR_RETURN(backend->channel_, rpc::Connect(options.server, kConnectTimeout));
    return backend;
  }
  runtime::GraphOptions graph_options;
  graph_options.refresh_in_background = false;
  graph_options.threads = options.threads;
  HALQA_ASSIGN_OR_RETURN(backend->graph_, runtime::Graph::Open(options.data, graph_options));
  services::ServerOptions server_options;
  server_options.listen = "";
  server_options.backup_directory = options.backup_directory;
  HALQA_ASSIGN_OR_RETURN(backend->server_,
                         services::Server::Start(backend->graph_.get(), server_options));
  backend->channel_ = backend->server_->InProcessChannel();
  return backend;
}

Backend::~Backend() {
  channel_.reset();
  server_.reset();
  graph_.reset();
}

void RunOn(const BackendOptions& options, const std::function<absl::Status(const Backend&)>& work) {
  const auto backend = Backend::Open(options);
  const absl::Status status = backend.ok() ? work(**backend) : backend.status();
  if (!status.ok()) EndWith(ReportError(status));
}

}  // namespace halqa::cli
