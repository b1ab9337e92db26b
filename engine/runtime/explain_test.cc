#include "engine/runtime/explain.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/ingest/bulk_import.h"
#include "engine/projection/arc_origins.h"
#include "engine/runtime/graph.h"

namespace halqa::runtime {
namespace {

constexpr UnixSeconds kNow = 1700000000;
constexpr int kAccounts = 340;

// Follows and interactions of all kinds between random accounts, some without a date; a third
// follows nobody.
class ExplainRankTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = (std::filesystem::temp_directory_path() / absl::StrCat("halqa_explain_", ::getpid()))
               .string();
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override {
    graph_.reset();
    std::filesystem::remove_all(dir_);
  }
  static std::string Id(int i) { return absl::StrCat("instagram:", i); }

  void AddAccount(ingest::BulkImporter& importer, int i) {
    AccountRecord a;
    a.external_id = Id(i);
    a.handle = absl::StrCat("a", i);
    a.is_public = i % 5 != 0;  // the others have a pseudonym
    a.declared_followers = 3000;
    if (i % 3 == 1) a.bio = i % 2 == 0 ? "cuisine marocaine et recettes" : "football et sport";
    ASSERT_TRUE(importer.OnAccount(a).ok());
  }
  void AddEdges(ingest::BulkImporter& importer, const std::set<int>& gone) {
    CounterRng rng(11, 0);
    for (int i = 0; i < 2500; ++i) {
      const int u = static_cast<int>(rng.Below(kAccounts * 2 / 3));
      const int v = static_cast<int>(rng.Uniform() * rng.Uniform() * kAccounts);
      const UnixSeconds time =
          rng.Below(4) == 0 ? 0 : kNow - static_cast<int64_t>(rng.Below(400)) * 86400;
      const auto kind = static_cast<InteractionKind>(1 + rng.Below(kInteractionKinds));
      const auto count = static_cast<uint32_t>(1 + rng.Below(9));
      const bool interacts = rng.Below(3) == 0;
      if (u == v || gone.contains(u) || gone.contains(v)) continue;
      if (interacts) {
        InteractionRecord x;
        x.actor = names_[static_cast<size_t>(u)];
        x.target = names_[static_cast<size_t>(v)];
        x.kind = kind;
        x.count = count;
        x.time = time;
        ASSERT_TRUE(importer.OnInteraction(x).ok());
      } else {
        ASSERT_TRUE(importer.OnFollow({Id(u), Id(v), time, false}).ok());
      }
    }
  }
  void Import(const std::set<int>& gone = {}) {
    graph_.reset();
    std::filesystem::remove_all(dir_);
    for (int i = 0; i < kAccounts; ++i) names_.push_back(Id(i));
    ingest::BulkImporter importer({});
    for (int i = 0; i < kAccounts; ++i) {
      if (!gone.contains(i)) AddAccount(importer, i);
    }
    AddEdges(importer, gone);
    RunContext run(2);
    ASSERT_TRUE(importer.Finish(dir_, run).ok());
    Open();
  }
  void Open() {
    graph_.reset();
    auto graph = Graph::Open(dir_, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = *std::move(graph);
  }
  void Rank(std::map<std::string, std::string> parameters = {}) {
    parameters["evidence_min"] = "2";
    RunContext run(2);
    const auto options = ParseRankingOptions(parameters);
    ASSERT_TRUE(options.ok());
    const auto info = graph_->Rank(
        *options, [](const std::string&) {}, run);
    ASSERT_TRUE(info.ok()) << info.status();
  }
  absl::StatusOr<ExplainAnswer> Explain(const ExplainRequest& request) {
    RunContext run(1);
    return graph_->Explain(*graph_->search_state(), request, run);
  }
  absl::StatusOr<ExplainAnswer> Explain(int i, const std::string& topic = "") {
    ExplainRequest request;
    request.account = *graph_->Find(Id(i));
    request.topic = topic;
    return Explain(request);
  }
  void Follow(int u, int v, UnixSeconds time) {
    ingest::WriteRequestBuilder more;
    ASSERT_TRUE(more.OnFollow({Id(u), Id(v), time, false}).ok());
    ASSERT_TRUE(graph_->live().Write(more.Take()).ok());
  }
  void Fold() {
    RunContext run(1);
    ASSERT_TRUE(graph_->live().Fold(run).ok());
  }
  std::string dir_;
  std::vector<std::string> names_;
  std::unique_ptr<Graph> graph_;
};

double SumOf(const std::vector<ExplainedPart>& parts) {
  double sum = 0;
  for (const ExplainedPart& part : parts) sum += part.value;
  return sum;
}
double SumOf(const std::vector<ExplainedGroup>& groups) {
  double sum = 0;
  for (const ExplainedGroup& group : groups) sum += group.value;
  return sum;
}

TEST_F(ExplainRankTest, PartsAndGroupsOfEveryScoreAddUp) {
  Import();
  Rank();
  const Generation& g = *graph_->search_state()->generation();
  ASSERT_GE(g.topics.size(), 2u);
  std::vector<std::string> lists = {""};
  for (const TopicScores& topic : g.topics) lists.push_back(topic.topic);
  int pairs = 0, stored = 0;
  for (const std::string& list : lists) {
    for (int i = 0; i < kAccounts; ++i, ++pairs) {
      ExplainRequest request;
      request.account = *graph_->Find(Id(i));
      request.topic = list;
      request.contributions_max = 1 + static_cast<uint32_t>(i % 7);
      request.depth = 1 + i % 2;
      const auto a = Explain(request);
      ASSERT_TRUE(a.ok()) << a.status();
      EXPECT_NEAR(SumOf(a->parts), a->score, 1e-12);
      EXPECT_LE(std::fabs(a->parts.back().value), a->residual_max);
      double given = 0;
      for (const ExplainedPart& part : a->parts) {
        if (part.kind == PartKind::kAccount || part.kind == PartKind::kOthers) given += part.value;
        if (part.kind != PartKind::kAccount) continue;
        EXPECT_EQ(part.parts.empty(), request.depth == 1);
        if (request.depth == 2) {
          EXPECT_NEAR(SumOf(part.parts), part.value, 1e-12);
        }
      }
      for (const auto* groups : {&a->niches, &a->kinds, &a->months})
        EXPECT_NEAR(SumOf(*groups), given, 1e-12);
      const double want = list.empty() ? g.columns.page_rank[Raw(request.account)] : a->score;
      EXPECT_EQ(a->score, want);
      stored += a->stored ? 1 : 0;
    }
  }
  EXPECT_GE(pairs, 1000);
  EXPECT_GE(stored, 700);
}

// The ranks and the account above, counted over the stored scores by hand.
TEST_F(ExplainRankTest, PlacesAreThoseOfTheStoredScores) {
  Import();
  Rank();
  const auto state = graph_->search_state();
  const auto& scores = state->generation()->columns.page_rank;
  for (int i = 0; i < kAccounts; i += 7) {
    const auto a = Explain(i);
    ASSERT_TRUE(a.ok()) << a.status();
    const AccountId id = *graph_->Find(Id(i));
    uint32_t rank = 1;
    double above = 2;
    for (uint32_t u = 0; u < scores.size(); ++u) {
      if (!state->accounts().Listed(AccountId{u}) || scores[u] <= scores[Raw(id)] * (1 + 1e-9))
        continue;
      ++rank;
      above = std::min(above, scores[u]);
    }
    EXPECT_EQ(a->rank, state->accounts().Listed(id) ? rank : 0u);
    EXPECT_EQ(a->competitor.has_value(), a->rank > 1);
    if (!a->competitor) continue;
    EXPECT_EQ(a->competitor->score, above);
    const auto& d = a->competitor->difference;
    EXPECT_NEAR(d.restart + d.dangling + d.residual + d.only_mine + d.only_theirs + d.both,
                above - a->score, 1e-14);
  }
}

// One source, one target, one edge of each kind: the groups are what is known of it.
TEST_F(ExplainRankTest, GroupsTellKindsAndMonths) {
  GraphOptions options;
  options.create_if_missing = true;
  graph_ = *Graph::Open(dir_, options);
  ingest::WriteRequestBuilder more;
  const UnixSeconds may = 1715000000, april = may - 30 * 86400;  // 2024
  ASSERT_TRUE(more.OnFollow({Id(1), Id(0), april, false}).ok());
  const std::string actor = Id(1), target = Id(0);
  InteractionRecord x;
  x.actor = actor;
  x.target = target;
  x.kind = InteractionKind::kComment;  // weighs 3
  x.time = may;
  ASSERT_TRUE(more.OnInteraction(x).ok());
  x.kind = InteractionKind::kLike;  // weighs 1
  x.time = 0;
  ASSERT_TRUE(more.OnInteraction(x).ok());
  ASSERT_TRUE(graph_->live().Write(more.Take()).ok());
  Rank();
  const auto a = Explain(0);
  ASSERT_TRUE(a.ok()) << a.status();
  ASSERT_EQ(a->kinds.size(), 3u);
  const double given = SumOf(a->kinds);
  EXPECT_EQ(a->kinds[0].key, "comment");
  EXPECT_NEAR(a->kinds[0].value, given * 3 / 5, 1e-3 * given);  // its hour may be one old
  EXPECT_NEAR(a->kinds[1].value, given / 5, 1e-3 * given);
  ASSERT_EQ(a->months.size(), 3u);
  EXPECT_EQ(a->months[0].key, "2024-04");
  EXPECT_EQ(a->months[1].key, "2024-05");
  EXPECT_EQ(a->months[2].key, "unknown");
  EXPECT_NEAR(a->months[1].value, given * 3 / 5, 1e-3 * given);
}

// What the origins of an arc add up to is the weight that the projection gave it, cut or not.
TEST_F(ExplainRankTest, OriginsAddUpToTheWeightsOfTheProjection) {
  Import();
  Rank({{"interaction_cap", "4"}, {"half_life_days", "100"}});
  RunContext run(1);
  const auto context =
      ExplainContext::Build(graph_->live(), graph_->search_state()->shared_generation(), run);
  ASSERT_TRUE(context.ok()) << context.status();
  const ExplainContext& c = **context;
  const CsrView view = c.view();
  uint64_t arcs = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    std::map<AccountId, double> want, got;
    std::vector<AccountId> sources;
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a)
      want[c.AccountOf(view.in_sources[a])] = static_cast<double>(view.in_weights[a]);
    for (const auto& [source, weight] : want) sources.push_back(source);
    const auto origins =
        projection::ArcOrigins(c.db(), c.read_view(), c.options().projection,
                               {c.AccountOf(v), sources, c.projection().as_of}, run);
    ASSERT_TRUE(origins.ok()) << origins.status();
    for (const auto& o : *origins) got[o.source] += o.weight;
    ASSERT_EQ(got.size(), want.size());
    for (const auto& [source, weight] : want) EXPECT_NEAR(got[source], weight, 1e-6 * weight);
    arcs += want.size();
  }
  EXPECT_EQ(arcs, view.arcs());
}

