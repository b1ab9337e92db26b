#pragma once
// What every service is given.

#include "engine/runtime/graph.h"
#include "halqa/v1/common.pb.h"
#include "services/common/executor.h"
#include "services/common/page_token.h"

namespace halqa::services {

// Owned by the server; outlives the services.
struct ServiceContext {
  runtime::Graph* graph = nullptr;
  Executor* executor = nullptr;  // short requests
  Executor* waiters = nullptr;   // requests that wait for something (WaitJob)
  const PageTokenSigner* tokens = nullptr;
  std::string backup_directory;  // "" = this server makes no backups
};

inline constexpr char kDefaultGraph[] = "graphs/main";

}  // namespace halqa::services
