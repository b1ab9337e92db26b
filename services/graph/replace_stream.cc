#include "services/graph/replace_stream.h"

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/names.h"
#include "services/common/status_convert.h"

namespace halqa::services {

ReplaceStream::ReplaceStream(const ServiceContext& context, v1::ReplaceFollowersResponse* response)
    : context_(context), response_(response) {
  StartRead(&incoming_);
}

absl::Status ReplaceStream::Take() {
  if (list_.account.empty()) {
    HALQA_ASSIGN_OR_RETURN(list_.account, IdIn(incoming_.parent(), "accounts", "parent"));
    list_.as_of = incoming_.as_of();
    list_.provenance = FromProto(incoming_.provenance());
  }
  const uint64_t most = ingest::kFollowerListMax;
  if (list_.followers.size() + static_cast<size_t>(incoming_.followers_size()) > most) {
    return FieldError("FOLLOWER_LIST_TOO_LONG", "followers",
                      absl::StrCat("more than ", most, " ids"));
  }
  for (std::string& id : *incoming_.mutable_followers()) list_.followers.push_back(std::move(id));
  return absl::OkStatus();
}

void ReplaceStream::OnReadDone(bool ok) {
  if (ok) {
    const absl::Status status = Take();
    return status.ok() ? StartRead(&incoming_) : Finish(ToGrpc(status));
  }
  const bool queued = context_.waiters->Submit([this] { Finish(ToGrpc(Replace())); });
  if (!queued) {
    Finish(ToGrpc(MakeError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                            "too many requests wait; retry later", {{"retry_delay_ms", "200"}})));
  }
}

absl::Status ReplaceStream::Replace() {
  if (list_.account.empty())
    return FieldError("INVALID_NAME", "parent", "the first message must name the account");
  RunContext run(1);
  run.set_cancel(cancel_);
  HALQA_ASSIGN_OR_RETURN(const auto report,
                         ingest::ReplaceFollowers(context_.graph->live(), list_, run));
  response_->set_followers(report.followers);
  response_->set_added(report.added);
  response_->set_removed(report.removed);
  response_->set_suppressed_rows(report.suppressed_rows);
  response_->set_lsn(report.lsn);
  return absl::OkStatus();
}

}  // namespace halqa::services
