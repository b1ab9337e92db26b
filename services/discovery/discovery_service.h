#pragma once

#include "halqa/v1/discovery_service.grpc.pb.h"
#include "services/common/context.h"

namespace halqa::services {

// halqa.v1.DiscoveryService. Thread safety: gRPC calls it from any thread.
class DiscoveryServiceImpl final : public v1::DiscoveryService::CallbackService {
 public:
  explicit DiscoveryServiceImpl(const ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* SearchInfluencers(grpc::CallbackServerContext* call,
                                              const v1::SearchInfluencersRequest* request,
                                              v1::SearchInfluencersResponse* response) override;
  grpc::ServerUnaryReactor* GetInfluencer(grpc::CallbackServerContext* call,
                                          const v1::GetInfluencerRequest* request,
                                          v1::GetInfluencerResponse* response) override;
  grpc::ServerUnaryReactor* ExplainRank(grpc::CallbackServerContext* call,
                                        const v1::ExplainRankRequest* request,
                                        v1::ExplainRankResponse* response) override;
  grpc::ServerUnaryReactor* ListNiches(grpc::CallbackServerContext* call,
                                       const v1::ListNichesRequest* request,
                                       v1::ListNichesResponse* response) override;
  grpc::ServerUnaryReactor* GetNiche(grpc::CallbackServerContext* call,
                                     const v1::GetNicheRequest* request,
                                     v1::GetNicheResponse* response) override;
  grpc::ServerUnaryReactor* ListTopics(grpc::CallbackServerContext* call,
                                       const v1::ListTopicsRequest* request,
                                       v1::ListTopicsResponse* response) override;

 private:
  const ServiceContext context_;
};

}  // namespace halqa::services
