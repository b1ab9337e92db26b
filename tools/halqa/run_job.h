#pragma once
// Following a job to its end.

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "halqa/v1/job_service.pb.h"

namespace halqa::cli {

// Shows the progress of a job under `label` until it has ended and returns it. Errors: the job's
// own, with its reason.
absl::StatusOr<v1::Job> FollowJob(const std::shared_ptr<grpc::Channel>& channel,
                                  const v1::Job& started, const std::string& label);

}  // namespace halqa::cli
