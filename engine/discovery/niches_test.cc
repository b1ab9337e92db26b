#include "engine/discovery/niches.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace halqa::discovery {
namespace {

// Two triangles joined by 2 -> 3; both directions are spelled out.
struct TwoTriangles {
  std::vector<uint64_t> out_offsets = {0, 2, 4, 7, 9, 11, 13}, in_offsets = {0, 2, 4, 6, 9, 11, 13};
  std::vector<VertexIndex> out_targets = {1, 2, 0, 2, 0, 1, 3, 4, 5, 3, 5, 3, 4};
  std::vector<VertexIndex> in_sources = {1, 2, 0, 2, 0, 1, 2, 4, 5, 3, 5, 3, 4};
  std::vector<uint32_t> community = {1, 1, 1, 4, 4, 4};
  std::vector<double> authority = {.1, .3, .1, .4, .2, .2};
  std::vector<uint64_t> term_offsets = {0, 2, 4, 6, 8, 10, 12};
  std::vector<uint32_t> term_ids = {0, 2, 0, 2, 0, 2, 1, 2, 1, 2, 2, 3};
  std::vector<std::string> names = {"tajine", "football", "maroc", "rare"};
  CsrView View() const {
    CsrView view;
    view.vertices = 6;
    view.out_offsets = out_offsets;
    view.out_targets = out_targets;
    view.in_offsets = in_offsets;
    view.in_sources = in_sources;
    return view;
  }
  VertexTerms Terms() const { return {term_offsets, term_ids, names}; }
};

TEST(Niches, CardsOfTwoTriangles) {
  const TwoTriangles g;
  RunContext run(1);
  auto cards = MakeNicheCards(g.View(), g.community, g.authority, g.Terms(), {}, run);
  ASSERT_TRUE(cards.ok()) << cards.status();
  ASSERT_EQ(cards->size(), 2u);
  const NicheCard &food = (*cards)[0], &sport = (*cards)[1];
  EXPECT_EQ(food.community, 1u);
  EXPECT_EQ(food.size, 3u);
  EXPECT_DOUBLE_EQ(food.insularity, 6.0 / 7);
  EXPECT_DOUBLE_EQ(sport.insularity, 1);
  // "maroc" is used by all and says nothing; "rare" has one user, below the support.
  ASSERT_EQ(food.labels.size(), 1u);
  EXPECT_EQ(food.labels[0].term, "tajine");
  EXPECT_EQ(food.labels[0].accounts, 3u);
  ASSERT_EQ(sport.labels.size(), 1u);
  EXPECT_EQ(sport.labels[0].term, "football");
  EXPECT_EQ(food.top[0].vertex, 1u);
  EXPECT_EQ(food.top[1].vertex, 0u);  // ties: the smaller vertex
  EXPECT_EQ(sport.top[0].vertex, 3u);
  EXPECT_DOUBLE_EQ(sport.top[0].purity, 2.0 / 3);
  EXPECT_DOUBLE_EQ(sport.top[0].penetration, 2.0 / 3);
  EXPECT_DOUBLE_EQ(food.top[0].purity, 1);
}

TEST(Niches, LabelIsTheHandComputedLogOdds) {
  const TwoTriangles g;
  RunContext run(1);
  auto cards = MakeNicheCards(g.View(), g.community, g.authority, g.Terms(), {}, run);
  // tajine: 3 of 6 uses inside, 0 of 6 outside; prior 500·3/12 = 125 of 500.
  const double z = (std::log(128.0 / (506 - 128)) - std::log(125.0 / (506 - 125))) /
                   std::sqrt(1 / 128.0 + 1 / 125.0);
  EXPECT_NEAR((*cards)[0].labels[0].z, z, 1e-12);
}

TEST(Niches, RefusesBadInput) {
  const TwoTriangles g;
  RunContext run(1);
  auto reason = [&](const CsrView& view, std::vector<uint32_t> community, NicheOptions options) {
    return ErrorReason(
        MakeNicheCards(view, community, g.authority, g.Terms(), options, run).status());
  };
  CsrView no_in = g.View();
  no_in.in_offsets = {};
  EXPECT_EQ(reason(no_in, g.community, {}), "MISSING_IN_EDGES");
  EXPECT_EQ(reason(g.View(), {1, 1}, {}), "LENGTH_MISMATCH");
  EXPECT_EQ(reason(g.View(), {1, 1, 1, 1, 1, 9}, {}), "LENGTH_MISMATCH");
  NicheOptions options;
  options.prior_terms = 0;
  EXPECT_EQ(reason(g.View(), g.community, options), "INVALID_OPTION");
  CsrView empty;
  EXPECT_TRUE(MakeNicheCards(empty, {}, {}, {}, {}, run)->empty());
}

TEST(Niches, VerticesWithoutCommunityAreLeftOut) {
  TwoTriangles g;
  g.community = {kNoVertex, 1, 1, kNoVertex, 5, 0};
  RunContext run(1);
  auto cards = MakeNicheCards(g.View(), g.community, g.authority, {}, {}, run);
  ASSERT_EQ(cards->size(), 1u);
  EXPECT_EQ((*cards)[0].size, 2u);
  EXPECT_TRUE((*cards)[0].labels.empty());
}

TEST(TopicFit, PrefersEvidenceToLift) {
  EXPECT_EQ(TopicFit(5, 10, 0), std::nullopt);
  // (900 + 50·0.1)/1050 = 0.861904..., lower bound a little less, over 0.1.
  EXPECT_NEAR(*TopicFit(900, 1000, 0.1), 8.44, 0.01);
  // A tiny niche of pure lift 10 does not beat it.
  EXPECT_LT(*TopicFit(2, 2, 0.1), *TopicFit(900, 1000, 0.1));
  EXPECT_GT(*TopicFit(20, 100, 0.1), *TopicFit(10, 100, 0.1));
  EXPECT_GE(*TopicFit(0, 100, 0.001), 0);
}

}  // namespace
}  // namespace halqa::discovery
