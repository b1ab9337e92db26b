#pragma once

#include "halqa/v1/job_service.grpc.pb.h"
#include "services/common/context.h"

namespace halqa::services {

// halqa.v1.JobService. Thread safety: gRPC calls it from any thread.
class JobServiceImpl final : public v1::JobService::CallbackService {
 public:
  explicit JobServiceImpl(const ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* RunRanking(grpc::CallbackServerContext* call,
                                       const v1::RunRankingRequest* request,
                                       v1::RunRankingResponse* response) override;
  grpc::ServerUnaryReactor* RunAlgorithm(grpc::CallbackServerContext* call,
                                         const v1::RunAlgorithmRequest* request,
                                         v1::RunAlgorithmResponse* response) override;
  grpc::ServerUnaryReactor* ListAlgorithms(grpc::CallbackServerContext* call,
                                           const v1::ListAlgorithmsRequest* request,
                                           v1::ListAlgorithmsResponse* response) override;
  grpc::ServerUnaryReactor* ListAnalysisValues(grpc::CallbackServerContext* call,
                                               const v1::ListAnalysisValuesRequest* request,
                                               v1::ListAnalysisValuesResponse* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* call,
                                   const v1::GetJobRequest* request,
                                   v1::GetJobResponse* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* call,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* call,
                                      const v1::CancelJobRequest* request,
                                      v1::CancelJobResponse* response) override;
  grpc::ServerUnaryReactor* WaitJob(grpc::CallbackServerContext* call,
                                    const v1::WaitJobRequest* request,
                                    v1::WaitJobResponse* response) override;

 private:
  const ServiceContext context_;
};

}  // namespace halqa::services
