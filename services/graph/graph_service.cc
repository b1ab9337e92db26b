#include "services/graph/graph_service.h"

#include <ctime>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/status_macros.h"
#include "services/common/account_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"
#include "services/graph/graph_convert.h"
#include "services/graph/replace_stream.h"
#include "services/graph/write_stream.h"

namespace halqa::services {
namespace {

constexpr int kBatchGetMax = 1000;

absl::Status CheckCount(int count, absl::string_view field) {
  if (count <= kBatchGetMax) return absl::OkStatus();
  return FieldError("TOO_MANY_ITEMS", field, absl::StrCat(count, " items; at most ", kBatchGetMax));
}

// A page of followers or followees. Pages are bound to nothing but the account: they go by account
// id, so that changes between pages neither repeat nor skip an account that stays.
template <typename Request, typename Response>
absl::Status ListNeighbours(const ServiceContext& context, Direction direction,
                            const Request& request, Response* response) {
  HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(request.parent(), "accounts", "parent"));
  HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 50, 1000));
  const auto epoch = context.graph->live().epoch();
  NeighbourQuery query;
  HALQA_ASSIGN_OR_RETURN(query.account, context.graph->Find(id));
  query.direction = direction;
  query.limit = static_cast<uint64_t>(size);
  const uint64_t hash = Checksum64(id, direction == Direction::kIn ? 1 : 2);
  if (!request.page_token().empty()) {
    HALQA_ASSIGN_OR_RETURN(const PageToken token,
                           context.tokens->Check(request.page_token(), hash));
    query.after = AccountId{static_cast<uint32_t>(token.position)};
  }
  const bool ids = request.detail() == v1::ACCOUNT_DETAIL_ID;
  HALQA_ASSIGN_OR_RETURN(
      const auto list,
      context.graph->ListNeighbours(
          *epoch, query, ids ? runtime::AccountDetail::kId : runtime::AccountDetail::kFull));
  for (const auto& account : list.accounts)
    ids ? IdToProto(account, response->add_accounts()) : ToProto(account, response->add_accounts());
  response->set_total_size(list.total);
  if (list.more) {
    PageToken token;
    token.query_hash = hash;
    token.position = Raw(list.last);
    response->set_next_page_token(context.tokens->Sign(token));
  }
  *response->mutable_data_version() = VersionOf(*context.graph, *epoch, nullptr);
  return absl::OkStatus();
}

void WriteCounters(const runtime::Graph& graph, const runtime::GraphStats& stats,
                   v1::GetGraphStatsResponse* out) {
  const ingest::LiveCounters& c = graph.live().counters();
  auto& counters = *out->mutable_counters();
  counters["batches"] = c.batches;
  counters["groups"] = c.groups;
  counters["follows"] = c.follows;
  counters["interactions"] = c.interactions;
  counters["suppressed_rows"] = c.suppressed_rows;
  counters["late_rows"] = c.late_rows;
  counters["sync_micros"] = c.sync_micros;
  counters["sync_micros_max"] = c.sync_micros_max;
  counters["full_waits"] = c.full_waits;
  counters["full_wait_micros"] = c.full_wait_micros;
  counters["queue_refusals"] = c.queue_refusals;
  counters["folds"] = c.folds;
  counters["folded_rows"] = c.folded_rows;
  counters["fold_micros"] = c.fold_micros;
  counters["snapshots"] = c.snapshots;
  counters["snapshot_micros"] = c.snapshot_micros;
  counters["swap_micros_max"] = c.swap_micros_max;
  out->set_resident_ids(graph.live().resident_ids());
  out->set_resident_id_bytes(graph.live().resident_id_bytes());
  out->set_delta_bytes(stats.delta_bytes);
  out->set_horizon(graph.live().horizon());
  out->set_folded_lsn(stats.folded_lsn);
  out->set_durable_lsn(stats.durable_lsn);
  out->set_snapshot_lsn(stats.snapshot_lsn);
}

}  // namespace

grpc::ServerUnaryReactor* GraphServiceImpl::WriteBatch(grpc::CallbackServerContext* call,
                                                       const v1::WriteBatchRequest* request,
                                                       v1::WriteBatchResponse* response) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  const bool queued = context_.executor->Submit([this, request, response, reactor] {
    std::vector<ingest::Reject> rejects;
    v1::WriteBatchRequest copy = *request;
    absl::StatusOr<ingest::WriteRequest> batch = TakeBatch(&copy, std::time(nullptr), &rejects);
    if (auto s = CheckGraph(request->parent()); !s.ok()) batch = s;
    if (!batch.ok()) return reactor->Finish(ToGrpc(batch.status()));
    for (const ingest::Reject& r : rejects) ToProto(r, "", response->add_rejects());
    context_.graph->live().Submit(*std::move(batch),
                                  [response, reactor](absl::StatusOr<ingest::WriteAck> ack) {
                                    if (!ack.ok()) return reactor->Finish(ToGrpc(ack.status()));
                                    response->set_lsn(ack->lsn);
                                    response->set_duplicate(ack->duplicate);
                                    response->set_new_accounts(ack->new_accounts);
                                    response->set_suppressed_rows(ack->suppressed_rows);
                                    response->set_durable(ack->durable);
                                    if (!ack->durable)
                                      response->set_loss_window_ms(ingest::kRelaxedLossMs);
                                    reactor->Finish(grpc::Status::OK);
                                  });
  });
  if (!queued) {
    reactor->Finish(
        ToGrpc(MakeError(absl::StatusCode::kResourceExhausted, "SERVER_BUSY",
                         "too many requests wait; retry later", {{"retry_delay_ms", "200"}})));
  }
  return reactor;
}

