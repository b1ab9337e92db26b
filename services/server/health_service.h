#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"

namespace halqa::services {

// grpc.health.v1.Health, registered as an ordinary service so that reflection shows it. The service
// "" and every halqa.v1 service share one state. Thread safety: all methods from any thread.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* call,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* call,
      const grpc::health::v1::HealthCheckRequest* request) override;

  // Tells every watcher. false also ends their streams, so that a shutdown need not wait for them.
  void SetServing(bool serving);
  bool serving() const;
  static bool Knows(const std::string& service);

 private:
  class Watcher;
  mutable std::mutex mutex_;
  bool serving_ = false;
  std::set<Watcher*> watchers_;
};

}  // namespace halqa::services
