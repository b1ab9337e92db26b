#include "engine/runtime/ranking.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "engine/algo/centrality/degree.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/topic_page_rank.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/niche_tracking.h"
#include "engine/algo/community/weak_components.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/bgl/core_numbers.h"
#include "engine/bgl/strong_components.h"
#include "engine/discovery/niches.h"
#include "engine/discovery/topic_authority.h"
#include "engine/graph/builder.h"
#include "engine/runtime/niche_stage.h"
#include "engine/runtime/ranking_part.h"
#include "engine/runtime/text_source.h"
#include "engine/runtime/topic_vectors.h"
#include "engine/store/backup.h"

namespace halqa::runtime {
namespace {

using discovery::TopicEntry;

// Values by vertex -> values by account.
template <typename T, typename U>
std::vector<T> ByAccount(const std::vector<AccountId>& accounts, const std::vector<U>& by_vertex) {
  std::vector<T> out(accounts.size());
  for (size_t v = 0; v < accounts.size(); ++v) out[Raw(accounts[v])] = static_cast<T>(by_vertex[v]);
  return out;
}

// Of everything that a generation depends on.
std::map<std::string, uint32_t> Versions() {
  return {{"page_rank", kPageRankVersion},
          {"topic_page_rank", kTopicPageRankVersion},
          {"leiden", kLeidenVersion},
          {"weak_components", kWeakComponentsVersion},
          {"strong_components", kStrongComponentsVersion},
          {"core_numbers", kCoreNumbersVersion},
          {"niches", discovery::kNichesVersion},
          {"niche_tracking", kNicheTrackingVersion},
          {"text", text::kAnalyzeVersion}};
}

// One ranking. Each stage reads what earlier ones left.
class Ranking {
 public:
  Ranking(ingest::LiveGraph& graph, const text::Taxonomy& taxonomy, const RankingOptions& options,
          const StageFn& stage, RunContext& run)
      : graph_(graph), taxonomy_(taxonomy), options_(options), stage_(stage), run_(run) {}

  absl::StatusOr<store::GenerationInfo> Run();

 private:
  absl::Status Fold(RunContext& run);
  absl::Status Project(RunContext& run);
  absl::Status Authority(RunContext& run);
  absl::Status Structure(RunContext& run);
  absl::Status Communities(RunContext& run);
  absl::Status Topics(RunContext& run);
  absl::Status RankTopics(const std::vector<TopicSeeds>& topics, RunContext& run);
  absl::Status Niches(RunContext& run);
  absl::Status Publish(RunContext& run);
  absl::Status CheckShrink();
  void Resume();
  absl::Status Save(uint32_t stages_done);
  std::string Key() const;
  std::string PartPath() const { return RankingPartPath(graph_.db()); }
  TopicScores TopOf(const std::string& topic, const std::vector<double>& vector);

  ingest::LiveGraph& graph_;
  const text::Taxonomy& taxonomy_;
  const RankingOptions& options_;
  const StageFn& stage_;
  RunContext& run_;

