#include "engine/discovery/search.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/discovery/candidates.h"
#include "engine/discovery/expression.h"
#include "engine/discovery/search_plan.h"
#include "engine/discovery/suggest.h"

namespace halqa::discovery {
namespace {

using Candidates = std::vector<const Candidate*>;

bool Better(const Candidate* a, const Candidate* b) {
  return a->score != b->score ? a->score > b->score : a->account < b->account;
}

uint64_t BitsOf(double value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

double FromBits(uint64_t bits) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// Makes hits of candidates: everything that only shown accounts need.
class HitMaker {
 public:
  HitMaker(const SearchPlan& plan, const SearchSources& sources) : plan_(plan), sources_(sources) {}

  SearchHit Make(const Candidate& candidate, uint64_t rank) const {
    SearchHit hit;
    hit.rank = rank;
    hit.account = candidate.account;
    hit.score = candidate.score;
    const FusedScore fused = Fuse(candidate.percentiles, plan_.weights);
    for (int s = 0; s < kSignals; ++s) {
      hit.signals[s] = {candidate.values[s], candidate.percentiles[s], fused.contributions[s]};
    }
    hit.reach = sources_.reach->Estimate(sources_.accounts->Facts(candidate.account));
    if (sources_.niches != nullptr) {
      hit.niche = sources_.niches->NicheOf(candidate.account);
      if (hit.niche != kNoNiche) hit.niche_label = std::string(sources_.niches->Label(hit.niche));
    }
    AddReasons(&hit);
    return hit;
  }

 private:
  void AddReasons(SearchHit* hit) const {
    for (const std::string& topic : plan_.topics) AddLeaders(topic, hit);
    if (hit->signals[static_cast<size_t>(Signal::kRelevance)].value > 0) {
      Reason& reason = hit->reasons.emplace_back();
      reason.kind = Reason::Kind::kTextMatch;
    }
    int strongest = 0;
    for (int s = 1; s < kSignals; ++s) {
      if (hit->signals[s].contribution > hit->signals[strongest].contribution) strongest = s;
    }
    if (hit->signals[strongest].contribution > 0) {
      Reason& reason = hit->reasons.emplace_back();
      reason.kind = Reason::Kind::kStrongSignal;
      reason.signal = static_cast<Signal>(strongest);
    }
  }

  void AddLeaders(const std::string& topic, SearchHit* hit) const {
    const TopicList* list = sources_.topics == nullptr ? nullptr : sources_.topics->List(topic);
    if (list == nullptr || sources_.follows == nullptr) return;
    Reason reason;
    reason.kind = Reason::Kind::kLeadersFollow;
    reason.topic = topic;
    for (AccountId leader : list->leaders) {
      if (leader == hit->account || !sources_.accounts->Listed(leader)) continue;
      ++reason.of;
      if (!sources_.follows->Follows(leader, hit->account)) continue;
      ++reason.count;
      if (reason.accounts.size() < sources_.limits.reason_accounts_max) {
        reason.accounts.push_back(leader);
      }
    }
    if (reason.count > 0) hit->reasons.push_back(std::move(reason));
  }

  const SearchPlan& plan_;
  const SearchSources& sources_;
};

// The candidates that the query's expression and the filter keep.
absl::StatusOr<Candidates> Filtered(const SearchPlan& plan, const SearchSources& sources,
                                    absl::Span<const Candidate> candidates, RunContext& run) {
  std::vector<AccountId> allowed;
  if (plan.expression) {
    HALQA_ASSIGN_OR_RETURN(allowed, AllowedAccounts(*plan.expression, sources));
  }
  Candidates kept;
  kept.reserve(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i % 4096 == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
    const Candidate& candidate = candidates[i];
    if (plan.expression && !std::binary_search(allowed.begin(), allowed.end(), candidate.account)) {
      continue;
    }
    if (plan.filter.empty() ||
        plan.filter.Matches(AccountRow(sources, candidate.account, candidate.values))) {
      kept.push_back(&candidate);
    }
  }
  return kept;
}

// Moves the page behind the cursor to the front, in order; returns how many hits stand before it.
uint64_t CutPage(const SearchRequest& request, size_t page_size, Candidates* kept) {
  uint64_t before = 0;
  if (request.after.has_value()) {
    Candidate last;
    last.account = request.after->last;
    last.score = FromBits(request.after->score_bits);
    const auto rest = std::partition(kept->begin(), kept->end(),
                                     [&last](const Candidate* c) { return !Better(&last, c); });
    before = static_cast<uint64_t>(rest - kept->begin());
    kept->erase(kept->begin(), rest);
  }
  // One more than the page, to know whether another follows.
  const size_t sorted = std::min(page_size + 1, kept->size());
  std::partial_sort(kept->begin(), kept->begin() + static_cast<int64_t>(sorted), kept->end(),
                    Better);
  kept->resize(sorted);
  return before;
}

absl::Status CheckSources(const SearchSources& sources) {
  if (sources.taxonomy != nullptr && sources.accounts != nullptr && sources.signals != nullptr &&
      sources.reach != nullptr) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "NO_GENERATION",
                   "no ranking has been published yet");
}

}  // namespace

// How many accounts a request matches.
static absl::StatusOr<uint64_t> CountMatches(const SearchRequest& request,
                                             const SearchSources& sources, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const SearchPlan plan, PlanSearch(request, sources));
  HALQA_ASSIGN_OR_RETURN(const CandidateSet set, CandidateSet::Gather(plan, sources, run));
  HALQA_ASSIGN_OR_RETURN(const Candidates kept, Filtered(plan, sources, set.candidates(), run));
  return kept.size();
}