// Against a graph that was imported and ranked without them.
TEST_F(ExplainRankTest, WithoutAccountsEqualsARankingThatNeverHadThem) {
  Import();
  Rank();
  const std::set<int> gone = {0, 2, 3, 30, 31, 77};
  std::map<int, ExplainAnswer> told;
  for (int i = 1; i < kAccounts; i += 11) {
    if (gone.contains(i)) continue;
    ExplainRequest request;
    request.account = *graph_->Find(Id(i));
    for (const int out : gone) request.without_accounts.push_back(*graph_->Find(Id(out)));
    const auto a = Explain(request);
    ASSERT_TRUE(a.ok()) << a.status();
    EXPECT_EQ(a->without->accounts, gone.size());
    told[i] = *a;
  }
  Import(gone);
  Rank({{"tolerance", "1e-12"}});
  for (const auto& [i, before] : told) {
    const auto a = Explain(i);
    ASSERT_TRUE(a.ok()) << a.status();
    EXPECT_NEAR(before.without->score_after, a->score, 1e-11);
    EXPECT_EQ(before.without->rank_after, a->rank);
  }
}

TEST_F(ExplainRankTest, WithoutANicheTheAccountItselfStays) {
  Import();
  Rank();
  const Generation& g = *graph_->search_state()->generation();
  ExplainRequest request;
  request.account = *graph_->Find(Id(1));
  request.topic = g.topics[0].topic;
  request.without_niche = g.columns.niche[Raw(request.account)];
  const auto a = Explain(request);
  ASSERT_TRUE(a.ok()) << a.status();
  EXPECT_EQ(a->without->accounts, g.FindNiche(*request.without_niche)->size - 1);
  EXPECT_LT(a->without->error_bound, 1e-9);
}