  std::shared_ptr<const ingest::Epoch> epoch_;
  std::shared_ptr<store::ReadView> view_;
  projection::Projection projection_;
  std::vector<VertexIndex> account_to_vertex_;
  std::shared_ptr<const AccountColumns> accounts_;
  std::vector<double> page_rank_;      // by vertex
  std::vector<uint32_t> communities_;  // by vertex
  Generation generation_;
  uint32_t resumed_ = 0;  // stages that an earlier try has finished
};

absl::StatusOr<store::GenerationInfo> Ranking::Run() {
  struct Stage {
    const char* name;
    absl::Status (Ranking::*work)(RunContext&);
    double share;
  };
  constexpr uint32_t kSaved = 3;  // from this stage on, what a stage has found is kept
  const Stage stages[] = {{"fold", &Ranking::Fold, 0.1},
                          {"projection", &Ranking::Project, 0.15},
                          {"page_rank", &Ranking::Authority, 0.1},
                          {"components", &Ranking::Structure, 0.1},
                          {"cores and communities", &Ranking::Communities, 0.25},
                          {"topics", &Ranking::Topics, 0.2},
                          {"niches", &Ranking::Niches, 0.05},
                          {"publish", &Ranking::Publish, 0.05}};
  double done = 0;
  uint32_t number = 0;
  for (const Stage& s : stages) {
    ++number;
    HALQA_RETURN_IF_ERROR(run_.Checkpoint(done, 1));
    if (number >= kSaved && number <= resumed_) {
      stage_(absl::StrCat(s.name, " (done before)"));
    } else {
      stage_(s.name);
      RunContext part = run_.Part(done, done + s.share);
      HALQA_RETURN_IF_ERROR((this->*s.work)(part));
      if (number + 1 == kSaved) Resume();
      if (number >= kSaved && number < std::size(stages)) HALQA_RETURN_IF_ERROR(Save(number));
    }
    done += s.share;
  }
  std::error_code ignored;  // a part that stays is of no other ranking's key
  std::filesystem::remove(PartPath(), ignored);
  return generation_.info;
}

// Of which ranking a part is one: the data, the parameters and the versions of what computes.
std::string Ranking::Key() const {
  const SnapshotIdentity& id = epoch_->snapshot->identity();
  std::string key = absl::StrCat(id.timeline_id, "/", id.lsn, "/", id.chain, "/", epoch_->accounts,
                                 "/", store::HalqaVersion());
  for (const auto& [name, value] : DescribeOptions(options_))
    absl::StrAppend(&key, ";", name, "=", value);
  for (const auto& [name, version] : Versions()) absl::StrAppend(&key, ";", name, "=", version);
  return key;
}

void Ranking::Resume() {
  auto part = LoadRankingPart(PartPath(), Key());
  if (!part.has_value()) return;
  resumed_ = part->stages_done;
  generation_ = std::move(part->generation);
  communities_ = std::move(part->communities);
  const auto& accounts = projection_.vertex_to_account;
  page_rank_.resize(accounts.size());
  for (size_t v = 0; v < accounts.size(); ++v)
    page_rank_[v] = generation_.columns.page_rank[Raw(accounts[v])];
}

absl::Status Ranking::Save(uint32_t stages_done) {
  RankingPart part{stages_done, std::move(generation_), std::move(communities_)};
  const absl::Status saved = SaveRankingPart(PartPath(), Key(), part);
  generation_ = std::move(part.generation);
  communities_ = std::move(part.communities);
  return saved;
}

// A graph that lost much since the last ranking is more likely a broken import than the truth.
absl::Status Ranking::CheckShrink() {
  HALQA_ASSIGN_OR_RETURN(const auto before, LoadCurrentInfo(graph_.db()));
  if (!before.has_value() || options_.shrink_max >= 1) return absl::OkStatus();
  const std::tuple<const char*, uint64_t, uint64_t> sizes[] = {
      {"accounts", before->accounts, epoch_->accounts},
      {"follows", before->follows, projection_.follows},
      {"arcs", before->arcs, projection_.graph.View().arcs()}};
  for (const auto& [what, was, is] : sizes) {
    if (static_cast<double>(is) >= (1 - options_.shrink_max) * static_cast<double>(was)) continue;
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "GRAPH_SHRANK",
        absl::StrCat("the graph has ", is, " ", what, ", generation ", before->generation, " had ",
                     was, ": more than ", options_.shrink_max * 100,
                     " % are gone, so nothing is published; look at the last import, or "
                     "allow it with shrink_max=1"),
        {{"what", what}, {"before", absl::StrCat(was)}, {"now", absl::StrCat(is)}});
  }
  return absl::OkStatus();
}

absl::Status Ranking::Fold(RunContext& run) {
  HALQA_RETURN_IF_ERROR(graph_.Fold(run));
  // The view of the store and the epoch that names it must be of one snapshot: another fold may
  // come between.
  do {
    epoch_ = graph_.epoch();
    view_ = graph_.db().NewView();
  } while (graph_.epoch()->snapshot != epoch_->snapshot);
  epoch_ = graph_.epoch();  // its accounts cover every id that the view can hold
  if (epoch_->accounts == 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "EMPTY_GRAPH",
                     "the graph holds no account; import something first");
  }
  const uint64_t arcs = EstimateArcs(graph_.db(), *epoch_);
  const uint64_t needed = EstimateRanking(epoch_->accounts, arcs, taxonomy_.topics().size());
  if (run_.memory_bytes_max() != 0 && needed > run_.memory_bytes_max()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                     absl::StrCat("ranking needs about ", needed, " bytes, allowed are ",
                                  run_.memory_bytes_max()),
                     {{"needed_bytes", absl::StrCat(needed)},
                      {"allowed_bytes", absl::StrCat(run_.memory_bytes_max())}});
  }
  return absl::OkStatus();
}

