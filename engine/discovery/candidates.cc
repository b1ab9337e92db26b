#include "engine/discovery/candidates.h"

#include <algorithm>

#include "engine/base/status_macros.h"

namespace halqa::discovery {

absl::StatusOr<CandidateSet> CandidateSet::Gather(const SearchPlan& plan,
                                                  const SearchSources& sources, RunContext& run) {
  CandidateSet set(plan, sources);
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  if (plan.everybody) {
    set.GatherEverybody();
  } else {
    std::vector<ScoredAccount> matches;
    HALQA_RETURN_IF_ERROR(set.GatherText(&matches));
    set.GatherTopics();
    set.Unite(matches);
  }
  HALQA_RETURN_IF_ERROR(set.Score(run));
  return set;
}

void CandidateSet::GatherEverybody() {
  const uint32_t n = std::min(sources_->signals->size(), sources_->accounts->size());
  for (uint32_t id = 0; id < n; ++id) {
    if (!sources_->accounts->Listed(AccountId{id})) continue;
    Candidate& candidate = candidates_.emplace_back();
    candidate.account = AccountId{id};
    SetValues(&candidate, 0, 0);
  }
}

absl::Status CandidateSet::GatherText(std::vector<ScoredAccount>* matches) {
  if (sources_->text == nullptr) return absl::OkStatus();
  const size_t limit = sources_->limits.text_candidates_max;
  HALQA_ASSIGN_OR_RETURN(*matches, sources_->text->Search(plan_->query, limit + 1));
  truncated_ = matches->size() > limit;
  if (truncated_) matches->resize(limit);
  std::sort(matches->begin(), matches->end(),
            [](const ScoredAccount& a, const ScoredAccount& b) { return a.account < b.account; });
  return absl::OkStatus();
}

void CandidateSet::GatherTopics() {
  if (sources_->topics == nullptr) return;
  for (const std::string& topic : plan_->topics) {
    const TopicList* list = sources_->topics->List(topic);
    if (list != nullptr) lists_.push_back({list, 1.0});
  }
  mixed_ = MixTopics(lists_);
}

// Walks text matches and the mixed topic vector, both sorted by account.
void CandidateSet::Unite(absl::Span<const ScoredAccount> matches) {
  candidates_.reserve(matches.size() + mixed_.size());
  size_t i = 0, j = 0;
  while (i < matches.size() || j < mixed_.size()) {
    const bool text =
        j >= mixed_.size() || (i < matches.size() && matches[i].account <= mixed_[j].account);
    const bool topic =
        i >= matches.size() || (j < mixed_.size() && mixed_[j].account <= matches[i].account);
    Candidate candidate;
    candidate.account = text ? matches[i].account : mixed_[j].account;
    const double relevance = text ? matches[i].score : Unmatched();
    const double topic_rank = topic ? mixed_[j].value : 0;
    i += text ? 1 : 0;
    j += topic ? 1 : 0;
    if (Raw(candidate.account) >= sources_->signals->size() ||
        !sources_->accounts->Listed(candidate.account)) {
      continue;
    }
    SetValues(&candidate, relevance, topic_rank);
    candidates_.push_back(candidate);
  }
}

double CandidateSet::FitOf(AccountId account) const {
  if (sources_->niches == nullptr || plan_->topics.empty()) return kUnknownSignal;
  const uint32_t niche = sources_->niches->NicheOf(account);
  if (niche == kNoNiche) return kUnknownSignal;
  auto [it, fresh] = fits_.try_emplace(niche, kUnknownSignal);
  if (!fresh) return it->second;
  double sum = 0;
  int known = 0;
  for (const std::string& topic : plan_->topics) {
    const std::optional<double> fit = sources_->niches->Fit(niche, topic);
    if (!fit.has_value()) continue;
    sum += *fit;
    ++known;
  }
  if (known > 0) it->second = sum / known;
  return it->second;
}

// In the topics, or in the whole graph where none was asked for.
double CandidateSet::AuthorityOf(AccountId account, double topic_rank, bool isolated) const {
  if (isolated || sources_->topics == nullptr || (lists_.empty() && !plan_->everybody))
    return kUnknownSignal;
  const auto ranks = sources_->topics->page_rank();
  const double rank = Raw(account) < ranks.size() ? ranks[Raw(account)] : 0;
  if (rank <= 0 && topic_rank <= 0) return kUnknownSignal;
  return plan_->everybody ? rank : SpecificAuthority(topic_rank, rank);
}

void CandidateSet::SetValues(Candidate* candidate, double relevance, double topic_rank) const {
  const AccountId account = candidate->account;
  SignalValues& values = candidate->values;
  auto at = [&values](Signal signal) -> double& { return values[static_cast<size_t>(signal)]; };
  const AccountFacts facts = sources_->accounts->Facts(account);
  const bool has_text =
      !plan_->everybody && sources_->text != nullptr && (relevance > 0 || facts.has_document);
  if (has_text) at(Signal::kRelevance) = relevance;
  at(Signal::kTopicAuthority) = AuthorityOf(account, topic_rank, facts.isolated);
  at(Signal::kNicheFit) = FitOf(account);
  // As floats: rounding in the last bits must not order accounts.
  for (int s = 0; s < kQuerySignals; ++s) values[s] = static_cast<float>(values[s]);
  for (int s = kQuerySignals; s < kSignals; ++s) {
    values[s] = sources_->signals->value(account, static_cast<Signal>(s));
  }
}

void CandidateSet::SetGlobalPercentiles(Candidate* candidate) const {
  for (int s = kQuerySignals; s < kSignals; ++s) {
    candidate->percentiles[s] =
        sources_->signals->percentile(candidate->account, static_cast<Signal>(s));
  }
}

absl::Status CandidateSet::Score(RunContext& run) {
  std::vector<uint16_t> groups;
  groups.reserve(candidates_.size());
  for (const Candidate& c : candidates_) groups.push_back(sources_->signals->group(c.account));
  std::vector<float> column(candidates_.size());
  for (int s = 0; s < kQuerySignals; ++s) {
    for (size_t i = 0; i < candidates_.size(); ++i) {
      column[i] = static_cast<float>(candidates_[i].values[s]);
    }
    const PercentileIndex& index = percentiles_.emplace_back(column, groups);
    for (size_t i = 0; i < candidates_.size(); ++i) {
      candidates_[i].percentiles[s] = index.percentiles()[i];
    }
  }
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (i % 8192 == 0) {
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i), static_cast<double>(candidates_.size())));
    }
    SetGlobalPercentiles(&candidates_[i]);
    candidates_[i].score = Fuse(candidates_[i].percentiles, plan_->weights).score;
  }
  return absl::OkStatus();
}

Candidate CandidateSet::At(AccountId account, bool* is_candidate) const {
  const auto it = std::lower_bound(candidates_.begin(), candidates_.end(), account,
                                   [](const Candidate& c, AccountId id) { return c.account < id; });
  *is_candidate = it != candidates_.end() && it->account == account;
  if (*is_candidate) return *it;
  Candidate outside;
  outside.account = account;
  SetValues(&outside, Unmatched(), 0);
  const uint16_t group = sources_->signals->group(account);
  for (int s = 0; s < kQuerySignals; ++s) {
    outside.percentiles[s] =
        percentiles_[s].Percentile(static_cast<float>(outside.values[s]), group);
  }
  SetGlobalPercentiles(&outside);
  outside.score = Fuse(outside.percentiles, plan_->weights).score;
  return outside;
}

}  // namespace halqa::discovery
