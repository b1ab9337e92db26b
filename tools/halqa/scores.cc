#include "tools/halqa/scores.h"

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/topic_authority.h"
#include "tools/rpc/rpc_error.h"

namespace halqa::cli {
namespace {

constexpr int kSearchPage = 200;
constexpr int kListPage = 1000;

void ReadAccount(const v1::Account& a, ScoreRow* row) {
  row->external_id = a.external_id();
  row->handle = a.handle();
  row->platform = a.external_id().substr(0, a.external_id().find(':'));
  row->named = a.named();
  if (a.has_declared_followers()) row->declared_followers = a.declared_followers();
  row->known_followers = a.known_followers();
}

ScoreRow FromProto(const v1::GetInfluencerResponse& r) {
  ScoreRow row;
  ReadAccount(r.account(), &row);
  auto measure = [&](const char* name) {
    const auto it = r.measures().find(name);
    return it == r.measures().end() ? std::nullopt : std::optional<double>(it->second);
  };
  row.page_rank = measure("page_rank");
  row.core_number = measure("core_number");
  row.weighted_in_degree = measure("weighted_in_degree");
  if (r.reach().has_expected()) row.expected_reach = r.reach().expected().value();
  row.niche = r.niche();
  row.niche_label = r.niche_label();
  for (const auto& topic : r.topics()) row.topics[topic.topic()] = topic.authority();
  return row;
}

// The same from the columns, for bulk reads of a directory.
absl::StatusOr<ScoreRow> FromGraph(const runtime::Graph& graph, const ingest::Epoch& epoch,
                                   const runtime::SearchState& state, AccountId id) {
  HALQA_ASSIGN_OR_RETURN(const auto view, graph.GetAccount(epoch, id));
  const AccountRecord& record = view.row.record;
  ScoreRow row;
  row.external_id = record.external_id;
  row.handle = record.handle.value_or("");
  row.platform = row.external_id.substr(0, row.external_id.find(':'));
  row.named = view.row.named;
  row.declared_followers = record.declared_followers;
  row.known_followers = view.known_followers.value_or(0);
  const uint32_t i = Raw(id);
  if (i < state.accounts().size()) {
    row.expected_reach = state.reach().Estimate(state.accounts().Facts(id)).expected;
  }
  const runtime::Generation* g = state.generation();
  if (g == nullptr || i >= g->info.accounts) return row;
  if (state.accounts().Facts(id).isolated) return row;
  row.page_rank = g->columns.page_rank[i];
  row.core_number = g->columns.core_number[i];
  row.weighted_in_degree = g->columns.weighted_in_degree[i];
  if (g->columns.niche[i] != discovery::kNoNiche) {
    row.niche = g->columns.niche[i];
    const store::NicheRow* niche = g->FindNiche(row.niche);
    if (niche != nullptr && !niche->labels.empty()) row.niche_label = niche->labels.front();
  }
  for (const runtime::TopicScores& topic : g->topics) {
    const auto it =
        std::lower_bound(topic.entries.begin(), topic.entries.end(), id,
                         [](const discovery::TopicEntry& e, AccountId a) { return e.account < a; });
    if (it == topic.entries.end() || it->account != id) continue;
    row.topics[topic.topic] = discovery::SpecificAuthority(it->value / topic.mass, *row.page_rank);
  }
  return row;
}

}  // namespace

ScoreReader::ScoreReader(const Backend& backend)
    : backend_(backend),
      discovery_(v1::DiscoveryService::NewStub(backend.channel())),
      graph_(v1::GraphService::NewStub(backend.channel())) {}

absl::StatusOr<std::optional<ScoreRow>> ScoreReader::Find(const std::string& name) {
  if (const runtime::Graph* graph = backend_.graph(); graph != nullptr) {
    const auto id = graph->Find(name);
    if (id.ok()) {
      return FromGraph(*graph, *backend_.graph()->live().epoch(), *graph->search_state(), *id);
    }
  }
  v1::GetInfluencerRequest request;
  request.set_name(name);
  const auto response =
      rpc::CallUnary(*discovery_, &v1::DiscoveryService::Stub::GetInfluencer, request);
  if (response.ok()) return FromProto(*response);
  const std::string reason = ErrorReason(response.status());
  if (reason == "ACCOUNT_NOT_FOUND" || reason == "INVALID_EXTERNAL_ID") return std::nullopt;
  return response.status();
}

absl::StatusOr<std::vector<ScoreRow>> ScoreReader::Search(const Selection& selection, size_t limit,
                                                          bool with_measures) {
  v1::SearchInfluencersRequest request;
  request.set_query(selection.query);
  request.set_filter(selection.filter);
  request.mutable_topics()->Add(selection.topics.begin(), selection.topics.end());
  request.set_page_size(kSearchPage);
  std::vector<ScoreRow> rows;
  do {
    HALQA_ASSIGN_OR_RETURN(
        const auto page,
        rpc::CallUnary(*discovery_, &v1::DiscoveryService::Stub::SearchInfluencers, request));
    for (const v1::InfluencerResult& result : page.results()) {
      if (limit != 0 && rows.size() == limit) return rows;
      ScoreRow row;
      ReadAccount(result.account(), &row);
      if (with_measures) {
        HALQA_ASSIGN_OR_RETURN(auto found, Find(row.external_id));
        if (found) row = *std::move(found);
      }
      row.rank = result.rank();
      row.score = result.score();
      rows.push_back(std::move(row));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return rows;
}

absl::StatusOr<std::vector<ScoreRow>> ScoreReader::All(size_t limit) {
  if (backend_.graph() == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NEEDS_DATA",
                     "a server does not list all its accounts: give --topic or --query, or read "
                     "the directory with --data");
  }
  const runtime::Graph& graph = *backend_.graph();
  const auto state = graph.search_state();
  if (state->generation() == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_GENERATION",
                     "nothing was ranked yet; run: halqa rank --data DIR");
  }
  const std::vector<double>& page_rank = state->generation()->columns.page_rank;
  std::vector<uint32_t> order(page_rank.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return page_rank[a] != page_rank[b] ? page_rank[a] > page_rank[b] : a < b;
  });
  if (limit != 0 && order.size() > limit) order.resize(limit);
  const auto epoch = backend_.graph()->live().epoch();
  std::vector<ScoreRow> rows;
  rows.reserve(order.size());
  for (const uint32_t id : order) {
    HALQA_ASSIGN_OR_RETURN(auto row, FromGraph(graph, *epoch, *state, AccountId{id}));
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<std::vector<std::string>> ScoreReader::Following(const std::string& external_id) {
  v1::ListFollowingRequest request;
  request.set_parent(external_id);
  request.set_page_size(kListPage);
  request.set_detail(v1::ACCOUNT_DETAIL_ID);
  std::vector<std::string> ids;
  do {
    HALQA_ASSIGN_OR_RETURN(
        const auto page, rpc::CallUnary(*graph_, &v1::GraphService::Stub::ListFollowing, request));
    for (const v1::Account& account : page.accounts()) ids.push_back(account.external_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return ids;
}

absl::StatusOr<std::vector<v1::Niche>> ScoreReader::Niches(size_t limit) {
  v1::ListNichesRequest request;
  request.set_page_size(kListPage);
  std::vector<v1::Niche> niches;
  do {
    HALQA_ASSIGN_OR_RETURN(
        const auto page,
        rpc::CallUnary(*discovery_, &v1::DiscoveryService::Stub::ListNiches, request));
    for (const v1::Niche& niche : page.niches()) {
      if (limit == 0 || niches.size() < limit) niches.push_back(niche);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && (limit == 0 || niches.size() < limit));
  return niches;
}

}  // namespace halqa::cli
