#include "engine/runtime/explain_context.h"

#include <malloc.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/algo/centrality/degree.h"
#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/text_source.h"
#include "engine/runtime/topic_vectors.h"

namespace halqa::runtime {
namespace {

constexpr double kRounding = 1e-13;  // of a sum over all accounts
constexpr double kSameEntry = 1e-9;  // between a stored entry and the one that is made anew
constexpr auto kIdle = std::chrono::seconds(60);
constexpr auto kWait = std::chrono::milliseconds(20);

absl::Status Gone(const Generation& g, absl::string_view what, const std::string& was,
                  const std::string& is) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "RANKED_STATE_GONE",
      absl::StrCat("generation ", g.info.generation, " was ranked on another ", what, " (", was,
                   ", now ", is, "): the data changed since; rank again, then explain"),
      {{"what", std::string(what)},
       {"generation", absl::StrCat(g.info.generation)},
       {"ranked", was},
       {"now", is}});
}

// Holds the lock, or the error of a run that was stopped while it waited.
absl::StatusOr<std::unique_lock<std::timed_mutex>> LockFor(std::timed_mutex& mutex,
                                                           RunContext& run) {
  std::unique_lock<std::timed_mutex> lock(mutex, std::defer_lock);
  while (!lock.try_lock_for(kWait)) HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  return lock;
}

double ErrorBound(const Generation& g) {
  const auto it = g.info.figures.find("page_rank_l1_error_bound");
  return it == g.info.figures.end() ? 0 : it->second;
}

}  // namespace

uint64_t EstimateExplain(uint64_t accounts, uint64_t arcs) {
  const uint64_t graph = 16 * arcs + 24 * accounts;
  // Names of vertices, what the equations are made of, the vectors of a sweep, those of a question.
  const uint64_t vectors = accounts * (4 + 4 + 8 + 8 + 8 * kTopicsPerSweep + 3 * 8);
  const uint64_t sweep = accounts * 8 * (1 + 3 * kTopicsPerSweep);
  const uint64_t without = graph + accounts * 96;
  return WithSmallThings(
      ResidentBytes(accounts) + vectors +
      std::max(projection::EstimateProjection(accounts, arcs), graph + std::max(sweep, without)));
}

std::vector<double> TopicVector::Teleport() const {
  std::vector<double> out(scores.size());
  double sum = 0;
  for (const TeleportEntry& seed : seeds) sum += seed.weight;
  for (const TeleportEntry& seed : seeds) out[seed.vertex] += seed.weight / sum;
  return out;
}

absl::Status ExplainContext::Project(const ingest::LiveGraph& graph, RunContext& run) {
  const store::GenerationInfo& info = generation_->info;
  const SnapshotIdentity& id = graph.epoch()->snapshot->identity();
  if (id.timeline_id != info.timeline) {
    return Gone(*generation_, "history", absl::StrCat(info.timeline), absl::StrCat(id.timeline_id));
  }
  // No fold may come between its marker and the view.
  Lsn folded = 0;
  do {
    folded = graph.folded_lsn();
    read_view_ = db_->NewView();
  } while (folded != graph.folded_lsn());
  const bool moved_on = folded != info.lsn;
  if (moved_on && options_.projection.as_of == 0) {
    if (info.data_as_of == 0) {
      return Gone(*generation_, "change record", absl::StrCat(info.lsn), absl::StrCat(folded));
    }
    options_.projection.as_of = info.data_as_of;
  }
  auto projected =
      projection::BuildProjection(*db_, read_view_.get(), info.accounts, options_.projection, run);
  // Then a late event names an account that came after the ranking.
  if (moved_on && ErrorReason(projected.status()) == "EDGE_LIST_CORRUPT") {
    return Gone(*generation_, "change record", absl::StrCat(info.lsn), absl::StrCat(folded));
  }
  HALQA_RETURN_IF_ERROR(projected.status());
  projection_ = *std::move(projected);
  return absl::OkStatus();
}

