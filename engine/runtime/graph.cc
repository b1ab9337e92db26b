#include "engine/runtime/graph.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"
#include "engine/ingest/find_account.h"

namespace halqa::runtime {
namespace {

using store::Family;

// Search states live this long so that page tokens stay valid; large graphs keep fewer (each costs
// about 60 bytes per account).
constexpr auto kStateLife = std::chrono::seconds(60);

size_t StatesMax(uint32_t accounts) {
  return std::clamp<size_t>(4'000'000 / (accounts + 1), 4, 32);
}

absl::Status NoAccount(absl::string_view external_id) {
  return MakeError(absl::StatusCode::kNotFound, "ACCOUNT_NOT_FOUND",
                   absl::StrCat("there is no account ", external_id),
                   {{"account", std::string(external_id)}});
}

absl::StatusOr<AccountView> ViewOf(const GraphAt& at, AccountId id, absl::string_view row,
                                   AccountDetail detail) {
  AccountView view;
  view.id = id;
  HALQA_ASSIGN_OR_RETURN(view.row, store::DecodeAccount(row));
  if (detail == AccountDetail::kId) return view;
  HALQA_ASSIGN_OR_RETURN(view.known_followers, MergedDegree(at, id, Direction::kIn));
  HALQA_ASSIGN_OR_RETURN(view.known_following, MergedDegree(at, id, Direction::kOut));
  return view;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Graph>> Graph::Open(const std::string& directory,
                                                   const GraphOptions& options) {
  std::unique_ptr<Graph> graph(new Graph(options));
  ingest::LiveGraphOptions live_options;
  live_options.threads = options.threads;
  live_options.log = options.log;
  live_options.settings_if_new = options.settings_if_new;
  store::StoreOptions store_options;
  store_options.create_if_missing = options.create_if_missing;
  store_options.disk_reserve_bytes = options.disk_reserve_bytes;
  store_options.faults = options.faults;
  store_options.log = options.log;
  HALQA_ASSIGN_OR_RETURN(graph->live_,
                         ingest::LiveGraph::Open(directory, store_options, live_options));
  HALQA_RETURN_IF_ERROR(DropOrphanGenerations(graph->live_->db()));
  RunContext run(options.threads);
  HALQA_RETURN_IF_ERROR(graph->BuildState(/*load_generation=*/true, run));
  HALQA_ASSIGN_OR_RETURN(graph->jobs_, JobManager::Open(&graph->live_->db(), options.threads));
  if (options.refresh_in_background) {
    graph->refresher_ = std::thread([g = graph.get()] { g->RefreshLoop(); });
  }
  return graph;
}

Graph::~Graph() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (refresher_.joinable()) refresher_.join();
  jobs_.reset();
  states_.clear();
  explain_.Release(nullptr);
  live_.reset();
}

std::shared_ptr<const SearchState> Graph::search_state() const {
  std::lock_guard lock(mutex_);
  return states_.back().state;
}

absl::StatusOr<std::shared_ptr<const SearchState>> Graph::StateOf(uint64_t generation,
                                                                  Lsn lsn) const {
  std::lock_guard lock(mutex_);
  for (const auto& [state, shown] : states_) {
    const uint64_t number =
        state->generation() == nullptr ? 0 : state->generation()->info.generation;
    if (number == generation && state->lsn() == lsn) return state;
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED",
                   "the data changed since this page token was made; start again without it",
                   {{"generation", absl::StrCat(generation)}, {"lsn", absl::StrCat(lsn)}});
}

absl::Status Graph::BuildState(bool load_generation, RunContext& run) {
  std::lock_guard one(build_mutex_);
  std::shared_ptr<const Generation> generation;
  if (load_generation) {
    HALQA_ASSIGN_OR_RETURN(generation, LoadCurrentGeneration(live_->db()));
  } else {
    generation = search_state()->shared_generation();
  }
  const uint64_t changes = live_->epoch()->profile_changes;
  HALQA_ASSIGN_OR_RETURN(auto state,
                         SearchState::Build(*live_, taxonomy(), std::move(generation), run));
  std::lock_guard lock(mutex_);
  shown_profile_changes_ = changes;
  const auto now = std::chrono::steady_clock::now();
  const size_t most = StatesMax(state->accounts().size());
  states_.push_back({std::move(state), now});
  // A state's life ends a while after a newer one took its place.
  while (states_.size() > most || (states_.size() > 1 && states_[1].shown + kStateLife < now)) {
    states_.erase(states_.begin());
  }
  return absl::OkStatus();
}

absl::Status Graph::RefreshSearch(RunContext& run) { return BuildState(false, run); }

// New profiles become searchable within a second, or within ten times the cost of a refresh where
// that is more.
void Graph::RefreshLoop() {
  using Clock = std::chrono::steady_clock;
  auto pause = std::chrono::milliseconds(500);
  for (;;) {
    explain_.Release(search_state()->generation());
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, pause, [&] { return stopping_; })) return;
      if (live_->epoch()->profile_changes == shown_profile_changes_) continue;
    }
    const auto start = Clock::now();
    RunContext run(1);
    if (auto s = RefreshSearch(run); !s.ok())
      options_.log(absl::StrCat("search refresh failed: ", s.ToString()));
    const auto cost = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    pause = std::max(std::chrono::milliseconds(500), cost * 10);
  }
}

