#include "engine/runtime/search_state.h"

#include <algorithm>

#include "engine/base/status_macros.h"
#include "engine/discovery/niches.h"
#include "engine/graph/neighbours.h"
#include "engine/runtime/text_source.h"

namespace halqa::runtime {

// The interfaces of discovery over one state and one epoch.
class SearchState::Sources : public discovery::TopicSource,
                             public discovery::NicheSource,
                             public discovery::FollowSource {
 public:
  Sources(const SearchState& state, const ingest::Epoch& epoch) : state_(state), epoch_(epoch) {
    if (state.generation_ == nullptr) return;
    for (const TopicScores& t : state.generation_->topics)
      lists_.push_back({t.entries, t.mass, t.leaders});
  }

  const discovery::TopicList* List(absl::string_view topic_id) const override {
    const TopicScores* topic = state_.generation_->FindTopic(topic_id);
    return topic == nullptr
               ? nullptr
               : &lists_[static_cast<size_t>(topic - state_.generation_->topics.data())];
  }
  absl::Span<const double> page_rank() const override {
    return state_.generation_->columns.page_rank;
  }

  uint32_t NicheOf(AccountId account) const override {
    const auto& niche = state_.generation_->columns.niche;
    return Raw(account) < niche.size() ? niche[Raw(account)] : discovery::kNoNiche;
  }
  absl::string_view Label(uint32_t id) const override {
    const store::NicheRow* niche = state_.generation_->FindNiche(id);
    return niche == nullptr || niche->labels.empty() ? absl::string_view() : niche->labels.front();
  }
  std::optional<double> Fit(uint32_t id, absl::string_view topic_id) const override {
    const Generation& g = *state_.generation_;
    const store::NicheRow* niche = g.FindNiche(id);
    const TopicScores* topic = g.FindTopic(topic_id);
    auto documents = g.info.figures.find("documents");
    if (niche == nullptr || topic == nullptr || documents == g.info.figures.end())
      return std::nullopt;
    auto count = [&](const std::string& key) {
      auto it = niche->topic_shares.find(key);
      return it == niche->topic_shares.end() ? uint64_t{0} : static_cast<uint64_t>(it->second);
    };
    const double share =
        static_cast<double>(topic->evidence_accounts) / std::max(1.0, documents->second);
    return discovery::TopicFit(count(std::string(topic_id)), count(""), share);
  }

  // One row look-up; errors of the snapshot count as "does not follow" here and are reported by
  // VerifyAll.
  bool Follows(AccountId follower, AccountId followee) const override {
    const NeighbourQuery query{
        follower, Direction::kOut,
        Raw(followee) == 0 ? std::nullopt : std::optional<AccountId>(AccountId{Raw(followee) - 1}),
        1};
    auto page = MergedNeighbours(epoch_.At(), query);
    return page.ok() && !page->accounts.empty() && page->accounts.front() == followee;
  }

  discovery::SearchSources All() const {
    discovery::SearchSources out;
    out.taxonomy = state_.taxonomy_;
    out.accounts = state_.accounts_.get();
    out.signals = &state_.signals_;
    out.reach = &state_.reach_;
    out.text = state_.text_.get();
    out.follows = this;
    if (state_.generation_ != nullptr) {
      out.topics = this;
      out.niches = this;
      out.generation = state_.generation_->info.generation;
    }
    out.snapshot = state_.lsn_;
    out.limits.page_size_default = 10;
    out.limits.page_size_max = 200;
    return out;
  }

 private:
  const SearchState& state_;
  const ingest::Epoch& epoch_;
  std::vector<discovery::TopicList> lists_;
};

absl::StatusOr<std::shared_ptr<const SearchState>> SearchState::Build(
    const ingest::LiveGraph& graph, const text::Taxonomy& taxonomy,
    std::shared_ptr<const Generation> generation, RunContext& run) {
  auto state = std::make_shared<SearchState>();
  const auto epoch = graph.epoch();
  state->taxonomy_ = &taxonomy;
  state->db_ = &graph.db();
  state->view_ = graph.db().NewView();
  state->lsn_ = epoch->tail.lsn;
  state->generation_ = std::move(generation);
  auto counts = std::make_shared<GraphCounts>();
  if (state->generation_ != nullptr) {
    counts->followers = state->generation_->columns.followers;
    counts->engaged_followers = state->generation_->columns.engaged_followers;
    counts->connected = state->generation_->columns.Connected();
  }
  RunContext load = run.Part(0, 0.8);
  HALQA_ASSIGN_OR_RETURN(state->accounts_, AccountColumns::Load(graph.db(), state->view_.get(),
                                                                epoch->accounts, counts, load));
  discovery::ReachOptions reach;
  if (state->generation_ != nullptr) reach.window_days = state->generation_->EngagedWindowDays();
  state->reach_ = discovery::ReachModel::Fit(*state->accounts_, discovery::TierBands(), reach);
  RunContext rest = run.Part(0.8, 1);
  HALQA_ASSIGN_OR_RETURN(state->signals_,
                         discovery::GlobalSignals::Build(*state->accounts_, state->reach_, rest));
  HALQA_ASSIGN_OR_RETURN(auto postings, StorePostings::Open(graph.db(), state->view_));
  state->text_ = std::make_shared<TextSearch>(std::move(postings), state->accounts_);
  return std::shared_ptr<const SearchState>(std::move(state));
}

absl::StatusOr<discovery::SearchAnswer> SearchState::Search(const discovery::SearchRequest& request,
                                                            const ingest::Epoch& epoch,
                                                            RunContext& run) const {
  const Sources sources(*this, epoch);
  HALQA_ASSIGN_OR_RETURN(auto answer, discovery::SearchInfluencers(request, sources.All(), run));
  // This state may be older than an erasure.
  std::erase_if(answer.hits, [&](const auto& hit) { return epoch.Hidden(hit.account); });
  return answer;
}

absl::StatusOr<discovery::Standing> SearchState::RankOf(const discovery::SearchRequest& request,
                                                        AccountId account,
                                                        const ingest::Epoch& epoch,
                                                        RunContext& run) const {
  const Sources sources(*this, epoch);
  return discovery::RankOf(request, account, sources.All(), run);
}

}  // namespace halqa::runtime
