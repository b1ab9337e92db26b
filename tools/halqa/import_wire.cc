// Import over one StreamWrites call.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "halqa/v1/graph_service.grpc.pb.h"
#include "services/common/account_convert.h"
#include "tools/halqa/import_sinks.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

void AddPost(const PostRecord& post, v1::WriteBatchRequest* batch) {
  auto* p = batch->add_posts();
  p->set_external_id(post.external_id);
  p->set_author(post.author);
  p->set_time(post.time);
  p->set_text(post.text);
  p->mutable_hashtags()->Add(post.hashtags.begin(), post.hashtags.end());
  p->set_language(post.language);
  p->set_media_kind(post.media_kind);
  if (post.sponsored) p->set_sponsored(*post.sponsored);
  p->mutable_metrics()->insert(post.metrics.begin(), post.metrics.end());
}

void AddProvenance(const Provenance& in, v1::WriteBatchRequest* batch) {
  auto* out = batch->mutable_provenance();
  out->set_source(in.source);
  out->set_legal_basis(in.legal_basis);
  out->set_collected_at(in.collected_at);
  out->set_expires_at(in.expires_at);
}

void AddFollows(const ingest::WriteRequest& request, v1::WriteBatchRequest* batch) {
  if (request.follows.empty()) return;
  auto* table = batch->mutable_follow_table();
  table->mutable_ids()->Add(request.ids.begin(), request.ids.end());
  for (size_t i = 0; i < request.follows.size(); ++i) {
    const ingest::FollowRow& f = request.follows[i];
    table->add_followers(f.follower);
    table->add_followees(f.followee);
    table->add_times(f.time);
    if (f.removed) table->add_removed_rows(static_cast<uint32_t>(i));
  }
}

void AddInteractions(const ingest::WriteRequest& request, v1::WriteBatchRequest* batch) {
  for (const ingest::InteractionRow& x : request.interactions) {
    auto* out = batch->add_interactions();
    out->set_actor(request.ids[x.actor]);
    out->set_target(request.ids[x.target]);
    out->set_kind(static_cast<v1::InteractionKind>(x.kind));
    out->set_count(x.count);
    out->set_time(x.time);
    if (x.value_micros) out->set_value_micros(*x.value_micros);
    if (x.sign) out->set_sign(*x.sign);
  }
}

}  // namespace

absl::StatusOr<ImportSummary> ImportOverWire(const std::string& server, const ImportOrigin& origin,
                                             const ReadFn& read) {
  HALQA_ASSIGN_OR_RETURN(const auto channel, rpc::Connect(server, std::chrono::seconds(5)));
  auto stub = v1::GraphService::NewStub(channel);
  grpc::ClientContext context;
  auto stream = stub->StreamWrites(&context);
  ImportSummary summary;
  // Acknowledgements are read beside the writing; flow control slows the writing when the server
  // falls behind.
  std::thread reader([&] {
    v1::StreamWritesResponse response;
    while (stream->Read(&response)) {
      summary.batches = response.durable_cursor();
      summary.duplicate_batches = response.duplicate_batches();
      summary.new_accounts = response.new_accounts();
    }
  });
  BatchVisitor visitor([&](uint64_t cursor, ingest::WriteRequest request) -> absl::Status {
    v1::StreamWritesRequest message;
    message.set_producer(origin.producer);
    message.set_cursor(cursor);
    AddProvenance(origin.provenance, message.mutable_batch());
    AddFollows(request, message.mutable_batch());
    AddInteractions(request, message.mutable_batch());
    for (const AccountRecord& account : request.accounts) {
      services::ToProto({kNoAccount, {account, true, 0}, 0, 0},
                        message.mutable_batch()->add_accounts());
    }
    for (const PostRecord& post : request.posts) AddPost(post, message.mutable_batch());
    if (stream->Write(message)) return absl::OkStatus();
    return MakeError(absl::StatusCode::kAborted, "STREAM_CLOSED", "the server closed the stream");
  });
  absl::Status status = read(visitor);
  if (status.ok()) status = visitor.Flush();
  stream->WritesDone();
  reader.join();
  const absl::Status end = rpc::FromGrpc(stream->Finish());
  HALQA_RETURN_IF_ERROR(end);
  HALQA_RETURN_IF_ERROR(status);
  return summary;
}

}  // namespace halqa::cli