absl::Status Ranking::Project(RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(projection_,
                         projection::BuildProjection(graph_.db(), view_.get(), epoch_->accounts,
                                                     options_.projection, run));
  const auto& accounts = projection_.vertex_to_account;
  account_to_vertex_ = AccountToVertex(accounts);
  generation_.columns.followers = ByAccount<uint32_t>(accounts, projection_.followers);
  generation_.columns.engaged_followers =
      ByAccount<uint32_t>(accounts, projection_.engaged_followers);
  return CheckShrink();
}

absl::Status Ranking::Authority(RunContext& run) {
  const CsrView view = projection_.graph.View();
  PageRankOptions options;
  options.damping = options_.damping;
  options.tolerance = options_.tolerance;
  HALQA_ASSIGN_OR_RETURN(PageRankResult result, PageRank(view, options, run));
  auto& figures = generation_.info.figures;
  figures["page_rank_rounds"] = result.rounds;
  figures["page_rank_l1_error_bound"] = result.l1_error_bound;
  figures["page_rank_converged"] = result.converged ? 1 : 0;
  page_rank_ = std::move(result.scores);
  generation_.columns.page_rank = ByAccount<double>(projection_.vertex_to_account, page_rank_);
  RunContext rest = run.Part(1, 1);
  HALQA_ASSIGN_OR_RETURN(DegreeResult degree, Degree(view, {DegreeKind::kIn, true}, rest));
  generation_.columns.weighted_in_degree =
      ByAccount<double>(projection_.vertex_to_account, degree.values);
  return absl::OkStatus();
}

// Strong components run through Boost.Graph on the same view.
absl::Status Ranking::Structure(RunContext& run) {
  const CsrView view = projection_.graph.View();
  const auto& accounts = projection_.vertex_to_account;
  HALQA_ASSIGN_OR_RETURN(auto weak, WeakComponents(view, {}, run));
  HALQA_ASSIGN_OR_RETURN(auto strong, StrongComponents(view, {}, run));
  auto& figures = generation_.info.figures;
  figures["weak_components"] = weak.components;
  figures["strong_components"] = strong.components;
  generation_.columns.weak_component = ByAccount<uint32_t>(accounts, weak.labels);
  generation_.columns.strong_component = ByAccount<uint32_t>(accounts, strong.labels);
  return absl::OkStatus();
}

absl::Status Ranking::Communities(RunContext& run) {
  RunContext first = run.Part(0, 0.2);
  HALQA_ASSIGN_OR_RETURN(const Csr symmetric, Symmetrised(projection_.graph.View(), first));
  // Core numbers of the undirected graph, by Boost.Graph on the same view.
  RunContext second = run.Part(0.2, 0.4);
  HALQA_ASSIGN_OR_RETURN(auto cores, CoreNumbers(symmetric.View(), {}, second));
  generation_.columns.core_number = ByAccount<uint32_t>(projection_.vertex_to_account, cores.cores);
  LeidenOptions options;
  options.resolution = options_.resolution;
  options.seed = options_.seed;
  RunContext rest = run.Part(0.4, 1);
  HALQA_ASSIGN_OR_RETURN(LeidenResult result, Leiden(symmetric.View(), options, rest));
  generation_.info.figures["modularity"] = result.modularity;
  generation_.info.figures["communities"] = result.count;
  communities_ = std::move(result.communities);
  return absl::OkStatus();
}

absl::Status Ranking::Topics(RunContext& run) {
  RunContext load = run.Part(0, 0.2);
  HALQA_ASSIGN_OR_RETURN(
      accounts_, AccountColumns::Load(graph_.db(), view_.get(), epoch_->accounts, nullptr, load));
  HALQA_ASSIGN_OR_RETURN(auto postings, StorePostings::Open(graph_.db(), view_));
  std::vector<TopicSeeds> topics;
  for (const text::Topic& topic : taxonomy_.topics()) {
    HALQA_ASSIGN_OR_RETURN(auto evidence, index::ReadTopicEvidence(topic.id, *postings));
    if (evidence.size() >= options_.evidence_min) topics.push_back({topic.id, std::move(evidence)});
  }
  std::sort(topics.begin(), topics.end(),
            [](const TopicSeeds& a, const TopicSeeds& b) { return a.topic < b.topic; });
  RunContext rest = run.Part(0.2, 1);
  return RankTopics(topics, rest);
}