grpc::ServerBidiReactor<v1::StreamWritesRequest, v1::StreamWritesResponse>*
GraphServiceImpl::StreamWrites(grpc::CallbackServerContext*) {
  return new WriteStream(context_, &fences_);
}

grpc::ServerReadReactor<v1::ReplaceFollowersRequest>* GraphServiceImpl::ReplaceFollowers(
    grpc::CallbackServerContext*, v1::ReplaceFollowersResponse* response) {
  return new ReplaceStream(context_, response);
}

grpc::ServerUnaryReactor* GraphServiceImpl::ResolveAccounts(
    grpc::CallbackServerContext* call, const v1::ResolveAccountsRequest* request,
    v1::ResolveAccountsResponse* response) {
  return RunUnary(call, *context_.executor,
                  [this, request, response](RunContext& run) -> absl::Status {
                    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
                    HALQA_RETURN_IF_ERROR(CheckCount(request->queries_size(), "queries"));
                    const auto epoch = context_.graph->live().epoch();
                    for (int i = 0; i < request->queries_size(); ++i) {
                      HALQA_RETURN_IF_ERROR(run.Checkpoint(i, request->queries_size()));
                      auto* result = response->add_results();
                      result->set_query(request->queries(i));
                      HALQA_ASSIGN_OR_RETURN(const auto found,
                                             context_.graph->Resolve(*epoch, request->queries(i)));
                      for (const auto& account : found) ToProto(account, result->add_accounts());
                    }
                    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, nullptr);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::GetAccount(grpc::CallbackServerContext* call,
                                                       const v1::GetAccountRequest* request,
                                                       v1::GetAccountResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(request->name(), "accounts", "name"));
    const auto epoch = context_.graph->live().epoch();
    HALQA_ASSIGN_OR_RETURN(const auto account, context_.graph->GetAccount(*epoch, id));
    ToProto(account, response->mutable_account());
    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, nullptr);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::BatchGetAccounts(
    grpc::CallbackServerContext* call, const v1::BatchGetAccountsRequest* request,
    v1::BatchGetAccountsResponse* response) {
  return RunUnary(
      call, *context_.executor, [this, request, response](RunContext& run) -> absl::Status {
        HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
        HALQA_RETURN_IF_ERROR(CheckCount(request->names_size(), "names"));
        const auto epoch = context_.graph->live().epoch();
        for (int i = 0; i < request->names_size(); ++i) {
          HALQA_RETURN_IF_ERROR(run.Checkpoint(i, request->names_size()));
          HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(request->names(i), "accounts",
                                                            absl::StrCat("names[", i, "]")));
          HALQA_ASSIGN_OR_RETURN(const auto account, context_.graph->GetAccount(*epoch, id));
          ToProto(account, response->add_accounts());
        }
        *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, nullptr);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* GraphServiceImpl::ListFollowers(grpc::CallbackServerContext* call,
                                                          const v1::ListFollowersRequest* request,
                                                          v1::ListFollowersResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) {
    return ListNeighbours(context_, Direction::kIn, *request, response);
  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::ListFollowing(grpc::CallbackServerContext* call,
                                                          const v1::ListFollowingRequest* request,
                                                          v1::ListFollowingResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) {
    return ListNeighbours(context_, Direction::kOut, *request, response);
  });
}

grpc::ServerUnaryReactor* GraphServiceImpl::GetGraphStats(grpc::CallbackServerContext* call,
                                                          const v1::GetGraphStatsRequest* request,
                                                          v1::GetGraphStatsResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->name()));
    const auto epoch = context_.graph->live().epoch();
    const auto state = context_.graph->search_state();
    const runtime::GraphStats stats = context_.graph->Stats();
    response->set_accounts(stats.accounts);
    response->set_snapshot_follows(stats.snapshot_follows);
    response->set_delta_edges(stats.delta_edges);
    response->set_snapshot_bytes(stats.snapshot_bytes);
    response->mutable_family_bytes()->insert(stats.family_bytes.begin(), stats.family_bytes.end());
    response->mutable_generations()->Add(stats.generations.begin(), stats.generations.end());
    response->set_name_threshold(stats.name_threshold);
    WriteCounters(*context_.graph, stats, response);
    if (const runtime::Generation* g = state->generation()) {
      response->set_niches(static_cast<uint32_t>(g->niches.size()));
      for (const auto& topic : g->topics) response->add_topics(topic.topic);
    }
    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, state.get());
    return absl::OkStatus();
  });
}

}  // namespace halqa::services
