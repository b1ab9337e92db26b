#include "engine/algo/centrality/topic_page_rank.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;

double L1(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
  return sum;
}

TopicPageRankOptions RandomTopics(const CsrView& view, uint64_t seed, uint64_t topics) {
  CounterRng rng(seed, 2);
  TopicPageRankOptions options;
  options.tolerance = 1e-13;
  options.iterations = 1000;
  options.topics.resize(topics);
  for (auto& topic : options.topics) {
    for (uint64_t i = 0; i <= rng.Below(4); ++i) {
      topic.push_back({static_cast<VertexIndex>(rng.Below(view.vertices)), 0.1 + rng.Uniform()});
    }
  }
  return options;
}

TEST(TopicPageRank, NormalisedColumnsArePersonalisedPageRanks) {
  for (uint64_t seed = 0; seed < 120; ++seed) {
    const Csr graph = MakeSmallGraph(seed).Build();
    const CsrView view = graph.View();
    RunContext run(2);
    const TopicPageRankOptions options = RandomTopics(view, seed, 1 + seed % 19);
    const auto got = TopicPageRank(view, options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    ASSERT_TRUE(got->converged);
    for (uint64_t t = 0; t < options.topics.size(); ++t) {
      EXPECT_LE(*VerifyTopicPageRank(view, options, t, got->vectors[t]), 1e-11);
      std::vector<double> only(options.topics.size(), 0.0);
      only[t] = 3;
      PageRankOptions one;
      one.tolerance = 1e-13;
      one.iterations = 1000;
      one.teleport_sparse = options.topics[t];
      EXPECT_LE(L1(*MixTopics(*got, only), PageRank(view, one, run)->scores), 1e-10) << seed;
    }
  }
}

TEST(TopicPageRank, MixturesAreExactWithDanglingVertices) {
  for (uint64_t seed = 5; seed < 200; seed += 9) {  // random directed graphs with many dangling
    const Csr graph = MakeSmallGraph(seed).Build();
    const CsrView view = graph.View();
    RunContext run(1);
    const TopicPageRankOptions options = RandomTopics(view, seed, 3);
    const std::vector<double> weights = {0.2, 0.5, 0.3};
    PageRankOptions mixed;
    mixed.tolerance = 1e-13;
    mixed.iterations = 1000;
    std::vector<TeleportEntry> jumps;
    for (uint64_t t = 0; t < 3; ++t) {
      double sum = 0;
      for (const auto& e : options.topics[t]) sum += e.weight;
      for (const auto& e : options.topics[t]) {
        jumps.push_back({e.vertex, weights[t] * e.weight / sum});
      }
    }
    mixed.teleport_sparse = jumps;
    EXPECT_LE(L1(*MixTopics(*TopicPageRank(view, options, run), weights),
                 PageRank(view, mixed, run)->scores),
              1e-10);
  }
}

TEST(TopicPageRank, LooseToleranceKeepsItsBound) {
  const Csr graph = MakeSmallGraph(17).Build();
  RunContext run(1);
  TopicPageRankOptions options = RandomTopics(graph.View(), 1, 5);
  const auto exact = TopicPageRank(graph.View(), options, run);
  for (const double tolerance : {1e-2, 1e-4, 1e-6}) {
    options.tolerance = tolerance;
    const auto loose = TopicPageRank(graph.View(), options, run);
    for (int t = 0; t < 5; ++t) {
      EXPECT_LE(L1(exact->vectors[t], loose->vectors[t]), loose->l1_error_bounds[t] + 1e-11);
    }
  }
}

TEST(TopicPageRank, AuthorityLiftsTheLocal) {
  const std::vector<double> personal = {0.5, 0.4, 0.1, 0}, global = {0.8, 0.1, 0.1, 0};
  RunContext run(1);
  const auto flat = TopicAuthority(personal, global, 0, run);
  EXPECT_EQ(*flat, personal);
  const auto lifted = TopicAuthority(personal, global, 0.5, run);
  EXPECT_GT((*lifted)[1], (*lifted)[0]);
  EXPECT_DOUBLE_EQ((*lifted)[1], 0.8);
  EXPECT_EQ((*lifted)[3], 0);
  EXPECT_EQ(ErrorReason(TopicAuthority(personal, global, -1, run).status()), "OPTION_OUT_OF_RANGE");
}

TEST(TopicPageRank, NamesTheWrongTopic) {
  const Csr graph = MakeSmallGraph(17).Build();
  RunContext run(1);
  TopicPageRankOptions options;
  options.topics = {{{0, 1}}, {{0, -1}}};
  const absl::Status status = TopicPageRank(graph.View(), options, run).status();
  EXPECT_EQ(ErrorDetails(status)["field"], "topics[1]");
  options.topics = {{}};
  EXPECT_FALSE(TopicPageRank(graph.View(), options, run).ok());
  options.topics = {};
  EXPECT_TRUE(TopicPageRank(graph.View(), options, run)->vectors.empty());
}

}  // namespace
}  // namespace halqa
