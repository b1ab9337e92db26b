#include "services/discovery/explain_convert.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/account_convert.h"
#include "services/common/names.h"

namespace halqa::services {
namespace {

constexpr int kWithoutMax = 100;
constexpr int kContributionsDefault = 20;
constexpr int kContributionsMax = 1000;

void WriteGroups(const std::vector<runtime::ExplainedGroup>& groups,
                 google::protobuf::RepeatedPtrField<v1::ScoreGroup>* out) {
  for (const runtime::ExplainedGroup& group : groups) {
    v1::ScoreGroup* g = out->Add();
    g->set_key(group.key);
    g->set_value(group.value);
    g->set_accounts(group.accounts);
  }
}

void LabelNiches(const runtime::Generation& generation,
                 google::protobuf::RepeatedPtrField<v1::ScoreGroup>* niches) {
  for (v1::ScoreGroup& group : *niches) {
    uint32_t id = 0;
    if (!absl::SimpleAtoi(group.key(), &id)) continue;
    const store::NicheRow* row = generation.FindNiche(id);
    if (row != nullptr && !row->labels.empty()) group.set_label(row->labels.front());
  }
}

void WriteWithout(const runtime::ExplainAnswer& answer, v1::Counterfactual* out) {
  out->set_accounts(answer.without->accounts);
  out->set_rank_before(answer.rank);
  out->set_rank_after(answer.without->rank_after);
  out->set_score_before(answer.score);
  out->set_score_after(answer.without->score_after);
  out->set_error_bound(answer.without->error_bound);
  out->set_list_value_before(answer.list_value);
  out->set_list_value_after(answer.without->list_value_after);
}

void WriteRanking(const runtime::Graph& graph, const ingest::Epoch& epoch,
                  const store::GenerationInfo& info, v1::ExplainRankResponse* out) {
  out->mutable_parameters()->insert(info.parameters.begin(), info.parameters.end());
  out->mutable_versions()->insert(info.versions.begin(), info.versions.end());
  (*out->mutable_versions())["explain"] = discovery::kExplainVersion;
  v1::DataVersion version = VersionOf(graph, epoch, nullptr);
  version.set_snapshot_id(absl::StrCat(absl::Hex(info.timeline), "-", info.lsn));
  version.set_lsn(info.lsn);
  version.set_generation(info.generation);
  version.set_data_as_of(info.data_as_of);
  *out->mutable_data_version() = version;
}

}  // namespace

absl::StatusOr<AccountId> OneAccount(const runtime::Graph& graph, const ingest::Epoch& epoch,
                                     const std::string& name) {
  HALQA_ASSIGN_OR_RETURN(const auto found, graph.Resolve(epoch, name));
  if (found.size() == 1) return found[0].id;
  return MakeError(found.empty() ? absl::StatusCode::kNotFound : absl::StatusCode::kInvalidArgument,
                   found.empty() ? "ACCOUNT_NOT_FOUND" : "ACCOUNT_AMBIGUOUS",
                   absl::StrCat(name, " means ", found.size(), " accounts"), {{"account", name}});
}

absl::StatusOr<runtime::ExplainRequest> FromProto(const runtime::Graph& graph,
                                                  const ingest::Epoch& epoch,
                                                  const v1::ExplainRankRequest& in) {
  if (in.without_accounts_size() > kWithoutMax) {
    return FieldError("TOO_MANY_ITEMS", "without_accounts", absl::StrCat("at most ", kWithoutMax));
  }
  if (in.contributions_max() < 0) {
    return FieldError("PARAMETER_OUT_OF_RANGE", "contributions_max",
                      absl::StrCat(in.contributions_max(), " is negative"));
  }
  runtime::ExplainRequest out;
  HALQA_ASSIGN_OR_RETURN(const std::string id, IdIn(in.name(), "accounts", "name"));
  HALQA_ASSIGN_OR_RETURN(out.account, OneAccount(graph, epoch, id));
  out.topic = in.topic();
  for (const std::string& name : in.without_accounts()) {
    HALQA_ASSIGN_OR_RETURN(const AccountId without, OneAccount(graph, epoch, name));
    out.without_accounts.push_back(without);
  }
  if (in.without_niche() != 0) out.without_niche = in.without_niche();
  const int listed = in.contributions_max() == 0 ? kContributionsDefault : in.contributions_max();
  out.contributions_max = static_cast<uint32_t>(std::min(listed, kContributionsMax));
  out.depth = in.depth() == 0 ? 1 : in.depth();
  return out;
}

absl::Status ExplainWriter::WriteAccount(AccountId id, v1::Account* out) const {
  if (epoch_.Hidden(id)) return absl::OkStatus();
  const auto view = graph_.GetAccount(epoch_, id);
  if (absl::IsNotFound(view.status())) return absl::OkStatus();  // erased since the ranking
  if (!view.ok()) return view.status();
  IdToProto(*view, out);
  if (view->row.named && view->row.record.handle) out->set_handle(*view->row.record.handle);
  return absl::OkStatus();
}

absl::Status ExplainWriter::WritePart(const runtime::ExplainedPart& part,
                                      v1::ScorePart* out) const {
  out->set_kind(std::string(runtime::PartKindName(part.kind)));
  out->set_value(part.value);
  out->set_accounts(part.accounts);
  if (part.kind == runtime::PartKind::kAccount) {
    HALQA_RETURN_IF_ERROR(WriteAccount(part.account, out->mutable_account()));
    out->set_arc_share(part.arc_share);
    if (part.niche != discovery::kNoNiche) out->set_niche(part.niche);
  }
  for (const runtime::ExplainedPart& inner : part.parts) {
    HALQA_RETURN_IF_ERROR(WritePart(inner, out->add_parts()));
  }
  return absl::OkStatus();
}

absl::Status ExplainWriter::WriteCompetitor(const runtime::ExplainedCompetitor& competitor,
                                            v1::Competitor* out) const {
  HALQA_RETURN_IF_ERROR(WriteAccount(competitor.account, out->mutable_account()));
  out->set_rank(competitor.rank);
  out->set_score(competitor.score);
  out->set_list_value(competitor.list_value);
  const discovery::ScoreDifference& d = competitor.difference;
  out->set_score_difference(d.score);
  out->set_restart(d.restart);
  out->set_dangling(d.dangling);
  out->set_only_theirs(d.only_theirs);
  out->set_only_mine(d.only_mine);
  out->set_both(d.both);
  out->set_residual(d.residual);
  for (size_t i = 0; i < competitor.accounts.size(); ++i) {
    v1::ScoreDifference* one = out->add_differences();
    HALQA_RETURN_IF_ERROR(WriteAccount(competitor.accounts[i], one->mutable_account()));
    one->set_mine(d.sources[i].mine);
    one->set_theirs(d.sources[i].theirs);
  }
  return absl::OkStatus();
}

absl::Status ExplainWriter::Write(const runtime::ExplainRequest& request,
                                  const runtime::ExplainAnswer& answer,
                                  v1::ExplainRankResponse* out) const {
  HALQA_ASSIGN_OR_RETURN(const auto view, graph_.GetAccount(epoch_, request.account));
  ToProto(view, out->mutable_account());
  out->set_list(request.topic.empty() ? "page_rank" : request.topic);
  out->set_score(answer.score);
  out->set_rank(answer.rank);
  out->set_listed(answer.listed);
  out->set_list_value(answer.list_value);
  out->set_page_rank(answer.page_rank);
  out->set_mass(answer.mass);
  out->set_stored(answer.stored);
  out->set_residual_max(answer.residual_max);
  for (const runtime::ExplainedPart& part : answer.parts) {
    HALQA_RETURN_IF_ERROR(WritePart(part, out->add_parts()));
  }
  WriteGroups(answer.niches, out->mutable_niches());
  LabelNiches(*answer.generation, out->mutable_niches());
  WriteGroups(answer.kinds, out->mutable_kinds());
  WriteGroups(answer.months, out->mutable_months());
  if (answer.competitor) {
    HALQA_RETURN_IF_ERROR(WriteCompetitor(*answer.competitor, out->mutable_competitor()));
  }
  if (answer.without) WriteWithout(answer, out->mutable_counterfactual());
  WriteRanking(graph_, epoch_, answer.generation->info, out);
  return absl::OkStatus();
}

}  // namespace halqa::services
