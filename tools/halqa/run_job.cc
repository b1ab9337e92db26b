#include "tools/halqa/run_job.h"

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/job_service.grpc.pb.h"
#include "tools/common/progress_bar.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {

absl::StatusOr<v1::Job> FollowJob(const std::shared_ptr<grpc::Channel>& channel,
                                  const v1::Job& started, const std::string& label) {
  const auto stub = v1::JobService::NewStub(channel);
  v1::WaitJobRequest request;
  request.set_name(started.name());
  request.mutable_timeout()->set_nanos(300'000'000);
  ProgressBar bar(label);
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const auto response,
                           rpc::CallUnary(*stub, &v1::JobService::Stub::WaitJob, request));
    const v1::Job& job = response.job();
    bar.Update(job.progress(), job.stage());
    if (job.ended_at() == 0) continue;
    if (job.state() == v1::JOB_STATE_SUCCEEDED) {
      bar.Done();
      return job;
    }
    if (job.state() == v1::JOB_STATE_CANCELLED)
      return MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the job was cancelled");
    return MakeError(absl::StatusCode::kInternal, job.error_reason(), job.error_message());
  }
}

}  // namespace halqa::cli