absl::StatusOr<ExplainAnswer> Graph::Explain(const SearchState& state,
                                             const ExplainRequest& request, RunContext& run) {
  const auto generation = state.shared_generation();
  if (generation == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_GENERATION",
                     "nothing was ranked yet: there is no score to explain");
  }
  if (run.memory_bytes_max() == 0) run.set_memory_bytes_max(options_.memory_bytes_max);
  const int topic = request.topic.empty() ? -1 : taxonomy().Find(request.topic);
  if (topic >= 0 && taxonomy().topics()[topic].sensitive && !request.allow_sensitive) {
    return MakeError(
        absl::StatusCode::kPermissionDenied, "TOPIC_SENSITIVE",
        absl::StrCat("topic \"", request.topic, "\" is sensitive; explaining it needs a grant"),
        {{"topic", request.topic}});
  }
  run.set_threads(options_.threads);  // as a ranking: what is made once serves all that ask
  RunContext first = run.Part(0, 0.5);
  HALQA_ASSIGN_OR_RETURN(const auto context, explain_.Get(*live_, generation, first));
  RunContext rest = run.Part(0.5, 1);
  HALQA_ASSIGN_OR_RETURN(ExplainAnswer answer,
                         ExplainRank(*context, state.accounts(), request, rest));
  answer.generation = generation;
  return answer;
}

absl::StatusOr<store::GenerationInfo> Graph::Rank(const RankingOptions& options,
                                                  const StageFn& stage, RunContext& run) {
  RunContext ranking = run.Part(0, 0.95);
  HALQA_ASSIGN_OR_RETURN(auto info, RankGraph(*live_, taxonomy(), options, stage, ranking));
  stage("refresh search");
  // The generation is published: a cancel that comes now must not keep it from being served.
  RunContext rest(run.threads());
  HALQA_RETURN_IF_ERROR(BuildState(/*load_generation=*/true, rest));
  return info;
}

absl::StatusOr<JobRow> Graph::PlanRanking(const std::map<std::string, std::string>& parameters,
                                          uint64_t memory_bytes_max) const {
  HALQA_ASSIGN_OR_RETURN(const RankingOptions options, ParseRankingOptions(parameters));
  const auto epoch = live_->epoch();
  JobRow job;
  job.kind = "ranking";
  job.parameters = DescribeOptions(options);
  job.estimated_bytes = EstimateRanking(epoch->accounts, EstimateArcs(live_->db(), *epoch),
                                        taxonomy().topics().size());
  const uint64_t allowed = memory_bytes_max != 0 ? memory_bytes_max : options_.memory_bytes_max;
  if (allowed == 0 || job.estimated_bytes <= allowed) return job;
  return MakeError(
      absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
      absl::StrCat("ranking needs about ", job.estimated_bytes, " bytes, allowed are ", allowed),
      {{"needed_bytes", absl::StrCat(job.estimated_bytes)},
       {"allowed_bytes", absl::StrCat(allowed)}});
}

absl::StatusOr<JobRow> Graph::StartRanking(const std::map<std::string, std::string>& parameters,
                                           uint64_t memory_bytes_max) {
  HALQA_ASSIGN_OR_RETURN(const RankingOptions options, ParseRankingOptions(parameters));
  HALQA_ASSIGN_OR_RETURN(JobRow job, PlanRanking(parameters, memory_bytes_max));
  const uint64_t allowed = memory_bytes_max != 0 ? memory_bytes_max : options_.memory_bytes_max;
  return jobs_->Start(std::move(job),
                      [this, options, allowed](RunContext& run, JobReporter& reporter) {
                        run.set_memory_bytes_max(allowed);
                        auto info = Rank(
                            options, [&](const std::string& stage) { reporter.Stage(stage); }, run);
                        if (!info.ok()) return info.status();
                        for (const auto& [name, value] : info->figures)
                          reporter.Result(name, FigureText(value));
                        reporter.Generation(info->generation);
                        return absl::OkStatus();
                      });
}

