#pragma once

#include "engine/runtime/jobs.h"
#include "halqa/v1/job_service.pb.h"

namespace halqa::services {

// A job as every service shows it. Without a name where it was only planned (id 0).
void ToProto(const runtime::JobRow& job, v1::Job* out);

}  // namespace halqa::services
