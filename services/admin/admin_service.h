#pragma once

#include "halqa/v1/admin_service.grpc.pb.h"
#include "services/common/context.h"

namespace halqa::services {

// halqa.v1.AdminService. Thread safety: gRPC calls it from any thread.
class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  explicit AdminServiceImpl(const ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* call,
                                         const v1::CreateBackupRequest* request,
                                         v1::CreateBackupResponse* response) override;
  grpc::ServerUnaryReactor* ListBackups(grpc::CallbackServerContext* call,
                                        const v1::ListBackupsRequest* request,
                                        v1::ListBackupsResponse* response) override;
  grpc::ServerUnaryReactor* VerifyBackup(grpc::CallbackServerContext* call,
                                         const v1::VerifyBackupRequest* request,
                                         v1::VerifyBackupResponse* response) override;
  grpc::ServerUnaryReactor* DeleteBackup(grpc::CallbackServerContext* call,
                                         const v1::DeleteBackupRequest* request,
                                         v1::DeleteBackupResponse* response) override;
  grpc::ServerUnaryReactor* PruneBackups(grpc::CallbackServerContext* call,
                                         const v1::PruneBackupsRequest* request,
                                         v1::PruneBackupsResponse* response) override;
  grpc::ServerUnaryReactor* CheckGraph(grpc::CallbackServerContext* call,
                                       const v1::CheckGraphRequest* request,
                                       v1::CheckGraphResponse* response) override;
  grpc::ServerUnaryReactor* Compact(grpc::CallbackServerContext* call,
                                    const v1::CompactRequest* request,
                                    v1::CompactResponse* response) override;
  grpc::ServerUnaryReactor* GetGraphStatus(grpc::CallbackServerContext* call,
                                           const v1::GetGraphStatusRequest* request,
                                           v1::GetGraphStatusResponse* response) override;

 private:
  // The directory of the backups. Errors: FailedPrecondition (BACKUPS_NOT_CONFIGURED).
  absl::StatusOr<std::string> Backups() const;

  const ServiceContext context_;
};

}  // namespace halqa::services