absl::Status Ranking::RankTopics(const std::vector<TopicSeeds>& topics, RunContext& run) {
  if (topics.empty()) return absl::OkStatus();
  const TopicPageRankOptions options = TopicVectorOptions(options_, topics, account_to_vertex_);
  HALQA_ASSIGN_OR_RETURN(TopicPageRankResult result,
                         TopicPageRank(projection_.graph.View(), options, run));
  double worst = 0;
  for (size_t t = 0; t < topics.size(); ++t) {
    TopicScores scores = TopOf(topics[t].topic, result.vectors[t]);
    scores.evidence_accounts = options.topics[t].size();
    generation_.info.topics.push_back(scores.topic);
    generation_.topics.push_back(std::move(scores));
    result.vectors[t] = {};
    worst = std::max(worst, result.l1_error_bounds[t]);
  }
  generation_.info.figures["topic_page_rank_l1_error_bound"] = worst;
  generation_.info.figures["topic_page_rank_rounds"] = result.rounds;
  return absl::OkStatus();
}

// The listed accounts with the largest authority in the topic, by account; the rest of the vector
// is dropped and only its mass kept.
TopicScores Ranking::TopOf(const std::string& topic, const std::vector<double>& vector) {
  TopicScores out;
  out.topic = topic;
  std::vector<TopicEntry> entries;
  for (size_t v = 0; v < vector.size(); ++v) {
    out.mass += vector[v];
    const AccountId account = projection_.vertex_to_account[v];
    if (vector[v] > 0 && accounts_->Listed(account)) entries.push_back({account, vector[v]});
  }
  const auto& global = generation_.columns.page_rank;
  auto authority = [&](const TopicEntry& e) {
    return discovery::SpecificAuthority(e.value, global[Raw(e.account)]);
  };
  const size_t keep = std::min<size_t>(options_.topic_entries, entries.size());
  std::nth_element(entries.begin(), entries.begin() + static_cast<ptrdiff_t>(keep), entries.end(),
                   [&](const TopicEntry& a, const TopicEntry& b) {
                     const double x = authority(a), y = authority(b);
                     return x > y || (x == y && a.account < b.account);
                   });
  entries.resize(keep);
  std::sort(entries.begin(), entries.end(),
            [](const TopicEntry& a, const TopicEntry& b) { return a.account < b.account; });
  out.entries = std::move(entries);
  const discovery::TopicList list{out.entries, out.mass, {}};
  out.leaders = discovery::TopicLeaders(list, global, options_.leaders);
  return out;
}

absl::Status Ranking::Niches(RunContext& run) {
  NicheInput input;
  input.graph = projection_.graph.View();
  input.vertex_to_account = projection_.vertex_to_account;
  input.communities = communities_;
  input.page_rank = page_rank_;
  HALQA_ASSIGN_OR_RETURN(const auto before, LoadCurrentGeneration(graph_.db()));
  if (before != nullptr) {
    input.before.niches = before->columns.niche;
    // Generations of before ids were kept numbered them from 1.
    const auto next = before->info.figures.find("next_niche_id");
    const bool told = next != before->info.figures.end();
    const uint32_t largest = before->niches.empty() ? 0 : before->niches.back().id;
    input.before.next_id = told ? static_cast<uint32_t>(next->second) : largest + 1;
  }
  return BuildNiches(graph_.db(), view_.get(), input, &generation_, run);
}

absl::Status Ranking::Publish(RunContext& run) {
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  store::GenerationInfo& info = generation_.info;
  const SnapshotIdentity& identity = epoch_->snapshot->identity();
  info.timeline = identity.timeline_id;
  info.lsn = identity.lsn;
  info.chain = identity.chain;
  info.accounts = epoch_->accounts;
  info.follows = projection_.follows;
  info.arcs = projection_.graph.View().arcs();
  info.data_as_of = projection_.as_of;
  info.parameters = DescribeOptions(options_);
  info.versions = Versions();
  return PublishGeneration(graph_.db(), &generation_, static_cast<int>(options_.keep_generations));
}

}  // namespace

absl::StatusOr<store::GenerationInfo> RankGraph(ingest::LiveGraph& graph,
                                                const text::Taxonomy& taxonomy,
                                                const RankingOptions& options, const StageFn& stage,
                                                RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  Ranking ranking(graph, taxonomy, options, stage, run);
  return ranking.Run();
}

}  // namespace halqa::runtime