absl::Status ExplainContext::CheckState(RunContext& run) {
  const store::GenerationInfo& info = generation_->info;
  const std::pair<const char*, std::pair<uint64_t, uint64_t>> counts[] = {
      {"number of follows", {info.follows, projection_.follows}},
      {"number of arcs", {info.arcs, view().arcs()}},
      {"date", {static_cast<uint64_t>(info.data_as_of), static_cast<uint64_t>(projection_.as_of)}}};
  for (const auto& [what, both] : counts) {
    if (both.first == both.second) continue;
    return Gone(*generation_, what, absl::StrCat(both.first), absl::StrCat(both.second));
  }
  RunContext first = run.Part(0, 0.3);
  HALQA_RETURN_IF_ERROR(CheckAccounts(first));
  RunContext rest = run.Part(0.3, 1);
  HALQA_ASSIGN_OR_RETURN(const double norm, discovery::ResidualNorm(Equation(nullptr, {}), rest));
  const double allowed = ResidualMax(nullptr);
  if (norm <= allowed) return absl::OkStatus();
  return Gone(*generation_, "graph: the residual of its scores is too large",
              absl::StrCat("at most ", allowed), absl::StrCat(norm));
}

// The scores alone say little where the ranking asked for little precision.
absl::Status ExplainContext::CheckAccounts(RunContext& run) const {
  HALQA_ASSIGN_OR_RETURN(const DegreeResult weight, Degree(view(), {DegreeKind::kIn, true}, run));
  const GenerationColumns& c = generation_->columns;
  for (VertexIndex v = 0; v < view().vertices; ++v) {
    const uint32_t i = Raw(AccountOf(v));
    if (c.followers[i] == projection_.followers[v] &&
        c.engaged_followers[i] == projection_.engaged_followers[v] &&
        c.weighted_in_degree[i] == weight.values[v]) {
      continue;
    }
    return Gone(*generation_, absl::StrCat("weight of account ", i),
                absl::StrCat(c.weighted_in_degree[i]), absl::StrCat(weight.values[v]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ExplainContext>> ExplainContext::Build(
    const ingest::LiveGraph& graph, std::shared_ptr<const Generation> generation, RunContext& run) {
  std::shared_ptr<ExplainContext> context(new ExplainContext());
  context->generation_ = std::move(generation);
  context->db_ = &graph.db();
  const store::GenerationInfo& info = context->generation_->info;
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateExplain(info.accounts, info.arcs)));
  HALQA_ASSIGN_OR_RETURN(context->options_, ParseRankingOptions(info.parameters));
  RunContext first = run.Part(0, 0.8);
  HALQA_RETURN_IF_ERROR(context->Project(graph, first));
  context->account_to_vertex_ = AccountToVertex(context->projection_.vertex_to_account);
  context->page_rank_.resize(info.accounts);
  for (uint32_t v = 0; v < info.accounts; ++v)
    context->page_rank_[v] =
        context->generation_->columns.page_rank[Raw(context->projection_.vertex_to_account[v])];
  context->out_weights_ = discovery::OutWeights(context->view());
  context->dangling_mass_ = discovery::DanglingMass(context->page_rank_, context->out_weights_);
  RunContext rest = run.Part(0.8, 1);
  HALQA_RETURN_IF_ERROR(context->CheckState(rest));
  return std::shared_ptr<const ExplainContext>(std::move(context));
}

discovery::ScoreEquation ExplainContext::Equation(const TopicVector* topic,
                                                  absl::Span<const double> teleport) const {
  discovery::ScoreEquation equation;
  equation.graph = view();
  equation.damping = options_.damping;
  equation.scores = page_rank_;
  equation.out_weights = out_weights_;
  equation.dangling_mass = dangling_mass_;
  if (topic == nullptr) return equation;
  equation.scores = topic->scores;
  equation.teleport = teleport;
  equation.dangling_mass = 0;
  return equation;
}

double ExplainContext::ResidualMax(const TopicVector* topic) const {
  const double error = topic == nullptr ? ErrorBound(*generation_) : topic->l1_error_bound;
  return (1 + options_.damping) * error + kRounding;
}

absl::StatusOr<std::shared_ptr<const TopicVector>> ExplainContext::Topic(absl::string_view topic,
                                                                         RunContext& run) const {
  if (generation_->FindTopic(topic) == nullptr) {
    return FieldError(
        "UNKNOWN_TOPIC", "topic",
        absl::StrCat("generation ", generation_->info.generation, " has no vector of \"", topic,
                     "\"; it has ", absl::StrJoin(generation_->info.topics, ", ")));
  }
  HALQA_ASSIGN_OR_RETURN(const auto lock, LockFor(topic_mutex_, run));
  auto find = [&] {
    return std::find_if(sweep_.begin(), sweep_.end(),
                        [&](const auto& t) { return t->topic == topic; });
  };
  if (find() == sweep_.end()) {
    sweep_.clear();  // two would not be in the estimate
    HALQA_ASSIGN_OR_RETURN(sweep_, MakeSweep(topic, run));
  }
  const std::shared_ptr<const TopicVector> found = *find();
  HALQA_RETURN_IF_ERROR(CheckTopic(*found));
  return found;
}

absl::StatusOr<std::vector<std::shared_ptr<const TopicVector>>> ExplainContext::MakeSweep(
    absl::string_view topic, RunContext& run) const {
  HALQA_ASSIGN_OR_RETURN(auto postings, StorePostings::Open(*db_, read_view_));
  const std::vector<std::string>& names = generation_->info.topics;
  const auto place =
      static_cast<size_t>(std::find(names.begin(), names.end(), topic) - names.begin());
  const size_t first = place / kTopicsPerSweep * kTopicsPerSweep;
  std::vector<TopicSeeds> seeds;
  for (size_t t = first; t < std::min(names.size(), first + kTopicsPerSweep); ++t) {
    HALQA_ASSIGN_OR_RETURN(auto evidence, index::ReadTopicEvidence(names[t], *postings));
    if (evidence.empty()) return Gone(*generation_, "evidence of topics", names[t], "none");
    seeds.push_back({names[t], std::move(evidence)});
  }
  const TopicPageRankOptions options = TopicVectorOptions(options_, seeds, account_to_vertex_);
  HALQA_ASSIGN_OR_RETURN(TopicPageRankResult result, TopicPageRank(view(), options, run));
  std::vector<std::shared_ptr<const TopicVector>> out;
  for (size_t t = 0; t < seeds.size(); ++t) {
    auto one = std::make_shared<TopicVector>();
    one->topic = seeds[t].topic;
    one->stored = generation_->FindTopic(one->topic);
    one->scores = std::move(result.vectors[t]);
    one->l1_error_bound = result.l1_error_bounds[t];
    one->seeds = options.topics[t];
    out.push_back(std::move(one));
  }
  return out;
}

absl::Status ExplainContext::CheckTopic(const TopicVector& topic) const {
  if (topic.stored->evidence_accounts != topic.seeds.size()) {
    return Gone(*generation_, absl::StrCat("number of accounts that name ", topic.topic),
                absl::StrCat(topic.stored->evidence_accounts), absl::StrCat(topic.seeds.size()));
  }
  for (const discovery::TopicEntry& entry : topic.stored->entries) {
    const double made = topic.scores[VertexOf(entry.account)];
    if (std::fabs(made - entry.value) <= kSameEntry) continue;
    return Gone(*generation_, absl::StrCat("evidence of ", topic.topic), absl::StrCat(entry.value),
                absl::StrCat(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ExplainContext>> ExplainCache::Get(
    const ingest::LiveGraph& graph, const std::shared_ptr<const Generation>& generation,
    RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const auto lock, LockFor(mutex_, run));
  if (context_ == nullptr || &context_->generation() != generation.get()) {
    context_.reset();
    HALQA_ASSIGN_OR_RETURN(context_, ExplainContext::Build(graph, generation, run));
  }
  used_ = std::chrono::steady_clock::now();
  return context_;
}

void ExplainCache::Release(const Generation* current) {
  std::unique_lock<std::timed_mutex> lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || context_ == nullptr) return;  // somebody is asking
  const bool idle = used_ + kIdle < std::chrono::steady_clock::now();
  if (!idle && &context_->generation() == current) return;
  context_.reset();
  ::malloc_trim(0);  // else the heap keeps what the graph has filled
}

}  // namespace halqa::runtime
