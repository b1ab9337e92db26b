#include "services/jobs/job_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/status_macros.h"
#include "services/common/job_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"

namespace halqa::services {
namespace {

constexpr int64_t kWaitSecondsMax = 3600;

absl::Time WaitUntil(const v1::WaitJobRequest& request) {
  const int64_t seconds = request.has_timeout()
                              ? std::clamp<int64_t>(request.timeout().seconds(), 0, kWaitSecondsMax)
                              : kWaitSecondsMax;
  return absl::Now() + absl::Seconds(seconds) + absl::Nanoseconds(request.timeout().nanos());
}

}  // namespace

grpc::ServerUnaryReactor* JobServiceImpl::RunRanking(grpc::CallbackServerContext* call,
                                                     const v1::RunRankingRequest* request,
                                                     v1::RunRankingResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    const std::map<std::string, std::string> parameters(request->parameters().begin(),
                                                        request->parameters().end());
    runtime::Graph& graph = *context_.graph;
    HALQA_ASSIGN_OR_RETURN(const auto job,
                           request->validate_only()
                               ? graph.PlanRanking(parameters, request->memory_bytes_max())
                               : graph.StartRanking(parameters, request->memory_bytes_max()));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::GetJob(grpc::CallbackServerContext* call,
                                                 const v1::GetJobRequest* request,
                                                 v1::GetJobResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const uint64_t id, NumberIn(request->name(), "jobs", "name"));
    HALQA_ASSIGN_OR_RETURN(const auto job, context_.graph->jobs().Get(id));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::ListJobs(grpc::CallbackServerContext* call,
                                                   const v1::ListJobsRequest* request,
                                                   v1::ListJobsResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size(), 50, 1000));
    const uint64_t hash = Checksum64("ListJobs");
    uint64_t before = 0;
    if (!request->page_token().empty()) {
      HALQA_ASSIGN_OR_RETURN(const PageToken token,
                             context_.tokens->Check(request->page_token(), hash));
      before = token.position;
    }
    HALQA_ASSIGN_OR_RETURN(auto jobs,
                           context_.graph->jobs().List(before, static_cast<size_t>(size) + 1));
    const bool more = jobs.size() > static_cast<size_t>(size);
    if (more) jobs.pop_back();
    for (const auto& job : jobs) ToProto(job, response->add_jobs());
    if (more) response->set_next_page_token(context_.tokens->Sign({0, 0, hash, jobs.back().id}));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::CancelJob(grpc::CallbackServerContext* call,
                                                    const v1::CancelJobRequest* request,
                                                    v1::CancelJobResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const uint64_t id, NumberIn(request->name(), "jobs", "name"));
    HALQA_ASSIGN_OR_RETURN(const auto job, context_.graph->jobs().Cancel(id));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* JobServiceImpl::WaitJob(grpc::CallbackServerContext* call,
                                                  const v1::WaitJobRequest* request,
                                                  v1::WaitJobResponse* response) {
  return RunUnary(
      call, *context_.waiters, [this, request, response](RunContext& run) -> absl::Status {
        HALQA_ASSIGN_OR_RETURN(const uint64_t id, NumberIn(request->name(), "jobs", "name"));
        HALQA_ASSIGN_OR_RETURN(
            const auto job,
            context_.graph->jobs().Wait(id, WaitUntil(*request), [&] { return run.ShouldStop(); }));
        HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
        ToProto(job, response->mutable_job());
        return absl::OkStatus();
      });
}

}  // namespace halqa::services
