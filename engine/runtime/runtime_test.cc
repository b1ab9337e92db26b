#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/ingest/bulk_import.h"
#include "engine/runtime/graph.h"

namespace halqa::runtime {
namespace {

constexpr UnixSeconds kNow = 1700000000;

// Two circles of 40 accounts, cooks and footballers; in each, account 0 is followed by nearly all
// of its circle.
class RuntimeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ =
        (std::filesystem::temp_directory_path() / ("halqa_runtime_" + std::to_string(::getpid())))
            .string();
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override {
    graph_.reset();
    std::filesystem::remove_all(dir_);
  }
  static std::string Id(int circle, int i) { return absl::StrCat("instagram:", circle, "_", i); }

  void Import() {
    ingest::BulkImportOptions options;
    options.settings.invented = true;
    ingest::BulkImporter importer(options);
    CounterRng rng(3, 0);
    for (int c = 0; c < 2; ++c) {
      for (int i = 0; i < 40; ++i) {
        AccountRecord a;
        a.external_id = Id(c, i);
        a.handle = absl::StrCat(c == 0 ? "cook" : "foot", i);
        a.is_public = true;
        a.declared_followers = 3000;
        if (i % 2 == 1) a.bio = c == 0 ? "cuisine marocaine et recettes" : "football et sport";
        ASSERT_TRUE(importer.OnAccount(a).ok());
      }
      for (int i = 1; i < 40; ++i) {
        const std::string me = Id(c, i), leader = Id(c, 0), other = Id(c, 1 + (i % 39)),
                          far = Id(1 - c, static_cast<int>(rng.Below(40)));
        ASSERT_TRUE(importer.OnFollow({me, leader, kNow - i * 86400, false}).ok());
        if (other != me) {
          ASSERT_TRUE(importer.OnFollow({me, other, kNow - i * 86400, false}).ok());
        }
        if (i % 7 == 0) {
          ASSERT_TRUE(importer.OnFollow({me, far, 0, false}).ok());
        }
        InteractionRecord x;
        x.actor = me;
        x.target = leader;
        x.kind = InteractionKind::kComment;
        x.time = kNow - i * 3600;
        if (i % 3 == 0) {
          ASSERT_TRUE(importer.OnInteraction(x).ok());
        }
      }
    }
    RunContext run(2);
    auto report = importer.Finish(dir_, run);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->named_accounts, 80u);
  }
  void Open() {
    graph_.reset();
    auto graph = Graph::Open(dir_, {});
    ASSERT_TRUE(graph.ok()) << graph.status();
    graph_ = std::move(*graph);
  }
  absl::StatusOr<store::GenerationInfo> Rank(
      const std::map<std::string, std::string>& parameters = {}) {
    auto options = ParseRankingOptions(parameters);
    if (!options.ok()) return options.status();
    RunContext run(2);
    return graph_->Rank(
        *options, [](const std::string&) {}, run);
  }
  absl::StatusOr<discovery::SearchAnswer> Search(const std::string& query, int page_size = 10,
                                                 std::map<std::string, double> weights = {}) {
    discovery::SearchRequest request;
    request.weights = std::move(weights);
    request.query = query;
    request.page_size = page_size;
    RunContext run(1);
    return graph_->search_state()->Search(request, *graph_->live().epoch(), run);
  }
  std::string dir_;
  std::unique_ptr<Graph> graph_;
};

TEST_F(RuntimeTest, LeaderOfTheCircleHasMostAuthorityThoughItsBioIsSilent) {
  Import();
  Open();
  auto info = Rank({{"evidence_min", "2"}});
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->generation, 1u);
  EXPECT_LE(info->figures["page_rank_l1_error_bound"], 1e-6);
  for (const auto& [query, leader] : {std::pair<std::string, std::string>{"شهيوات", "cook0"},
                                      {"cuisine", "cook0"},
                                      {"football", "foot0"}}) {
    auto answer = Search(query, 10, {{"topic_authority", 1}});
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_FALSE(answer->hits.empty());
    auto top = graph_->GetAccount(*graph_->live().epoch(), answer->hits[0].account);
    ASSERT_TRUE(top.ok());
    EXPECT_EQ(top->row.record.handle, leader) << query;
    for (const auto& hit : answer->hits) {
      double sum = answer->baseline;
      for (const auto& signal : hit.signals) sum += signal.contribution;
      EXPECT_NEAR(sum, std::log(hit.score), 1e-12);
    }
  }
}

