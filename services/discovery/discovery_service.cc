#include "services/discovery/discovery_service.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/topic_authority.h"
#include "services/common/account_convert.h"
#include "services/common/names.h"
#include "services/common/unary.h"
#include "services/discovery/explain_convert.h"
#include "services/discovery/search_convert.h"

namespace halqa::services {
namespace {

constexpr int kAlsoRankMax = 20;

absl::Status NoGeneration() {
  return MakeError(absl::StatusCode::kFailedPrecondition, "NO_GENERATION",
                   "nothing was ranked yet; call JobService.RunRanking first");
}

// The state a page belongs to, and where it goes on.
absl::StatusOr<std::shared_ptr<const runtime::SearchState>> ReadToken(
    const ServiceContext& context, const std::string& text, uint64_t hash,
    discovery::SearchRequest* request) {
  if (text.empty()) return context.graph->search_state();
  HALQA_ASSIGN_OR_RETURN(const PageToken token, context.tokens->Check(text, hash));
  discovery::SearchCursor cursor;
  cursor.generation = token.generation;
  cursor.snapshot = token.snapshot;
  cursor.score_bits = token.position;
  cursor.last = AccountId{static_cast<uint32_t>(token.last)};
  cursor.query_hash = token.inner_hash;
  HALQA_ASSIGN_OR_RETURN(auto state, context.graph->StateOf(token.generation, token.snapshot));
  request->after = cursor;
  return state;
}

absl::Status AddStandings(const runtime::Graph& graph, const ingest::Epoch& epoch,
                          const runtime::SearchState& state, const v1::SearchInfluencersRequest& in,
                          const discovery::SearchRequest& request, RunContext& run,
                          v1::SearchInfluencersResponse* out) {
  if (in.also_rank_size() > kAlsoRankMax) {
    return FieldError("TOO_MANY_ITEMS", "also_rank", absl::StrCat("at most ", kAlsoRankMax));
  }
  const ResultWriter writer(graph, epoch, state);
  for (const std::string& name : in.also_rank()) {
    HALQA_ASSIGN_OR_RETURN(const AccountId id, OneAccount(graph, epoch, name));
    HALQA_ASSIGN_OR_RETURN(discovery::Standing standing, state.RankOf(request, id, epoch, run));
    standing.hit.rank = standing.rank;
    HALQA_RETURN_IF_ERROR(writer.Write(standing.hit, out->add_also_ranked()));
  }
  return absl::OkStatus();
}

absl::Status WriteNiche(const runtime::Graph& graph, const ingest::Epoch& epoch,
                        const store::NicheRow& row, size_t top, v1::Niche* out) {
  out->set_name(NameOf("niches", absl::StrCat(row.id)));
  out->set_id(row.id);
  out->mutable_labels()->Add(row.labels.begin(), row.labels.end());
  out->set_size(row.size);
  out->set_insularity(row.insularity);
  double evidence = 0;
  for (const auto& [topic, count] : row.topic_shares) evidence += topic.empty() ? 0 : count;
  for (const auto& [topic, count] : row.topic_shares) {
    if (!topic.empty()) (*out->mutable_topic_shares())[topic] = count / evidence;
  }
  for (size_t i = 0; i < std::min(top, row.top_accounts.size()); ++i) {
    const auto account = graph.GetAccount(epoch, AccountId{row.top_accounts[i]});
    if (absl::IsNotFound(account.status())) continue;  // erased since the ranking
    if (!account.ok()) return account.status();
    ToProto(*account, out->add_top_accounts());
  }
  return absl::OkStatus();
}

// Authority and place of one account in every topic that keeps it, strongest first.
void WriteTopics(const runtime::Generation& g, AccountId id, v1::GetInfluencerResponse* out) {
  std::vector<v1::TopicAuthority> topics;
  for (const runtime::TopicScores& topic : g.topics) {
    auto authority = [&](const discovery::TopicEntry& e) {
      return discovery::SpecificAuthority(e.value / topic.mass,
                                          g.columns.page_rank[Raw(e.account)]);
    };
    auto it =
        std::lower_bound(topic.entries.begin(), topic.entries.end(), id,
                         [](const discovery::TopicEntry& e, AccountId a) { return e.account < a; });
    if (it == topic.entries.end() || it->account != id) continue;
    const double own = authority(*it);
    v1::TopicAuthority entry;
    entry.set_topic(topic.topic);
    entry.set_authority(own);
    entry.set_rank(1 + static_cast<uint32_t>(
                           std::count_if(topic.entries.begin(), topic.entries.end(),
                                         [&](const auto& e) { return authority(e) > own; })));
    topics.push_back(std::move(entry));
  }
  std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) {
    return a.rank() != b.rank() ? a.rank() < b.rank() : a.topic() < b.topic();
  });
  for (auto& topic : topics) *out->add_topics() = std::move(topic);
}