absl::StatusOr<AccountId> Graph::Find(absl::string_view external_id) const {
  HALQA_RETURN_IF_ERROR(ValidateExternalId(external_id));
  HALQA_ASSIGN_OR_RETURN(const auto found, ingest::FindAccount(live_->db(), external_id));
  if (!found) return NoAccount(external_id);
  return *found;
}

absl::StatusOr<AccountView> Graph::GetAccount(const ingest::Epoch& epoch, AccountId id) const {
  HALQA_ASSIGN_OR_RETURN(auto bytes, live_->db().Get(Family::kAccount, store::AccountKey(id)));
  if (!bytes) return NoAccount(absl::StrCat(Raw(id)));
  return ViewOf(epoch.At(), id, *bytes, AccountDetail::kFull);
}

absl::StatusOr<AccountView> Graph::GetAccount(const ingest::Epoch& epoch,
                                              absl::string_view external_id) const {
  HALQA_ASSIGN_OR_RETURN(const AccountId id, Find(external_id));
  return GetAccount(epoch, id);
}

absl::StatusOr<NeighbourList> Graph::ListNeighbours(const ingest::Epoch& epoch,
                                                    const NeighbourQuery& query,
                                                    AccountDetail detail) const {
  const GraphAt at = epoch.At();
  HALQA_ASSIGN_OR_RETURN(const NeighbourPage page, MergedNeighbours(at, query));
  NeighbourList list;
  list.more = page.more;
  HALQA_ASSIGN_OR_RETURN(list.total, MergedDegree(at, query.account, query.direction));
  std::vector<std::string> keys;
  keys.reserve(page.accounts.size());
  for (AccountId id : page.accounts) keys.push_back(store::AccountKey(id));
  HALQA_ASSIGN_OR_RETURN(const auto rows, live_->db().MultiGet(Family::kAccount, keys));
  list.accounts.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].has_value()) continue;  // erased after the epoch began: gone is gone
    HALQA_ASSIGN_OR_RETURN(AccountView view, ViewOf(at, page.accounts[i], *rows[i], detail));
    list.accounts.push_back(std::move(view));
  }
  if (!page.accounts.empty()) list.last = page.accounts.back();
  return list;
}

absl::StatusOr<std::vector<AccountView>> Graph::Resolve(const ingest::Epoch& epoch,
                                                        absl::string_view query) const {
  std::vector<AccountView> out;
  auto add = [&](AccountId id) -> absl::Status {
    auto view = GetAccount(epoch, id);
    if (view.ok()) out.push_back(*std::move(view));
    return absl::IsNotFound(view.status()) ? absl::OkStatus() : view.status();
  };
  if (ValidateExternalId(query).ok()) {
    auto id = Find(query);
    if (id.ok()) {
      HALQA_RETURN_IF_ERROR(add(*id));
      return out;
    }
    if (id.status().code() != absl::StatusCode::kNotFound) return id.status();
  }
  std::string platform;
  std::string handle(absl::StripPrefix(query, "@"));
  if (auto profile = ParseProfile(query, ""); profile.ok()) {
    platform = profile->platform;
    handle = profile->handle.empty() ? profile->native_id : profile->handle;
  }
  for (AccountId id : search_state()->accounts().WithHandle(handle)) {
    HALQA_RETURN_IF_ERROR(add(id));
    if (!platform.empty() && !out.empty() &&
        PlatformOf(out.back().row.record.external_id) != platform)
      out.pop_back();
  }
  return out;
}

GraphStats Graph::Stats() const {
  const auto epoch = live_->epoch();
  GraphStats stats;
  stats.accounts = epoch->accounts;
  stats.snapshot_follows = epoch->snapshot->arcs();
  stats.delta_edges = epoch->overlay.edges();
  stats.snapshot_bytes = epoch->snapshot->file_bytes();
  for (uint32_t f = 0; f < static_cast<uint32_t>(Family::kFixedFamilies); ++f) {
    stats.family_bytes[std::string(store::FamilyName(static_cast<Family>(f)))] =
        live_->db().SstBytes(static_cast<Family>(f));
  }
  stats.generations = live_->db().Generations();
  stats.name_threshold = settings().name_threshold;
  stats.delta_bytes = epoch->overlay.bytes();
  stats.snapshot_lsn = epoch->snapshot->identity().lsn;
  stats.folded_lsn = live_->folded_lsn();
  stats.durable_lsn = epoch->durable_lsn;
  return stats;
}

}  // namespace halqa::runtime
