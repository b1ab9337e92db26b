#include "engine/runtime/explain.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/counterfactual.h"
#include "engine/discovery/topic_authority.h"
#include "engine/projection/arc_origins.h"

namespace halqa::runtime {
namespace {

using discovery::Contribution;
using discovery::Explanation;

constexpr uint32_t kSecondLevelMax = 5;  // accounts listed under each account

ExplainedPart Plain(PartKind kind, double value) {
  ExplainedPart part;
  part.kind = kind;
  part.value = value;
  return part;
}

std::string MonthName(int32_t month) {
  if (month == projection::kMonthUnknown) return "unknown";
  return absl::StrFormat("%04d-%02d", month / 12, month % 12 + 1);
}

std::string KindName(uint8_t kind) {
  return kind == 0 ? "follow"
                   : std::string(InteractionKindName(static_cast<InteractionKind>(kind)));
}

// Sums by key, with the accounts behind each.
class Groups {
 public:
  // REQUIRES: all parts of one source come one after the other.
  void Add(const std::string& key, AccountId source, double value) {
    Sum& sum = sums_[key];
    sum.value += value;
    sum.accounts += sum.last == source ? 0 : 1;
    sum.last = source;
  }
  std::vector<ExplainedGroup> ByKey() const {
    std::vector<ExplainedGroup> out;
    for (const auto& [key, sum] : sums_) out.push_back({key, sum.value, sum.accounts});
    return out;
  }
  // The largest `most`; what is smaller becomes one group.
  std::vector<ExplainedGroup> Largest(size_t most) const {
    std::vector<ExplainedGroup> out = ByKey();
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.value > b.value; });
    if (out.size() <= most) return out;
    ExplainedGroup others{"others", 0, 0};
    for (size_t i = most; i < out.size(); ++i) {
      others.value += out[i].value;
      others.accounts += out[i].accounts;
    }
    out.resize(most);
    out.push_back(others);
    return out;
  }

 private:
  struct Sum {
    double value = 0;
    uint64_t accounts = 0;
    AccountId last = kNoAccount;
  };
  std::map<std::string, Sum> sums_;
};

// One answer, made step by step.
class Explainer {
 public:
  Explainer(const ExplainContext& context, const discovery::AccountSource& accounts,
            const ExplainRequest& request)
      : context_(context), accounts_(accounts), request_(request) {}
  absl::StatusOr<ExplainAnswer> Run(RunContext& run);

 private:
  absl::Status Check() const;
  void Values();
  absl::Status Parts();
  absl::StatusOr<Explanation> ScoreOf(VertexIndex v) const;
  absl::StatusOr<std::vector<ExplainedPart>> PartsOf(const Explanation& whole, uint32_t most,
                                                     int depth) const;
  absl::Status AddGroups(RunContext& run);
  absl::Status AddCompetitor(const discovery::Place& place);
  absl::Status AddWithout(RunContext& run);
  absl::StatusOr<std::vector<bool>> Gone() const;
  std::vector<double> ListValues(absl::Span<const double> scores,
                                 absl::Span<const double> page_rank, double mass) const;
  double StoredScore(VertexIndex v, bool* stored) const;
  uint32_t NicheOf(VertexIndex v) const {
    return context_.generation().columns.niche[Raw(context_.AccountOf(v))];
  }

  const ExplainContext& context_;
  const discovery::AccountSource& accounts_;
  const ExplainRequest& request_;
  std::shared_ptr<const TopicVector> topic_;
  std::vector<double> teleport_;  // of the topic
  discovery::ScoreEquation equation_;
  VertexIndex vertex_ = 0;
  std::vector<double> values_;  // what the list is ordered by, by vertex
  std::vector<bool> listed_;    // by vertex
  Explanation explanation_;
  ExplainAnswer answer_;
};

absl::Status Explainer::Check() const {
  if (request_.contributions_max < 1 || request_.contributions_max > 1000) {
    return FieldError("PARAMETER_OUT_OF_RANGE", "contributions_max", "must be in [1, 1000]");
  }
  if (request_.depth != 1 && request_.depth != 2) {
    return FieldError("PARAMETER_OUT_OF_RANGE", "depth", "must be 1 or 2");
  }
  for (const AccountId account : request_.without_accounts) {
    if (account != request_.account) continue;
    return FieldError("WITHOUT_ITSELF", "without_accounts",
                      "an account has no place in a graph without itself");
  }
  const auto& niche = request_.without_niche;
  if (niche.has_value() && context_.generation().FindNiche(*niche) == nullptr) {
    return MakeError(absl::StatusCode::kNotFound, "NICHE_NOT_FOUND",
                     absl::StrCat("there is no niche ", *niche), {{"niche", absl::StrCat(*niche)}});
  }
  std::vector<AccountId> asked = request_.without_accounts;
  asked.push_back(request_.account);
  for (const AccountId account : asked) {
    if (Raw(account) < context_.generation().info.accounts) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "ACCOUNT_NOT_RANKED",
                     "the account is newer than the ranking; rank again, then explain",
                     {{"account", absl::StrCat(Raw(account))}});
  }
  return absl::OkStatus();
}