void WriteMeasures(const runtime::Generation& g, AccountId id, v1::GetInfluencerResponse* out) {
  const uint32_t i = Raw(id);
  if (i >= g.info.accounts) return;
  auto& measures = *out->mutable_measures();
  const auto& c = g.columns;
  measures["page_rank"] = c.page_rank[i];
  measures["core_number"] = c.core_number[i];
  measures["weak_component"] = c.weak_component[i];
  measures["strong_component"] = c.strong_component[i];
  measures["followers"] = c.followers[i];
  measures["engaged_followers"] = c.engaged_followers[i];
  measures["weighted_in_degree"] = c.weighted_in_degree[i];
  if (c.niche[i] == discovery::kNoNiche) return;
  out->set_niche(c.niche[i]);
  const store::NicheRow* niche = g.FindNiche(c.niche[i]);
  if (niche != nullptr && !niche->labels.empty()) out->set_niche_label(niche->labels.front());
}

}  // namespace

grpc::ServerUnaryReactor* DiscoveryServiceImpl::SearchInfluencers(
    grpc::CallbackServerContext* call, const v1::SearchInfluencersRequest* request,
    v1::SearchInfluencersResponse* response) {
  return RunUnary(
      call, *context_.executor, [this, request, response](RunContext& run) -> absl::Status {
        HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
        HALQA_ASSIGN_OR_RETURN(discovery::SearchRequest search, FromProto(*request));
        const uint64_t hash = QueryHash(*request);
        HALQA_ASSIGN_OR_RETURN(const auto state,
                               ReadToken(context_, request->page_token(), hash, &search));
        const auto epoch = context_.graph->live().epoch();
        HALQA_ASSIGN_OR_RETURN(const auto answer, state->Search(search, *epoch, run));
        const ResultWriter writer(*context_.graph, *epoch, *state);
        for (const discovery::SearchHit& hit : answer.hits) {
          HALQA_RETURN_IF_ERROR(writer.Write(hit, response->add_results()));
        }
        if (answer.next) {
          response->set_next_page_token(context_.tokens->Sign(
              {answer.next->generation, answer.next->snapshot, hash, answer.next->score_bits,
               Raw(answer.next->last), answer.next->query_hash}));
        }
        response->set_total_size(answer.matched);
        ToProto(answer, response->mutable_resolved_query());
        for (const discovery::Suggestion& suggestion : answer.suggestions) {
          ToProto(suggestion, response->add_suggestions());
        }
        response->set_baseline_log_score(answer.baseline);
        HALQA_RETURN_IF_ERROR(
            AddStandings(*context_.graph, *epoch, *state, *request, search, run, response));
        *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, state.get());
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DiscoveryServiceImpl::GetInfluencer(
    grpc::CallbackServerContext* call, const v1::GetInfluencerRequest* request,
    v1::GetInfluencerResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(request->name(), "accounts", "name"));
    const auto epoch = context_.graph->live().epoch();
    const auto state = context_.graph->search_state();
    HALQA_ASSIGN_OR_RETURN(const AccountId account, OneAccount(*context_.graph, *epoch, id));
    HALQA_ASSIGN_OR_RETURN(const auto view, context_.graph->GetAccount(*epoch, account));
    ToProto(view, response->mutable_account());
    bool isolated = true;  // then its share of the jumps is no measure of it
    if (Raw(account) < state->accounts().size()) {
      const discovery::AccountFacts facts = state->accounts().Facts(account);
      ToProto(state->reach().Estimate(facts), response->mutable_reach());
      response->set_tier(TierName(facts, state->reach()));
      isolated = facts.isolated;
    }
    if (state->generation() != nullptr && !isolated) {
      WriteMeasures(*state->generation(), account, response);
      WriteTopics(*state->generation(), account, response);
    }
    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, state.get());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DiscoveryServiceImpl::ExplainRank(grpc::CallbackServerContext* call,
                                                            const v1::ExplainRankRequest* request,
                                                            v1::ExplainRankResponse* response) {
  return RunUnary(
      call, *context_.executor, [this, request, response](RunContext& run) -> absl::Status {
        const auto epoch = context_.graph->live().epoch();
        const auto state = context_.graph->search_state();
        if (state->generation() == nullptr) return NoGeneration();
        HALQA_ASSIGN_OR_RETURN(const runtime::ExplainRequest explain,
                               FromProto(*context_.graph, *epoch, *request));
        HALQA_ASSIGN_OR_RETURN(const auto answer, context_.graph->Explain(*state, explain, run));
        return ExplainWriter(*context_.graph, *epoch).Write(explain, answer, response);
      });
}

namespace {

std::vector<const store::NicheRow*> LargestFirst(const std::vector<store::NicheRow>& niches) {
  std::vector<const store::NicheRow*> order;
  for (const store::NicheRow& niche : niches) order.push_back(&niche);
  std::sort(order.begin(), order.end(), [](const store::NicheRow* a, const store::NicheRow* b) {
    return a->size != b->size ? a->size > b->size : a->id < b->id;
  });
  return order;
}

}  // namespace

grpc::ServerUnaryReactor* DiscoveryServiceImpl::ListNiches(grpc::CallbackServerContext* call,
                                                           const v1::ListNichesRequest* request,
                                                           v1::ListNichesResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size(), 50, 1000));
    auto state = context_.graph->search_state();
    const uint64_t hash = Checksum64("ListNiches");
    uint64_t from = 0;
    if (!request->page_token().empty()) {
      HALQA_ASSIGN_OR_RETURN(const PageToken token,
                             context_.tokens->Check(request->page_token(), hash));
      HALQA_ASSIGN_OR_RETURN(state, context_.graph->StateOf(token.generation, token.snapshot));
      from = token.position;
    }
    if (state->generation() == nullptr) return NoGeneration();
    const auto niches = LargestFirst(state->generation()->niches);
    const auto epoch = context_.graph->live().epoch();
    const uint64_t to = std::min<uint64_t>(niches.size(), from + static_cast<uint64_t>(size));
    for (uint64_t i = from; i < to; ++i) {
      HALQA_RETURN_IF_ERROR(
          WriteNiche(*context_.graph, *epoch, *niches[i], 3, response->add_niches()));
    }
    if (to < niches.size()) {
      response->set_next_page_token(
          context_.tokens->Sign({state->generation()->info.generation, state->lsn(), hash, to}));
    }
    response->set_total_size(niches.size());
    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, state.get());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DiscoveryServiceImpl::GetNiche(grpc::CallbackServerContext* call,
                                                         const v1::GetNicheRequest* request,
                                                         v1::GetNicheResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(const uint64_t id, NumberIn(request->name(), "niches", "name"));
    const auto state = context_.graph->search_state();
    if (state->generation() == nullptr) return NoGeneration();
    const store::NicheRow* row = state->generation()->FindNiche(static_cast<uint32_t>(id));
    if (row == nullptr || row->id != id) {
      return MakeError(absl::StatusCode::kNotFound, "NICHE_NOT_FOUND",
                       absl::StrCat("there is no niche ", id), {{"niche", absl::StrCat(id)}});
    }
    const auto epoch = context_.graph->live().epoch();
    HALQA_RETURN_IF_ERROR(
        WriteNiche(*context_.graph, *epoch, *row, 100, response->mutable_niche()));
    *response->mutable_data_version() = VersionOf(*context_.graph, *epoch, state.get());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DiscoveryServiceImpl::ListTopics(grpc::CallbackServerContext* call,
                                                           const v1::ListTopicsRequest* request,
                                                           v1::ListTopicsResponse* response) {
  return RunUnary(call, *context_.executor, [this, request, response](RunContext&) -> absl::Status {
    HALQA_RETURN_IF_ERROR(CheckGraph(request->parent()));
    HALQA_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size(), 1000, 1000));
    const auto state = context_.graph->search_state();
    const uint64_t hash = Checksum64("ListTopics");
    uint64_t from = 0;
    if (!request->page_token().empty()) {
      HALQA_ASSIGN_OR_RETURN(const PageToken token,
                             context_.tokens->Check(request->page_token(), hash));
      from = token.position;
    }
    const auto topics = state->taxonomy().topics();
    const uint64_t to = std::min<uint64_t>(topics.size(), from + static_cast<uint64_t>(size));
    for (uint64_t i = from; i < to; ++i) {
      auto* out = response->add_topics();
      out->set_id(topics[i].id);
      out->mutable_labels()->insert(topics[i].labels.begin(), topics[i].labels.end());
      out->mutable_parents()->Add(topics[i].parents.begin(), topics[i].parents.end());
      out->set_sensitive(topics[i].sensitive);
      const auto* g = state->generation();
      const auto* scores = g == nullptr ? nullptr : g->FindTopic(topics[i].id);
      if (scores != nullptr) out->set_evidence_accounts(scores->evidence_accounts);
    }
    if (to < topics.size()) response->set_next_page_token(context_.tokens->Sign({0, 0, hash, to}));
    *response->mutable_data_version() =
        VersionOf(*context_.graph, *context_.graph->live().epoch(), state.get());
    return absl::OkStatus();
  });
}

}  // namespace halqa::services
