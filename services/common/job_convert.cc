#include "services/common/job_convert.h"

#include "absl/strings/str_cat.h"
#include "services/common/names.h"

namespace halqa::services {
namespace {

v1::JobState StateOf(const std::string& state) {
  v1::JobState out = v1::JOB_STATE_UNSPECIFIED;
  v1::JobState_Parse(absl::StrCat("JOB_STATE_", state), &out);
  return out;
}

}  // namespace

void ToProto(const runtime::JobRow& job, v1::Job* out) {
  if (job.id != 0) out->set_name(NameOf("jobs", absl::StrCat(job.id)));
  out->set_kind(job.kind);
  out->set_state(StateOf(job.state));
  out->set_progress(job.progress);
  out->set_stage(job.stage);
  out->mutable_parameters()->insert(job.parameters.begin(), job.parameters.end());
  out->set_created_at(job.created_at);
  out->set_started_at(job.started_at);
  out->set_ended_at(job.ended_at);
  out->set_estimated_bytes(job.estimated_bytes);
  out->set_generation(job.generation);
  out->set_error_reason(job.error_reason);
  out->set_error_message(job.error_message);
  out->mutable_result()->insert(job.result.begin(), job.result.end());
}

}  // namespace halqa::services
