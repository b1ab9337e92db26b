#include "services/server/health_service.h"

namespace halqa::services {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

}  // namespace

// One Watch call. Guarded by the service's mutex.
class HealthService::Watcher : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService* service, bool known) : service_(service), known_(known) {
    std::lock_guard lock(service_->mutex_);
    service_->watchers_.insert(this);
    Tell();
  }
  // Writes the state when it is news. REQUIRES: the mutex.
  void Tell() {
    if (writing_ || finished_) return;
    const auto state = !known_              ? HealthCheckResponse::SERVICE_UNKNOWN
                       : service_->serving_ ? HealthCheckResponse::SERVING
                                            : HealthCheckResponse::NOT_SERVING;
    if (told_ && state == response_.status()) {
      if (ending_) End();
      return;
    }
    response_.set_status(state);
    told_ = writing_ = true;
    StartWrite(&response_);
  }
  void EndAfterTelling() {
    ending_ = true;
    Tell();
  }
  void OnWriteDone(bool ok) override {
    std::lock_guard lock(service_->mutex_);
    writing_ = false;
    if (!ok) return End();
    Tell();
  }
  void OnCancel() override {
    std::lock_guard lock(service_->mutex_);
    ending_ = true;
    if (!writing_) End();
  }
  void OnDone() override {
    {
      std::lock_guard lock(service_->mutex_);
      service_->watchers_.erase(this);
    }
    delete this;
  }

 private:
  void End() {
    if (finished_) return;
    finished_ = true;
    Finish(grpc::Status::OK);
  }
  HealthService* service_;
  const bool known_;
  bool told_ = false, writing_ = false, ending_ = false, finished_ = false;
  HealthCheckResponse response_;
};

bool HealthService::Knows(const std::string& service) {
  return service.empty() || service == "halqa.v1.GraphService" ||
         service == "halqa.v1.DiscoveryService" || service == "halqa.v1.JobService";
}

bool HealthService::serving() const {
  std::lock_guard lock(mutex_);
  return serving_;
}

void HealthService::SetServing(bool serving) {
  std::lock_guard lock(mutex_);
  serving_ = serving;
  for (Watcher* watcher : watchers_) {
    if (serving) {
      watcher->Tell();
    } else {
      watcher->EndAfterTelling();
    }
  }
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* call,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  auto* reactor = call->DefaultReactor();
  if (!Knows(request->service())) {
    reactor->Finish(
        grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service " + request->service()));
    return reactor;
  }
  response->set_status(serving() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext*, const HealthCheckRequest* request) {
  return new Watcher(this, Knows(request->service()));
}

}  // namespace halqa::services