std::vector<double> Explainer::ListValues(absl::Span<const double> scores,
                                          absl::Span<const double> page_rank, double mass) const {
  std::vector<double> values(scores.begin(), scores.end());
  if (topic_ == nullptr) return values;
  for (size_t v = 0; v < values.size(); ++v) {
    values[v] = mass > 0 ? discovery::SpecificAuthority(values[v] / mass, page_rank[v]) : 0;
  }
  return values;
}

void Explainer::Values() {
  if (topic_ != nullptr) answer_.mass = topic_->stored->mass;
  values_ = ListValues(equation_.scores, context_.page_rank(), answer_.mass);
  listed_.resize(values_.size());
  for (VertexIndex v = 0; v < values_.size(); ++v) {
    const AccountId account = context_.AccountOf(v);
    listed_[v] = Raw(account) < accounts_.size() && accounts_.Listed(account);
    answer_.listed += listed_[v] && values_[v] > 0 ? 1 : 0;
  }
}

double Explainer::StoredScore(VertexIndex v, bool* stored) const {
  *stored = topic_ == nullptr;
  if (*stored) return context_.page_rank()[v];
  const auto& entries = topic_->stored->entries;
  const AccountId account = context_.AccountOf(v);
  auto it = std::lower_bound(
      entries.begin(), entries.end(), account,
      [](const discovery::TopicEntry& e, AccountId wanted) { return e.account < wanted; });
  *stored = it != entries.end() && it->account == account;
  return *stored ? it->value : topic_->scores[v];
}

absl::StatusOr<Explanation> Explainer::ScoreOf(VertexIndex v) const {
  bool stored = false;
  const double score = StoredScore(v, &stored);
  return discovery::ExplainScore(equation_, v, score);
}

absl::StatusOr<std::vector<ExplainedPart>> Explainer::PartsOf(const Explanation& whole,
                                                              uint32_t most, int depth) const {
  std::vector<ExplainedPart> parts = {Plain(PartKind::kRestart, whole.restart)};
  if (topic_ == nullptr) parts.push_back(Plain(PartKind::kDangling, whole.dangling));
  ExplainedPart others = Plain(PartKind::kOthers, 0);
  for (size_t i = 0; i < whole.contributions.size(); ++i) {
    const Contribution& c = whole.contributions[i];
    if (i >= most) {
      others.value += c.value;
      ++others.accounts;
      continue;
    }
    ExplainedPart part = Plain(PartKind::kAccount, c.value);
    part.account = context_.AccountOf(c.source);
    part.arc_share = c.share;
    part.niche = NicheOf(c.source);
    if (depth > 1) {
      HALQA_ASSIGN_OR_RETURN(
          Explanation inner,
          discovery::ExplainScore(equation_, c.source, equation_.scores[c.source]));
      inner = discovery::Scaled(std::move(inner), equation_.damping * c.share);
      HALQA_ASSIGN_OR_RETURN(part.parts, PartsOf(inner, kSecondLevelMax, depth - 1));
    }
    parts.push_back(std::move(part));
  }
  if (others.accounts > 0) parts.push_back(others);
  parts.push_back(Plain(PartKind::kResidual, whole.residual));
  return parts;
}

absl::Status Explainer::Parts() {
  const double score = StoredScore(vertex_, &answer_.stored);
  HALQA_ASSIGN_OR_RETURN(explanation_, discovery::ExplainScore(equation_, vertex_, score));
  answer_.score = score;
  answer_.list_value = values_[vertex_];
  answer_.page_rank = context_.page_rank()[vertex_];
  answer_.residual_max = context_.ResidualMax(topic_.get());
  HALQA_ASSIGN_OR_RETURN(answer_.parts,
                         PartsOf(explanation_, request_.contributions_max, request_.depth));
  return absl::OkStatus();
}

absl::Status Explainer::AddGroups(RunContext& run) {
  absl::flat_hash_map<uint32_t, double> values;  // by account
  std::vector<AccountId> sources;
  Groups niches, kinds, months;
  for (const Contribution& c : explanation_.contributions) {
    const AccountId account = context_.AccountOf(c.source);
    sources.push_back(account);
    values[Raw(account)] = c.value;
    const uint32_t niche = NicheOf(c.source);
    niches.Add(niche == discovery::kNoNiche ? "none" : absl::StrCat(niche), account, c.value);
  }
  std::sort(sources.begin(), sources.end());
  const projection::OriginsQuery query{request_.account, sources, context_.projection().as_of};
  HALQA_ASSIGN_OR_RETURN(const auto origins,
                         projection::ArcOrigins(context_.db(), context_.read_view(),
                                                context_.options().projection, query, run));
  for (size_t from = 0, to = 0; from < origins.size(); from = to) {
    double weight = 0;
    for (to = from; to < origins.size() && origins[to].source == origins[from].source; ++to)
      weight += origins[to].weight;
    const double each = values[Raw(origins[from].source)] / weight;
    for (size_t i = from; i < to; ++i) {
      const auto& o = origins[i];
      kinds.Add(KindName(o.kind), o.source, each * o.weight);
      months.Add(MonthName(o.month), o.source, each * o.weight);
    }
  }
  answer_.niches = niches.Largest(request_.contributions_max);
  answer_.kinds = kinds.Largest(1 + kInteractionKinds);  // all there are
  answer_.months = months.ByKey();
  return absl::OkStatus();
}