TEST_F(RuntimeTest, TheSameAnswersAfterReopenAndAtAnyThreads) {
  Import();
  Open();
  ASSERT_TRUE(Rank({{"evidence_min", "2"}}).ok());
  auto before = Search("cuisine", 40);
  ASSERT_TRUE(before.ok());
  Open();
  auto after = Search("cuisine", 40);
  ASSERT_TRUE(after.ok());
  ASSERT_EQ(before->hits.size(), after->hits.size());
  for (size_t i = 0; i < before->hits.size(); ++i) {
    EXPECT_EQ(before->hits[i].account, after->hits[i].account);
    EXPECT_EQ(before->hits[i].score, after->hits[i].score);
  }
  const auto& one = graph_->search_state()->generation()->columns;
  ASSERT_TRUE(Rank({{"evidence_min", "2"}}).ok());
  const auto& two = graph_->search_state()->generation()->columns;
  EXPECT_EQ(one.page_rank, two.page_rank);
  EXPECT_EQ(one.niche, two.niche);
}

TEST_F(RuntimeTest, BadParametersAreNamed) {
  Import();
  Open();
  EXPECT_EQ(ErrorReason(Rank({{"dampling", "0.5"}}).status()), "UNKNOWN_PARAMETER");
  EXPECT_EQ(ErrorReason(Rank({{"damping", "2"}}).status()), "PARAMETER_OUT_OF_RANGE");
  EXPECT_EQ(ErrorReason(Rank({{"damping", "x"}}).status()), "PARAMETER_NOT_A_NUMBER");
  auto job = graph_->StartRanking({}, 10);
  EXPECT_EQ(ErrorReason(job.status()), "MEMORY_LIMIT");
}

// Killed after each stage in turn, the next try goes on there and finds the same, bit for bit.
TEST_F(RuntimeTest, ARankingGoesOnAfterItsLastFinishedStage) {
  Import();
  Open();
  const auto options = *ParseRankingOptions({{"evidence_min", "2"}});
  ASSERT_TRUE(Rank({{"evidence_min", "2"}}).ok());
  const auto want = *LoadCurrentGeneration(graph_->live().db());
  const std::string part = dir_ + "/ranking.part";
  EXPECT_FALSE(std::filesystem::exists(part));
  // Runs until the stage of that name begins; returns the stages that were not done before.
  auto run_until = [&](const std::string& last) {
    auto token = std::make_shared<CancelToken>();
    RunContext run(1);
    run.set_cancel(token);
    std::vector<std::string> worked;
    auto stage = [&](const std::string& name) {
      if (name.find("done before") == std::string::npos) worked.push_back(name);
      if (name == last) token->Cancel();
    };
    EXPECT_EQ(graph_->Rank(options, stage, run).ok(), last.empty());
    return worked;
  };
  run_until("topics");
  EXPECT_TRUE(std::filesystem::exists(part));
  Open();  // as after a kill
  EXPECT_EQ(run_until("publish"),
            (std::vector<std::string>{"fold", "projection", "topics", "niches", "publish"}));
  EXPECT_EQ(run_until(""),
            (std::vector<std::string>{"fold", "projection", "publish", "refresh search"}));
  EXPECT_FALSE(std::filesystem::exists(part));
  const auto got = *LoadCurrentGeneration(graph_->live().db());
  EXPECT_EQ(got->info.generation, want->info.generation + 1);
  EXPECT_EQ(got->columns.page_rank, want->columns.page_rank);
  EXPECT_EQ(got->columns.niche, want->columns.niche);
  auto figures = [](const Generation& g) {  // but for what is told of the generation before
    auto all = g.info.figures;
    for (const char* name : {"niches_born", "niches_continued"}) all.erase(name);
    return all;
  };
  EXPECT_EQ(figures(*got), figures(*want));
  ASSERT_EQ(got->topics.size(), want->topics.size());
  for (size_t t = 0; t < got->topics.size(); ++t)
    EXPECT_EQ(got->topics[t].leaders, want->topics[t].leaders);
  // A damaged part, and one of other data, are no part.
  run_until("topics");
  std::filesystem::resize_file(part, std::filesystem::file_size(part) - 9);
  EXPECT_EQ(run_until("publish").size(), 8u);
  ingest::WriteRequestBuilder more;
  ASSERT_TRUE(more.OnFollow({Id(0, 3), Id(1, 3), kNow, false}).ok());
  ASSERT_TRUE(graph_->live().Write(more.Take()).ok());
  EXPECT_EQ(run_until("").size(), 9u);
}