TEST_F(ExplainRankTest, TheRankedStateIsExplainedOrNothing) {
  Import();
  Rank();
  const auto before = *Explain(4);
  Follow(200, 4, kNow + 86400);  // not folded: the store is as it was
  Open();
  const auto still = Explain(4);
  ASSERT_TRUE(still.ok()) << still.status();
  EXPECT_EQ(SumOf(still->kinds), SumOf(before.kinds));
  // Folded, but later than everything that was ranked: the state as of then is the ranked one.
  Fold();
  Open();
  const auto as_of = Explain(4);
  ASSERT_TRUE(as_of.ok()) << as_of.status();
  EXPECT_EQ(as_of->parts.size(), before.parts.size());
  // Dated before: it cannot be told from what was ranked.
  Follow(339, 4, kNow - 400 * 86400);
  Fold();
  Open();
  const auto gone = Explain(4);
  EXPECT_EQ(ErrorReason(gone.status()), "RANKED_STATE_GONE");
  EXPECT_EQ(gone.status().code(), absl::StatusCode::kFailedPrecondition);
  Rank();
  EXPECT_TRUE(Explain(4).ok());
}

// A generation whose bytes are whole but whose scores are not those of the graph.
TEST_F(ExplainRankTest, ScoresThatTheGraphDoesNotGiveAreRefused) {
  Import();
  Rank();
  auto changed = std::make_shared<Generation>(*graph_->search_state()->generation());
  changed->columns.page_rank[7] *= 1 + 1e-5;
  RunContext run(1);
  EXPECT_EQ(ErrorReason(ExplainContext::Build(graph_->live(), changed, run).status()),
            "RANKED_STATE_GONE");
  changed = std::make_shared<Generation>(*graph_->search_state()->generation());
  changed->topics[0].entries[0].value += 1e-8;
  const auto context = ExplainContext::Build(graph_->live(), changed, run);
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_EQ(ErrorReason((*context)->Topic(changed->topics[0].topic, run).status()),
            "RANKED_STATE_GONE");
  changed->columns.weighted_in_degree[3] += 1;
  EXPECT_EQ(ErrorReason(ExplainContext::Build(graph_->live(), changed, run).status()),
            "RANKED_STATE_GONE");
  changed->columns.weighted_in_degree[3] -= 1;
  changed->info.timeline += 1;
  EXPECT_EQ(ErrorReason(ExplainContext::Build(graph_->live(), changed, run).status()),
            "RANKED_STATE_GONE");
}

