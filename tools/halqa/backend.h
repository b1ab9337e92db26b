#pragma once
// Where a command finds its graph: a running server, or a directory opened in this process.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include "tools/common/command_line.h"

#include "absl/status/statusor.h"
#include "engine/runtime/graph.h"
#include "services/server/server.h"

namespace halqa::cli {

struct BackendOptions {
  std::string data;              // directory, or
  std::string server;            // HOST:PORT
  int threads = 0;               // of a directory's server, 0 = all cores
  std::string backup_directory;  // of a directory's server
};

// Adds --data and --server, of which exactly one is needed.
void AddBackendFlags(Command command, BackendOptions* options);

// One code path for both: a directory is served inside the process and spoken to by gRPC as well,
// so answers are equal to those of halqad. Thread safety: immutable.
class Backend {
 public:
  // Errors: Unavailable (SERVER_UNREACHABLE) within 5 s, InvalidArgument (BAD_ADDRESS); those of
  // runtime::Graph::Open.
  static absl::StatusOr<std::unique_ptr<Backend>> Open(const BackendOptions& options);
  ~Backend();

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // The graph itself, for bulk reads; nullptr for a server.
  runtime::Graph* graph() const { return graph_.get(); }

 private:
  Backend() = default;
  std::unique_ptr<runtime::Graph> graph_;
  std::unique_ptr<services::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Opens the backend, gives it to `work` and leaves the subcommand with the exit code of the first
// error. For Command::Run.
void RunOn(const BackendOptions& options, const std::function<absl::Status(const Backend&)>& work);

}  // namespace halqa::cli
