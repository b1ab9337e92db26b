#pragma once
// One unary call: the handler runs on an executor, cancel and deadline of the call reach it through
// a RunContext.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>

#include "engine/base/error.h"
#include "engine/base/run_context.h"
#include "services/common/executor.h"
#include "services/common/status_convert.h"

namespace halqa::services {

// Finishes a call once from the executor; a cancelled call stops its handler at the next
// checkpoint. Lifetime: lives until gRPC calls OnDone, which comes after Finish.
template <typename Handler>
class UnaryReactor : public grpc::ServerUnaryReactor {
 public:
  UnaryReactor(grpc::CallbackServerContext* context, Handler handler)
      : handler_(std::move(handler)), cancel_(std::make_shared<CancelToken>()) {
    using Clock = RunContext::Clock;
    run_.set_threads(1);
    run_.set_cancel(cancel_);
    const auto deadline = context->deadline();
    const auto now = std::chrono::system_clock::now();
    if (deadline < now + std::chrono::hours(24 * 365)) {
      run_.set_deadline(Clock::now() + std::chrono::duration_cast<Clock::duration>(deadline - now));
    }
  }
  void Start(Executor& executor) {
    if (executor.Submit([this] { Finish(ToGrpc(handler_(run_))); })) return;
    Finish(ToGrpc(MakeError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                            "too many requests wait; retry later", {{"retry_delay_ms", "200"}})));
  }
  void OnCancel() override { cancel_->Cancel(); }
  void OnDone() override { delete this; }

 private:
  Handler handler_;
  std::shared_ptr<CancelToken> cancel_;
  RunContext run_;
};

// handler: absl::Status(RunContext&). Request and response live until the call is done.
template <typename Handler>
grpc::ServerUnaryReactor* RunUnary(grpc::CallbackServerContext* context, Executor& executor,
                                   Handler handler) {
  auto* reactor = new UnaryReactor<Handler>(context, std::move(handler));
  reactor->Start(executor);
  return reactor;
}

}  // namespace halqa::services
