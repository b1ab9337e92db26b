// Imports: which there are, undoing one, forgetting.

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/source_table.h"
#include "engine/runtime/upkeep.h"
#include "services/common/job_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"
#include "services/graph/graph_convert.h"
#include "services/graph/graph_service.h"

namespace halqa::services {

grpc::ServerUnaryReactor* GraphServiceImpl::ListImports(grpc::CallbackServerContext* call,
                                                        const v1::ListImportsRequest* request,
                                                        v1::ListImportsResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size(), 50, 1000));
    const uint64_t hash = Checksum64("ListImports");
    uint32_t after = 0;
    if (!request->page_token().empty()) {
      HALQA_ASSIGN_OR_RETURN(const PageToken token,
                             context_.tokens->Check(request->page_token(), hash));
      after = static_cast<uint32_t>(token.position);
    }
    HALQA_ASSIGN_OR_RETURN(const auto table,
                           ingest::SourceTable::Load(context_.graph->live().db()));
    for (auto it = table.rows.upper_bound(after); it != table.rows.end(); ++it) {
      if (response->imports_size() == size) {
        response->set_next_page_token(
            context_.tokens->Sign({0, 0, hash, response->imports(size - 1).number()}));
        break;
      }
      ToProto(it->first, it->second, response->add_imports());
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::UndoImport(grpc::CallbackServerContext* call,
                                                       const v1::UndoImportRequest* request,
                                                       v1::UndoImportResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const uint64_t number, NumberIn(request->name(), "imports", "name"));
    if (number > 0xffffffffu)
      return FieldError("VALUE_OUT_OF_RANGE", "name", "no import has such a number");
    HALQA_ASSIGN_OR_RETURN(
        const auto job, runtime::StartUndoImport(*context_.graph, static_cast<uint32_t>(number)));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::PurgeHistory(grpc::CallbackServerContext* call,
                                                         const v1::PurgeHistoryRequest* request,
                                                         v1::PurgeHistoryResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const auto job,
                           runtime::StartPurge(*context_.graph, request->horizon()));
    ToProto(job, response->mutable_job());
    return absl::OkStatus();
  });
}

}  // namespace halqa::services