absl::Status Explainer::AddCompetitor(const discovery::Place& place) {
  if (!place.has_above) return absl::OkStatus();
  ExplainedCompetitor& c = answer_.competitor.emplace();
  c.account = context_.AccountOf(place.above);
  c.rank = discovery::PlaceOf(values_, listed_, place.above).rank;
  HALQA_ASSIGN_OR_RETURN(const Explanation theirs, ScoreOf(place.above));
  c.score = theirs.score;
  c.list_value = values_[place.above];
  c.difference = discovery::Compare(explanation_, theirs);
  for (size_t i = 0; i < c.difference.sources.size() && i < request_.contributions_max; ++i)
    c.accounts.push_back(context_.AccountOf(c.difference.sources[i].source));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bool>> Explainer::Gone() const {
  std::vector<bool> gone(values_.size());
  for (const AccountId account : request_.without_accounts) gone[context_.VertexOf(account)] = true;
  if (!request_.without_niche.has_value()) return gone;
  for (VertexIndex v = 0; v < gone.size(); ++v) {
    if (NicheOf(v) == *request_.without_niche && v != vertex_) gone[v] = true;
  }
  return gone;
}

absl::Status Explainer::AddWithout(RunContext& run) {
  if (request_.without_accounts.empty() && !request_.without_niche.has_value()) {
    return absl::OkStatus();
  }
  HALQA_ASSIGN_OR_RETURN(const std::vector<bool> gone, Gone());
  discovery::WithoutOptions options;
  options.damping = context_.options().damping;
  options.page_rank = context_.page_rank();
  if (topic_ != nullptr) options.seeds = topic_->seeds;
  HALQA_ASSIGN_OR_RETURN(const auto after,
                         discovery::ScoresWithout(context_.view(), gone, options, run));
  const std::vector<double>& scores = topic_ == nullptr ? after.page_rank : after.topic;
  double mass = 0;
  for (const double score : scores) mass += score;
  const std::vector<double> values = ListValues(scores, after.page_rank, mass);
  std::vector<bool> listed = listed_;
  for (size_t v = 0; v < gone.size(); ++v) listed[v] = listed[v] && !gone[v];
  ExplainedWithout& out = answer_.without.emplace();
  out.accounts = static_cast<uint64_t>(std::count(gone.begin(), gone.end(), true));
  out.rank_after = discovery::PlaceOf(values, listed, vertex_).rank;
  out.score_after = scores[vertex_];
  out.list_value_after = values[vertex_];
  out.error_bound = topic_ == nullptr ? after.page_rank_l1_error_bound : after.topic_l1_error_bound;
  return absl::OkStatus();
}

absl::StatusOr<ExplainAnswer> Explainer::Run(RunContext& run) {
  HALQA_RETURN_IF_ERROR(Check());
  const store::GenerationInfo& info = context_.generation().info;
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateExplain(info.accounts, info.arcs)));
  vertex_ = context_.VertexOf(request_.account);
  if (!request_.topic.empty()) {
    RunContext first = run.Part(0, 0.4);
    HALQA_ASSIGN_OR_RETURN(topic_, context_.Topic(request_.topic, first));
  }
  if (topic_ != nullptr) teleport_ = topic_->Teleport();
  equation_ = context_.Equation(topic_.get(), teleport_);
  Values();
  HALQA_RETURN_IF_ERROR(Parts());
  RunContext second = run.Part(0.4, 0.6);
  HALQA_RETURN_IF_ERROR(AddGroups(second));
  const discovery::Place place = discovery::PlaceOf(values_, listed_, vertex_);
  answer_.rank = place.rank;
  HALQA_RETURN_IF_ERROR(AddCompetitor(place));
  RunContext rest = run.Part(0.6, 1);
  HALQA_RETURN_IF_ERROR(AddWithout(rest));
  return std::move(answer_);
}

}  // namespace

absl::string_view PartKindName(PartKind kind) {
  switch (kind) {
    case PartKind::kRestart:
      return "restart";
    case PartKind::kDangling:
      return "dangling";
    case PartKind::kAccount:
      return "account";
    case PartKind::kOthers:
      return "others";
    case PartKind::kResidual:
      return "residual";
  }
  return "";
}

absl::StatusOr<ExplainAnswer> ExplainRank(const ExplainContext& context,
                                          const discovery::AccountSource& accounts,
                                          const ExplainRequest& request, RunContext& run) {
  return Explainer(context, accounts, request).Run(run);
}

}  // namespace halqa::runtime