TEST_F(ExplainRankTest, WrongRequestsAreNamed) {
  Import();
  EXPECT_EQ(ErrorReason(Explain(1).status()), "NO_GENERATION");
  Rank();
  EXPECT_EQ(ErrorReason(Explain(1, "nosuch").status()), "UNKNOWN_TOPIC");
  ExplainRequest request;
  request.account = *graph_->Find(Id(1));
  request.depth = 3;
  EXPECT_EQ(ErrorDetails(Explain(request).status())["field"], "depth");
  request.depth = 1;
  request.contributions_max = 0;
  EXPECT_EQ(ErrorDetails(Explain(request).status())["field"], "contributions_max");
  request.contributions_max = 5;
  request.without_accounts = {request.account};
  EXPECT_EQ(ErrorReason(Explain(request).status()), "WITHOUT_ITSELF");
  request.without_accounts = {};
  request.without_niche = 999999;
  EXPECT_EQ(ErrorReason(Explain(request).status()), "NICHE_NOT_FOUND");
  Follow(9000, 1, kNow);
  EXPECT_EQ(ErrorReason(Explain(9000).status()), "ACCOUNT_NOT_RANKED");
  RunContext run(1);
  run.set_memory_bytes_max(1000);
  request.without_niche.reset();
  EXPECT_EQ(ErrorReason(graph_->Explain(*graph_->search_state(), request, run).status()),
            "MEMORY_LIMIT");
}

TEST_F(ExplainRankTest, CancelledAtEveryCheckpointTheNextOneAnswers) {
  Import();
  Rank();
  ExplainRequest request;
  request.account = *graph_->Find(Id(1));
  request.topic = graph_->search_state()->generation()->topics[0].topic;
  request.without_accounts = {*graph_->Find(Id(2))};
  RunContext whole(1);
  auto want = graph_->Explain(*graph_->search_state(), request, whole);
  ASSERT_TRUE(want.ok());
  want->generation.reset();
  for (uint64_t k = 1; k <= whole.checkpoints(); k += 1 + k / 8) {
    Open();
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    const auto stopped = graph_->Explain(*graph_->search_state(), request, run);
    EXPECT_TRUE(absl::IsCancelled(stopped.status())) << k;
    const auto a = Explain(request);
    ASSERT_TRUE(a.ok()) << a.status();
    EXPECT_EQ(a->score, want->score);
    EXPECT_EQ(a->without->score_after, want->without->score_after);
  }
}

}  // namespace
}  // namespace halqa::runtime
