#include "tools/evaluate/metrics.h"

#include "engine/algo/community/quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "absl/strings/match.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "tools/evaluate/evaluation.h"

namespace halqa {
namespace {

using V = std::vector<double>;
using P = std::vector<uint32_t>;

TEST(Metrics, SpearmanByHand) {
  EXPECT_DOUBLE_EQ(Spearman(V{1, 2, 3, 4}, V{10, 20, 30, 40}), 1);
  EXPECT_DOUBLE_EQ(Spearman(V{1, 2, 3, 4}, V{4, 3, 2, 1}), -1);
  // d = (0, 1, 1, 0): 1 - 6 * 2 / (4 * 15) = 0.8
  EXPECT_DOUBLE_EQ(Spearman(V{1, 2, 3, 4}, V{1, 3, 2, 4}), 0.8);
  // Ties: ranks 1, 2.5, 2.5, 4 against 1 to 4: 4.5 / sqrt(4.5 * 5)
  EXPECT_DOUBLE_EQ(Spearman(V{4, 3, 3, 1}, V{4, 3, 2, 1}), 4.5 / std::sqrt(22.5));
  EXPECT_TRUE(std::isnan(Spearman(V{1, 1}, V{1, 2})));
}

TEST(Metrics, KendallByHandAndByBruteForce) {
  EXPECT_DOUBLE_EQ(KendallTauB(V{1, 2, 3, 4}, V{1, 3, 2, 4}), 4.0 / 6);
  CounterRng rng(7, 1);
  for (int round = 0; round < 20; ++round) {
    V x, y;
    for (int i = 0; i < 40; ++i) {
      x.push_back(static_cast<double>(rng.Below(12)));
      y.push_back(static_cast<double>(rng.Below(9)));
    }
    double sum = 0, nx = 0, ny = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = i + 1; j < x.size(); ++j) {
        const double a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);
        sum += a * b;
        nx += a * a;
        ny += b * b;
      }
    }
    EXPECT_NEAR(KendallTauB(x, y), sum / std::sqrt(nx * ny), 1e-12);
  }
}

TEST(Metrics, NdcgByHand) {
  // Gains log2(1+3) = 2, log2(1+1) = 1, 0. Found: 1/1 + 2/log2(3); best: 2/1 + 1/log2(3).
  const double l3 = std::log2(3.0);
  EXPECT_DOUBLE_EQ(NdcgAtK(V{9, 8, 7}, V{1, 3, 0}, 2), (1 + 2 / l3) / (2 + 1 / l3));
  EXPECT_DOUBLE_EQ(NdcgAtK(V{9, 8, 7}, V{1, 3, 0}, 1), 0.5);
  EXPECT_DOUBLE_EQ(NdcgAtK(V{3, 2, 1}, V{7, 3, 1}, 10), 1);
  EXPECT_DOUBLE_EQ(NdcgAtK(V{1, 2}, V{0, 0}, 10), 0);
  // All tied: every place gets the mean gain, whatever the order of the rows.
  EXPECT_DOUBLE_EQ(NdcgAtK(V{1, 1}, V{3, 0}, 1), NdcgAtK(V{1, 1}, V{0, 3}, 1));
  EXPECT_DOUBLE_EQ(NdcgAtK(V{1, 1}, V{3, 0}, 1), 0.5);
}

TEST(Metrics, AucAndPrecisionByHand) {
  const bool positive[] = {true, false, true, false};
  EXPECT_DOUBLE_EQ(Auc(V{4, 3, 2, 1}, positive), 0.75);
  EXPECT_DOUBLE_EQ(Auc(V{1, 1, 1, 1}, positive), 0.5);
  EXPECT_DOUBLE_EQ(Auc(V{2, 1, 1, 0}, positive), 3.5 / 4);
  EXPECT_DOUBLE_EQ(PrecisionAtK(V{4, 3, 2, 1}, positive, 3), 2.0 / 3);
  EXPECT_DOUBLE_EQ(PrecisionAtK(V{1, 1, 1, 1}, positive, 2), 0.5);
  const bool none[] = {false, false};
  EXPECT_TRUE(std::isnan(Auc(V{1, 2}, none)));
}

TEST(Metrics, PartitionsByHand) {
  EXPECT_DOUBLE_EQ(*AdjustedRandIndex(P{0, 0, 1, 1}, P{5, 5, 9, 9}), 1);
  // Hubert and Arabie: cells 1 pair, rows 2, columns 2, all 6; expected 4/6.
  EXPECT_NEAR(*AdjustedRandIndex(P{0, 0, 1, 1}, P{0, 0, 1, 2}), (1 - 2.0 / 6) / (1.5 - 2.0 / 6),
              1e-12);
  EXPECT_NEAR(*AdjustedMutualInformation(P{0, 0, 1, 1}, P{1, 1, 0, 0}), 1, 1e-12);
  // Every split of four into two pairs: MI is ln 2 in 1 of 3 cases, else 0, so E = ln 2 / 3 and
  // AMI of a crossing pair = (0 - E) / (ln 2 - E) = -0.5.
  EXPECT_NEAR(*AdjustedMutualInformation(P{0, 0, 1, 1}, P{0, 1, 0, 1}), -0.5, 1e-12);
  EXPECT_DOUBLE_EQ(*AdjustedMutualInformation(P{0, 0, 0}, P{1, 1, 1}), 1);
  CounterRng rng(3, 1);
  P a, b;
  for (int i = 0; i < 3000; ++i) {
    a.push_back(static_cast<uint32_t>(rng.Below(50)));
    b.push_back(static_cast<uint32_t>(rng.Below(300)));
  }
  EXPECT_NEAR(*AdjustedMutualInformation(a, b), 0, 0.02) << "chance is zero, unlike NMI";
  EXPECT_NEAR(*AdjustedRandIndex(a, b), 0, 0.01);
}

TEST(Evaluation, TableAndJsonShowHalqaBesideTheBaselines) {
  const auto result = Evaluate({{"halqa", {3, 2, 1}, false}, {"follower_count", {1, 2, 3}, true}},
                               {"expertise", {9, 4, 0}, false}, {.ks = {2}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(EvaluationTable(*result),
            "expertise         spearman  kendall  ndcg@2\n"
            "halqa               1.000*   1.000*  1.000*\n"
            "(follower_count)   -1.000   -1.000   0.306\n");
  EXPECT_TRUE(absl::StrContains(EvaluationJson(*result),
                                "{\"score\":\"halqa\",\"baseline\":false,\"metrics\":"
                                "{\"spearman\":1,\"kendall\":1,\"ndcg@2\":1}}"));
  const auto partner = Evaluate({{"halqa", {3, 2, 1}, false}}, {"partner", {1, 0, 0}, true});
  EXPECT_EQ(partner->scores[0].metrics[0].metric, "auc");
  EXPECT_EQ(partner->scores[0].metrics[0].value, 1);
  EXPECT_EQ(ErrorReason(Evaluate({{"x", {1}, false}}, {"t", {1, 2}, false}).status()),
            "LENGTH_MISMATCH");
  EXPECT_EQ(ErrorReason(Evaluate({{"x", {NAN}, false}}, {"t", {1}, false}).status()), "NOT_FINITE");
  EXPECT_EQ(
      EvaluatePartitions({{"niche", {0, 0, 1, 1}, {1, 1, 0, 0}}})->scores[0].metrics[0].metric,
      "ami");
}

}  // namespace
}  // namespace halqa
