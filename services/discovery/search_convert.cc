#include "services/discovery/search_convert.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "services/common/account_convert.h"

namespace halqa::services {
namespace {

using discovery::Signal;

void ToProto(const discovery::SearchHit& hit, int signal, v1::Signal* out) {
  const discovery::SignalAnswer& answer = hit.signals[signal];
  out->set_signal(std::string(discovery::SignalName(static_cast<Signal>(signal))));
  out->set_contribution(answer.contribution);
  if (!answer.known()) return;
  out->set_value(answer.value);
  if (!std::isnan(answer.percentile)) out->set_percentile(answer.percentile);
}

}  // namespace

absl::StatusOr<discovery::SearchRequest> FromProto(const v1::SearchInfluencersRequest& in) {
  discovery::SearchRequest out;
  out.query = in.query();
  out.topics.assign(in.topics().begin(), in.topics().end());
  out.filter = in.filter();
  for (const v1::SignalWeight& w : in.weights()) {
    if (!out.weights.emplace(w.signal(), w.weight()).second) {
      return FieldError("DUPLICATE_WEIGHT", "weights", absl::StrCat(w.signal(), " is given twice"));
    }
  }
  out.page_size = in.page_size();
  return out;
}

uint64_t QueryHash(const v1::SearchInfluencersRequest& in) {
  v1::SearchInfluencersRequest bound = in;
  bound.clear_page_size();
  bound.clear_page_token();
  bound.clear_also_rank();
  return Checksum64(bound.SerializeAsString());
}

void ToProto(const discovery::ReachEstimate& reach, v1::Reach* out) {
  out->set_potential(reach.potential.value_or(0));
  if (reach.potential_source == discovery::PotentialSource::kDeclared)
    out->set_potential_source("declared");
  if (reach.potential_source == discovery::PotentialSource::kKnownFollowers)
    out->set_potential_source("known");
  if (!reach.expected) return;
  out->mutable_expected()->set_value(*reach.expected);
  out->mutable_expected()->set_lower(reach.expected_low);
  out->mutable_expected()->set_upper(reach.expected_high);
  out->mutable_expected()->set_level(0.95);
  out->set_estimator(absl::StrFormat(
      "%s: %d of %d known followers, window %d days, prior %.4f", reach.kEstimator,
      reach.interacting_followers, reach.observed_followers, reach.window_days, reach.prior_rate));
}

void ToProto(const discovery::SearchAnswer& answer, v1::ResolvedQuery* out) {
  for (const text::ResolvedTopic& topic : answer.query.topics) {
    auto* t = out->add_topics();
    t->set_id(topic.id);
    t->set_matched(topic.matched);
    t->mutable_synonyms()->Add(topic.synonyms.begin(), topic.synonyms.end());
  }
  for (const auto& term : answer.query.free_terms) out->add_free_terms(term.token.folded);
  out->mutable_ignored()->Add(answer.query.ignored.begin(), answer.query.ignored.end());
  const std::string words = answer.expression.empty() ? answer.query.Describe() : answer.expression;
  out->set_description(words.empty() ? "everybody, by authority in the whole graph" : words);
  for (int s = 0; s < discovery::kSignals; ++s) {
    if (answer.weights[s] <= 0) continue;
    auto* w = out->add_weights();
    w->set_signal(std::string(discovery::SignalName(static_cast<Signal>(s))));
    w->set_weight(answer.weights[s]);
  }
  for (const std::string& topic : answer.withheld_topics) {
    out->add_notes(absl::StrCat("topic ", topic, " is sensitive and was not searched"));
  }
  if (answer.candidates_truncated) out->add_notes("only the best text matches were compared");
}

void ToProto(const discovery::Suggestion& suggestion, v1::SearchSuggestion* out) {
  out->set_query(suggestion.query);
  out->set_filter(suggestion.filter);
  out->set_matched(suggestion.matched);
}

std::string TierName(const discovery::AccountFacts& facts, const discovery::ReachModel& reach) {
  if (!facts.declared_followers && facts.known_followers == 0) return "";
  return reach.bands().names[reach.bands().TierOf(discovery::FollowersOf(facts))];
}

std::string ResultWriter::Words(const discovery::Reason& reason) const {
  switch (reason.kind) {
    case discovery::Reason::Kind::kLeadersFollow:
      return absl::StrCat(reason.count, " of ", reason.of, " leading accounts of ", reason.topic,
                          " follow");
    case discovery::Reason::Kind::kTextMatch:
      return "text matches";
    case discovery::Reason::Kind::kStrongSignal:
      return absl::StrCat("strong ", discovery::SignalName(reason.signal));
  }
  return "";
}

absl::Status ResultWriter::Write(const discovery::SearchHit& hit, v1::InfluencerResult* out) const {
  out->set_rank(static_cast<uint32_t>(hit.rank));
  HALQA_ASSIGN_OR_RETURN(const auto account, graph_.GetAccount(epoch_, hit.account));
  services::ToProto(account, out->mutable_account());
  out->set_score(hit.score);
  for (int s = 0; s < discovery::kSignals; ++s) ToProto(hit, s, out->add_signals());
  services::ToProto(hit.reach, out->mutable_reach());
  if (hit.niche != discovery::kNoNiche) out->set_niche(hit.niche);
  out->set_niche_label(hit.niche_label);
  const auto& authority = hit.signals[static_cast<int>(Signal::kTopicAuthority)];
  if (authority.known()) {
    out->set_authority(authority.value);
    if (!std::isnan(authority.percentile)) out->set_authority_percentile(authority.percentile);
  }
  out->set_tier(TierName(state_.accounts().Facts(hit.account), state_.reach()));
  for (const discovery::Reason& reason : hit.reasons) {
    out->add_reasons(Words(reason));
    if (reason.kind != discovery::Reason::Kind::kLeadersFollow) continue;
    out->set_leading_follower_count(out->leading_follower_count() + reason.count);
    for (AccountId id : reason.accounts) {
      HALQA_ASSIGN_OR_RETURN(const auto leader, graph_.GetAccount(epoch_, id));
      services::ToProto(leader, out->add_leading_followers());
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa::services
