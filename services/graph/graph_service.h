#pragma once

#include "halqa/v1/graph_service.grpc.pb.h"
#include "services/common/context.h"
#include "services/graph/producer_fences.h"

namespace halqa::services {

// halqa.v1.GraphService. Thread safety: gRPC calls it from any thread.
class GraphServiceImpl final : public v1::GraphService::CallbackService {
 public:
  explicit GraphServiceImpl(const ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* WriteBatch(grpc::CallbackServerContext* call,
                                       const v1::WriteBatchRequest* request,
                                       v1::WriteBatchResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamWritesRequest, v1::StreamWritesResponse>* StreamWrites(
      grpc::CallbackServerContext* call) override;
  grpc::ServerReadReactor<v1::ReplaceFollowersRequest>* ReplaceFollowers(
      grpc::CallbackServerContext* call, v1::ReplaceFollowersResponse* response) override;
  grpc::ServerUnaryReactor* DeleteAccount(grpc::CallbackServerContext* call,
                                          const v1::DeleteAccountRequest* request,
                                          v1::DeleteAccountResponse* response) override;
  grpc::ServerWriteReactor<v1::ExportSubjectResponse>* ExportSubject(
      grpc::CallbackServerContext* call, const v1::ExportSubjectRequest* request) override;
  grpc::ServerUnaryReactor* AliasAccount(grpc::CallbackServerContext* call,
                                         const v1::AliasAccountRequest* request,
                                         v1::AliasAccountResponse* response) override;
  grpc::ServerUnaryReactor* ListImports(grpc::CallbackServerContext* call,
                                        const v1::ListImportsRequest* request,
                                        v1::ListImportsResponse* response) override;
  grpc::ServerUnaryReactor* UndoImport(grpc::CallbackServerContext* call,
                                       const v1::UndoImportRequest* request,
                                       v1::UndoImportResponse* response) override;
  grpc::ServerUnaryReactor* PurgeHistory(grpc::CallbackServerContext* call,
                                         const v1::PurgeHistoryRequest* request,
                                         v1::PurgeHistoryResponse* response) override;
  grpc::ServerUnaryReactor* ResolveAccounts(grpc::CallbackServerContext* call,
                                            const v1::ResolveAccountsRequest* request,
                                            v1::ResolveAccountsResponse* response) override;
  grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* call,
                                       const v1::GetAccountRequest* request,
                                       v1::GetAccountResponse* response) override;
  grpc::ServerUnaryReactor* BatchGetAccounts(grpc::CallbackServerContext* call,
                                             const v1::BatchGetAccountsRequest* request,
                                             v1::BatchGetAccountsResponse* response) override;
  grpc::ServerUnaryReactor* ListFollowers(grpc::CallbackServerContext* call,
                                          const v1::ListFollowersRequest* request,
                                          v1::ListFollowersResponse* response) override;
  grpc::ServerUnaryReactor* ListFollowing(grpc::CallbackServerContext* call,
                                          const v1::ListFollowingRequest* request,
                                          v1::ListFollowingResponse* response) override;
  grpc::ServerUnaryReactor* GetGraphStats(grpc::CallbackServerContext* call,
                                          const v1::GetGraphStatsRequest* request,
                                          v1::GetGraphStatsResponse* response) override;

 private:
  const ServiceContext context_;
  ProducerFences fences_;
};

}  // namespace halqa::services
