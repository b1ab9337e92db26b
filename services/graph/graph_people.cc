// What concerns one person: erasing, telling what is held, merging two accounts.

#include <algorithm>
#include <filesystem>

#include "absl/container/flat_hash_map.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/admin.h"
#include "services/common/account_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"
#include "services/graph/graph_convert.h"
#include "services/graph/graph_service.h"

namespace halqa::services {
namespace {

constexpr size_t kEdgesPerMessage = 1000;

// Names of other accounts, each looked up once.
class Names {
 public:
  explicit Names(const store::Store& db) : db_(db) {}
  absl::StatusOr<std::string> Of(AccountId id) {
    auto it = names_.find(Raw(id));
    if (it != names_.end()) return it->second;
    HALQA_ASSIGN_OR_RETURN(std::string name, runtime::ShownName(db_, id));
    return names_[Raw(id)] = std::move(name);
  }

 private:
  const store::Store& db_;
  absl::flat_hash_map<uint32_t, std::string> names_;
};

absl::Status WriteFollow(const runtime::HeldFollow& in, Names* names, v1::HeldFollow* out) {
  HALQA_ASSIGN_OR_RETURN(*out->mutable_other(), names->Of(in.other));
  out->set_outgoing(in.outgoing);
  for (const store::FollowEntry& e : in.events) {
    v1::HeldEvent* event = out->add_events();
    event->set_time(store::TimeOf(e.word));
    event->set_removed(!store::IsActive(e.word));
    event->set_import(e.source);
  }
  return absl::OkStatus();
}

absl::Status WriteInteraction(const runtime::HeldInteractions& in, Names* names,
                              v1::HeldInteraction* out) {
  HALQA_ASSIGN_OR_RETURN(*out->mutable_other(), names->Of(in.other));
  out->set_outgoing(in.outgoing);
  out->set_kind(static_cast<v1::InteractionKind>(in.entry.kind));
  out->set_hour(store::TimeOfHour(in.entry.hour));
  out->set_count(in.entry.count);
  out->set_import(in.entry.source);
  return absl::OkStatus();
}

// The export in messages of bounded size.
absl::StatusOr<std::vector<v1::ExportSubjectResponse>> Messages(
    const runtime::Graph& graph, const std::string& id, const runtime::SubjectExport& subject) {
  std::vector<v1::ExportSubjectResponse> out(1);
  if (subject.account) ToProto(*subject.account, out[0].mutable_account());
  if (subject.erasure)
    *out[0].mutable_erasure() = ReceiptOf(id, *subject.erasure, graph.live().db().secret());
  for (const auto& [number, row] : subject.sources) ToProto(number, row, out[0].add_imports());
  Names names(graph.live().db());
  size_t room = kEdgesPerMessage;
  auto next = [&]() -> v1::ExportSubjectResponse* {
    if (room-- == 0) {
      out.emplace_back();
      room = kEdgesPerMessage - 1;
    }
    return &out.back();
  };
  for (const PostRecord& post : subject.posts) ToProto(post, next()->add_posts());
  for (const auto& f : subject.follows)
    HALQA_RETURN_IF_ERROR(WriteFollow(f, &names, next()->add_follows()));
  for (const auto& x : subject.interactions)
    HALQA_RETURN_IF_ERROR(WriteInteraction(x, &names, next()->add_interactions()));
  return out;
}

// Collects the export on the executor, then writes message after message.
class SubjectReactor : public grpc::ServerWriteReactor<v1::ExportSubjectResponse> {
 public:
  SubjectReactor(const ServiceContext& context, std::string name)
      : context_(context), name_(std::move(name)), cancel_(std::make_shared<CancelToken>()) {
    const bool queued = context_.waiters->Submit([this] {
      const absl::Status status = Collect();
      status.ok() ? WriteNext() : Finish(ToGrpc(status));
    });
    if (!queued) {
      Finish(ToGrpc(MakeError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                              "too many requests wait; retry later", {{"retry_delay_ms", "200"}})));
    }
  }
  void OnWriteDone(bool ok) override { ok ? WriteNext() : Finish(grpc::Status::CANCELLED); }
  void OnCancel() override { cancel_->Cancel(); }
  void OnDone() override { delete this; }

 private:
  absl::Status Collect() {
    HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(name_, "accounts", "name"));
    RunContext run(1);
    run.set_cancel(cancel_);
    HALQA_ASSIGN_OR_RETURN(const auto subject, runtime::ExportSubject(*context_.graph, id, run));
    HALQA_ASSIGN_OR_RETURN(messages_, Messages(*context_.graph, id, subject));
    return absl::OkStatus();
  }
  void WriteNext() {
    next_ < messages_.size() ? StartWrite(&messages_[next_++]) : Finish(grpc::Status::OK);
  }

  const ServiceContext context_;
  const std::string name_;
  const std::shared_ptr<CancelToken> cancel_;
  std::vector<v1::ExportSubjectResponse> messages_;
  size_t next_ = 0;
};

}  // namespace

namespace {

// A restore of a backup that still has the account erases it again: the list beside the backups
// says so. Where it cannot be written, the caller is told to call again, which does no harm.
absl::Status TellBackups(const ServiceContext& context) {
  const std::string& directory = context.backup_directory;
  if (directory.empty() || !std::filesystem::exists(directory)) return absl::OkStatus();
  const auto known = runtime::ListErasures(*context.graph, directory);
  if (known.ok()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnavailable, "ERASURE_NOT_IN_BACKUPS",
                   absl::StrCat("the account is erased, but the list beside the backups is not "
                                "written; call again: ",
                                known.status().message()),
                   {{"directory", directory}});
}

}  // namespace

grpc::ServerUnaryReactor* GraphServiceImpl::DeleteAccount(grpc::CallbackServerContext* call,
                                                          const v1::DeleteAccountRequest* request,
                                                          v1::DeleteAccountResponse* response) {
  return RunUnary(call, *context_.waiters, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(request->name(), "accounts", "name"));
    HALQA_RETURN_IF_ERROR(ValidateExternalId(id));
    HALQA_ASSIGN_OR_RETURN(const ingest::WriteAck ack,
                           context_.graph->live().Write(ingest::EraseRequest{id}));
    HALQA_RETURN_IF_ERROR(TellBackups(context_));
    *response->mutable_receipt() =
        ReceiptOf(id, *ack.erasure, context_.graph->live().db().secret());
    response->set_duplicate(ack.duplicate);
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<v1::ExportSubjectResponse>* GraphServiceImpl::ExportSubject(
    grpc::CallbackServerContext*, const v1::ExportSubjectRequest* request) {
  return new SubjectReactor(context_, request->name());
}

grpc::ServerUnaryReactor* GraphServiceImpl::AliasAccount(grpc::CallbackServerContext* call,
                                                         const v1::AliasAccountRequest* request,
                                                         v1::AliasAccountResponse* response) {
  return RunUnary(call, *context_.waiters, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    for (const auto& [field, id] :
         {std::pair{"alias", &request->alias()}, {"canonical", &request->canonical()}}) {
      if (auto s = ValidateExternalId(*id); !s.ok())
        return Annotate(WithDetail(s, "field", field), field);
    }
    HALQA_ASSIGN_OR_RETURN(
        const ingest::WriteAck ack,
        context_.graph->live().Write(ingest::AliasRequest{request->alias(), request->canonical()}));
    response->set_lsn(ack.lsn);
    response->set_duplicate(ack.duplicate);
    return absl::OkStatus();
  });
}

}  // namespace halqa::services
