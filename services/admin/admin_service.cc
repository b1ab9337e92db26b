#include "services/admin/admin_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/admin_convert.h"
#include "services/common/job_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"

namespace halqa::services {
namespace {

absl::StatusOr<uint32_t> BackupId(const std::string& name) {
  HALQA_ASSIGN_OR_RETURN(const uint64_t id, NumberIn(name, "backups", "name"));
  if (id > 0 && id <= UINT32_MAX) return static_cast<uint32_t>(id);
  return FieldError("INVALID_NAME", "name",
                    absl::StrCat("\"", name, "\" is no number of a backup"));
}

// All backups; none where nothing was backed up yet.
absl::StatusOr<std::vector<runtime::BackupInfo>> Existing(const std::string& directory) {
  auto list = runtime::ListBackups(directory);
  if (absl::IsNotFound(list.status())) return std::vector<runtime::BackupInfo>();
  return list;
}

}  // namespace

absl::StatusOr<std::string> AdminServiceImpl::Backups() const {
  if (!context_.backup_directory.empty()) return context_.backup_directory;
  return MakeError(absl::StatusCode::kFailedPrecondition, "BACKUPS_NOT_CONFIGURED",
                   "this server has no directory for backups; start halqad with --backup-dir DIR");
}

grpc::ServerUnaryReactor* AdminServiceImpl::CreateBackup(grpc::CallbackServerContext* call,
                                                         const v1::CreateBackupRequest* request,
                                                         v1::CreateBackupResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const std::string directory, Backups());
    HALQA_ASSIGN_OR_RETURN(
        const auto job, runtime::StartBackup(*context_.graph, {directory, request->keep_newest(),
                                                               request->bytes_per_second_max()}));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::ListBackups(grpc::CallbackServerContext* call,
                                                        const v1::ListBackupsRequest* request,
                                                        v1::ListBackupsResponse* response) {
  return RunUnary(call, *context_.waiters, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const std::string directory, Backups());
    HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size(), 100, 1000));
    const uint64_t hash = Checksum64("ListBackups");
    uint64_t after = 0;
    if (!request->page_token().empty()) {
      HALQA_ASSIGN_OR_RETURN(const PageToken token,
                             context_.tokens->Check(request->page_token(), hash));
      after = token.position;
    }
    HALQA_ASSIGN_OR_RETURN(const auto backups, Existing(directory));
    for (const auto& backup : backups) {
      if (backup.id <= after) continue;
      if (response->backups_size() == size) {
        response->set_next_page_token(context_.tokens->Sign({0, 0, hash, after}));
        break;
      }
      ToProto(backup, response->add_backups());
      after = backup.id;
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::VerifyBackup(grpc::CallbackServerContext* call,
                                                         const v1::VerifyBackupRequest* request,
                                                         v1::VerifyBackupResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const std::string directory, Backups());
    HALQA_ASSIGN_OR_RETURN(const uint32_t id, BackupId(request->name()));
    HALQA_ASSIGN_OR_RETURN(const auto job, runtime::StartVerify(*context_.graph, directory, id));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::DeleteBackup(grpc::CallbackServerContext* call,
                                                         const v1::DeleteBackupRequest* request,
                                                         v1::DeleteBackupResponse*) {
  return RunUnary(call, *context_.waiters, [this, request](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const std::string directory, Backups());
    HALQA_ASSIGN_OR_RETURN(const uint32_t id, BackupId(request->name()));
    return runtime::DeleteBackup(directory, id);
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::PruneBackups(grpc::CallbackServerContext* call,
                                                         const v1::PruneBackupsRequest* request,
                                                         v1::PruneBackupsResponse* response) {
  return RunUnary(call, *context_.waiters, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const std::string directory, Backups());
    if (request->keep_newest() == 0)
      return FieldError("VALUE_OUT_OF_RANGE", "keep_newest", "must be at least 1");
    HALQA_ASSIGN_OR_RETURN(const auto removed,
                           runtime::KeepNewestBackups(directory, request->keep_newest()));
    for (uint32_t id : removed) response->add_removed(NameOf("backups", absl::StrCat(id)));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::CheckGraph(grpc::CallbackServerContext* call,
                                                       const v1::CheckGraphRequest* request,
                                                       v1::CheckGraphResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    runtime::CheckOptions options;
    options.file_checksums = !request->skip_file_checksums();
    HALQA_ASSIGN_OR_RETURN(const auto job, runtime::StartCheck(*context_.graph, options));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::Compact(grpc::CallbackServerContext* call,
                                                    const v1::CompactRequest* request,
                                                    v1::CompactResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const auto job, runtime::StartCompaction(*context_.graph));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* AdminServiceImpl::GetGraphStatus(grpc::CallbackServerContext* call,
                                                           const v1::GetGraphStatusRequest* request,
                                                           v1::GetGraphStatusResponse* response) {
  return RunUnary(call, *context_.waiters, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(services::CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const auto status, runtime::StatusOf(*context_.graph));
    ToProto(status, response);
    response->set_backups_configured(!context_.backup_directory.empty());
    if (context_.backup_directory.empty()) return absl::OkStatus();
    HALQA_ASSIGN_OR_RETURN(const auto backups, Existing(context_.backup_directory));
    for (const auto& backup : backups) {
      if (backup.problem.empty()) ToProto(backup, response->mutable_newest_backup());
    }
    return absl::OkStatus();
  });
}

}  // namespace halqa::services