// A niche is the same niche tomorrow: the same id where the accounts are about the same, whatever
// the sizes do; an id that has ended is never given again.
TEST_F(RuntimeTest, NichesKeepTheirIds) {
  Import();
  Open();
  auto niche_of = [&](int circle, int i) {
    const auto id = graph_->Find(Id(circle, i));
    EXPECT_TRUE(id.ok());
    return (*LoadCurrentGeneration(graph_->live().db()))->columns.niche[Raw(*id)];
  };
  ASSERT_TRUE(Rank({{"evidence_min", "2"}}).ok());
  const uint32_t cooks = niche_of(0, 1), players = niche_of(1, 1);
  ASSERT_NE(cooks, players);
  // The smaller circle becomes the larger one: numbers by size would change places.
  const int growing = cooks < players ? 1 : 0;
  ingest::WriteRequestBuilder more;
  for (int i = 0; i < 30; ++i) {
    const std::string fan = absl::StrCat("instagram:fan", i);
    ASSERT_TRUE(more.OnFollow({fan, Id(growing, 0), kNow, false}).ok());
    ASSERT_TRUE(more.OnFollow({fan, Id(growing, 1 + i), kNow, false}).ok());
  }
  ASSERT_TRUE(graph_->live().Write(more.Take()).ok());
  const auto info = Rank({{"evidence_min", "2"}});
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(niche_of(0, 1), cooks);
  EXPECT_EQ(niche_of(1, 1), players);
  EXPECT_GE(info->figures.at("niches_continued"), 2);
  const auto generation = *LoadCurrentGeneration(graph_->live().db());
  for (const store::NicheRow& niche : generation->niches) {
    EXPECT_LT(niche.id, info->figures.at("next_niche_id"));
    EXPECT_EQ(
        generation->FindNiche(niche.id)->size,
        std::count(generation->columns.niche.begin(), generation->columns.niche.end(), niche.id));
  }
}

TEST_F(RuntimeTest, AGraphThatShrankIsNotPublished) {
  Import();
  Open();
  ASSERT_TRUE(Rank({{"evidence_min", "2"}}).ok());
  ingest::WriteRequestBuilder gone;
  for (int c = 0; c < 2; ++c) {
    for (int i = 1; i < 40; ++i) {
      ASSERT_TRUE(gone.OnFollow({Id(c, i), Id(c, 0), kNow + 1, true}).ok());
    }
  }
  ASSERT_TRUE(graph_->live().Write(gone.Take()).ok());
  const auto refused = Rank({{"evidence_min", "2"}, {"shrink_max", "0.2"}});
  EXPECT_EQ(ErrorReason(refused.status()), "GRAPH_SHRANK");
  EXPECT_EQ(graph_->search_state()->generation()->info.generation, 1u);
  EXPECT_TRUE(Rank({{"evidence_min", "2"}, {"shrink_max", "0.9"}}).ok());
}

TEST_F(RuntimeTest, CancelAtEveryCheckpointPublishesNothing) {
  Import();
  Open();
  auto options = ParseRankingOptions({{"evidence_min", "2"}});
  RunContext whole(1);
  ASSERT_TRUE(graph_
                  ->Rank(
                      *options, [](const std::string&) {}, whole)
                  .ok());
  int cancelled = 0;
  for (double at = 0.02; at < 0.9; at += 0.07) {
    auto token = std::make_shared<CancelToken>();
    RunContext run(1);
    run.set_cancel(token);
    run.set_progress([&](double f) {
      if (f >= at) token->Cancel();
    });
    auto s = graph_
                 ->Rank(
                     *options, [](const std::string&) {}, run)
                 .status();
    if (s.code() == absl::StatusCode::kCancelled) ++cancelled;
    if (!s.ok()) {
      EXPECT_EQ(graph_->search_state()->generation()->info.generation, 1u);
    }
    if (s.ok()) break;
  }
  EXPECT_GE(cancelled, 8);
}

TEST_F(RuntimeTest, JobsRunAndTheirStateSurvives) {
  Import();
  Open();
  auto job = graph_->StartRanking({{"evidence_min", "2"}}, 0);
  ASSERT_TRUE(job.ok()) << job.status();
  auto done = graph_->jobs().Wait(job->id, absl::Now() + absl::Seconds(30), [] { return false; });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->state, "SUCCEEDED") << done->error_message;
  EXPECT_EQ(done->generation, 1u);
  Open();
  auto kept = graph_->jobs().Get(job->id);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->state, "SUCCEEDED");
  EXPECT_EQ(ErrorReason(graph_->jobs().Get(99).status()), "JOB_NOT_FOUND");
}

TEST_F(RuntimeTest, ProfilesWithoutEdgesAreSearchableWithUnknownGraphSignals) {
  GraphOptions options;
  options.create_if_missing = true;
  auto graph = Graph::Open(dir_, options);
  ASSERT_TRUE(graph.ok());
  graph_ = std::move(*graph);
  ingest::WriteRequestBuilder builder;
  AccountRecord a;
  a.external_id = "instagram:solo";
  a.handle = "solo";
  a.is_public = true;
  a.declared_followers = 7000;
  a.bio = "recettes de cuisine";
  ASSERT_TRUE(builder.OnAccount(a).ok());
  ASSERT_TRUE(graph_->live().Write(builder.Take()).ok());
  RunContext run(1);
  ASSERT_TRUE(graph_->RefreshSearch(run).ok());
  auto answer = Search("cuisine");
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->hits.size(), 1u);
  const auto& authority =
      answer->hits[0].signals[static_cast<int>(discovery::Signal::kTopicAuthority)];
  EXPECT_FALSE(authority.known());
  EXPECT_EQ(authority.contribution, 0);
  EXPECT_FALSE(answer->hits[0].reach.expected.has_value());
}

}  // namespace
}  // namespace halqa::runtime