// Those relaxations of the request that somebody answers.
static absl::StatusOr<std::vector<Suggestion>> Suggestions(const SearchRequest& request,
                                                           const SearchPlan& plan,
                                                           const SearchSources& sources,
                                                           RunContext& run) {
  std::vector<Suggestion> found;
  for (Suggestion& s : Relaxations(request, plan, *sources.taxonomy)) {
    SearchRequest relaxed = request;
    relaxed.query = s.query;
    relaxed.filter = s.filter;
    HALQA_ASSIGN_OR_RETURN(s.matched, CountMatches(relaxed, sources, run));
    if (s.matched > 0) found.push_back(std::move(s));
  }
  return found;
}

absl::StatusOr<SearchAnswer> SearchInfluencers(const SearchRequest& request,
                                               const SearchSources& sources, RunContext& run) {
  HALQA_RETURN_IF_ERROR(CheckSources(sources));
  HALQA_ASSIGN_OR_RETURN(SearchPlan plan, PlanSearch(request, sources));
  HALQA_ASSIGN_OR_RETURN(const CandidateSet set, CandidateSet::Gather(plan, sources, run));
  HALQA_ASSIGN_OR_RETURN(Candidates kept, Filtered(plan, sources, set.candidates(), run));
  SearchAnswer answer;
  answer.weights = plan.weights;
  answer.baseline = Fuse(UnknownSignals(), plan.weights).baseline;
  answer.candidates = set.candidates().size();
  answer.candidates_truncated = set.truncated();
  answer.matched = kept.size();
  const auto page_size = static_cast<size_t>(plan.page_size);
  uint64_t rank = CutPage(request, page_size, &kept);
  const HitMaker maker(plan, sources);
  for (size_t i = 0; i < std::min(page_size, kept.size()); ++i) {
    answer.hits.push_back(maker.Make(*kept[i], ++rank));
  }
  if (kept.size() > page_size) {
    const Candidate& last = *kept[page_size - 1];
    answer.next = SearchCursor{sources.generation, sources.snapshot, BitsOf(last.score),
                               last.account, plan.query_hash};
  }
  if (answer.matched == 0) {
    HALQA_ASSIGN_OR_RETURN(answer.suggestions, Suggestions(request, plan, sources, run));
  }
  if (plan.expression) answer.expression = plan.expression->Describe();
  answer.query = std::move(plan.query);
  answer.topics = std::move(plan.topics);
  answer.withheld_topics = std::move(plan.withheld_topics);
  return answer;
}

absl::StatusOr<Standing> RankOf(const SearchRequest& request, AccountId account,
                                const SearchSources& sources, RunContext& run) {
  HALQA_RETURN_IF_ERROR(CheckSources(sources));
  if (Raw(account) >= sources.signals->size() || !sources.accounts->Listed(account)) {
    return MakeError(absl::StatusCode::kNotFound, "ACCOUNT_NOT_LISTED",
                     "the account is not known or not listed",
                     {{"account", absl::StrCat(Raw(account))}});
  }
  SearchRequest whole = request;
  whole.after.reset();
  HALQA_ASSIGN_OR_RETURN(const SearchPlan plan, PlanSearch(whole, sources));
  HALQA_ASSIGN_OR_RETURN(const CandidateSet set, CandidateSet::Gather(plan, sources, run));
  HALQA_ASSIGN_OR_RETURN(const Candidates kept, Filtered(plan, sources, set.candidates(), run));
  bool is_candidate = false;
  const Candidate subject = set.At(account, &is_candidate);
  Standing standing;
  standing.matched = kept.size();
  standing.rank = 1;
  if (is_candidate) standing.state = Standing::State::kFilteredOut;
  for (const Candidate* other : kept) {
    if (other->account == account) standing.state = Standing::State::kRanked;
    if (Better(other, &subject)) ++standing.rank;
  }
  standing.hit = HitMaker(plan, sources).Make(subject, standing.rank);
  return standing;
}

}  // namespace halqa::discovery
