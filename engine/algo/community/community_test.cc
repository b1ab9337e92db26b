// Louvain, label propagation, the steps that Louvain and Leiden share, quality functions.

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/algo/community/label_propagation.h"
#include "engine/algo/community/leiden.h"
#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/louvain.h"
#include "engine/algo/community/quality.h"
#include "engine/base/crew.h"
#include "engine/base/error.h"
#include "tests/support/communities.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;

Csr Undirected(const SmallGraph& small) {
  RunContext run(1);
  const Csr directed = small.Build();
  return *Symmetrised(directed.View(), run);
}

// Uneven degrees, communities of 50 that a few edges leave; large enough for batches.
Csr Grouped(uint32_t n, bool weighted) {
  SmallGraph g;
  g.n = n;
  g.weighted = weighted;
  g.undirected = true;
  CounterRng rng(5, n);
  for (uint32_t v = 0; v < n; ++v) {
    const uint64_t degree = 2 + rng.Below(3) + (v % 97 == 0 ? 60 : 0);
    for (uint64_t d = 0; d < degree; ++d) {
      const uint64_t other = d % 4 == 3 ? rng.Below(n) : v / 50 * 50 + rng.Below(50);
      g.Add(v, static_cast<VertexIndex>(std::min<uint64_t>(other, n - 1)),
            static_cast<float>(1 + rng.Below(3)));
    }
  }
  return g.Build();
}

TEST(LabelPropagation, TinyGraphsAgainstMaps) {
  for (uint64_t seed = 0; seed < 2100; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const LabelPropagationOptions options{static_cast<int>(seed % 7)};
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = LabelPropagation(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(VerifyLabelPropagation(graph.View(), options, *got).ok()) << small.name;
  }
}

TEST(LabelPropagation, ManyBlocks) {
  const Csr graph = Grouped(20000, false);
  RunContext one(1), two(2);
  const auto got = LabelPropagation(graph.View(), {5}, two);
  EXPECT_TRUE(VerifyLabelPropagation(graph.View(), {5}, *got).ok());
  EXPECT_EQ(LabelPropagation(graph.View(), {5}, one)->labels, got->labels);
}

TEST(LabelPropagation, RefusesWhatItCannotDo) {
  RunContext run(1);
  const Csr graph = MakeSmallGraph(5).Build();
  EXPECT_EQ(ErrorDetails(LabelPropagation(graph.View(), {-1}, run).status())["field"],
            "iterations");
  CsrView out_only = graph.View();
  out_only.in_offsets = {};
  EXPECT_EQ(ErrorReason(LabelPropagation(out_only, {}, run).status()), "MISSING_IN_ROWS");
  auto wrong = *LabelPropagation(graph.View(), {}, run);
  wrong.labels[0] += 1;
  EXPECT_EQ(ErrorReason(VerifyLabelPropagation(graph.View(), {}, wrong)), "VERIFY_FAILED");
}

TEST(Louvain, TinyGraphsKeepEveryPromise) {
  for (uint64_t seed = 0; seed < 2100; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = Undirected(small);
    LouvainOptions options;
    options.resolution = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 0.3 : 3;
    options.seed = seed;
    options.keep_levels = true;
    RunContext run(1);
    const auto got = Louvain(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(VerifyLouvain(graph.View(), options, *got).ok())
        << small.name << VerifyLouvain(graph.View(), options, *got);
    for (size_t l = 0; l + 1 < got->levels.size(); ++l) {
      EXPECT_LE(*Modularity(graph.View(), got->levels[l], options.resolution),
                *Modularity(graph.View(), got->levels[l + 1], options.resolution) + 1e-12);
    }
  }
}

TEST(Louvain, SameBitsInBatches) {
  for (const bool weighted : {false, true}) {
    const Csr graph = Grouped(30000, weighted);
    RunContext one(1), two(2), three(3);
    LouvainOptions options;
    options.keep_levels = true;
    const auto got = Louvain(graph.View(), options, one);
    EXPECT_TRUE(VerifyLouvain(graph.View(), options, *got).ok());
    EXPECT_EQ(Louvain(graph.View(), options, two)->communities, got->communities);
    EXPECT_EQ(Louvain(graph.View(), options, three)->communities, got->communities);
  }
}

TEST(Louvain, RefusesWhatItCannotDo) {
  RunContext run(1);
  const Csr directed = MakeSmallGraph(5).Build();
  EXPECT_EQ(ErrorReason(Louvain(directed.View(), {}, run).status()), "NOT_SYMMETRIC");
  const Csr graph = *Symmetrised(directed.View(), run);
  LouvainOptions options;
  options.resolution = 0;
  EXPECT_EQ(ErrorDetails(Louvain(graph.View(), options, run).status())["field"], "resolution");
  auto wrong = *Louvain(graph.View(), {}, run);
  wrong.modularity += 0.1;
  EXPECT_EQ(ErrorReason(VerifyLouvain(graph.View(), {}, wrong)), "VERIFY_FAILED");
}

// Leiden's two qualities on tiny graphs: every promise, and never better than the best of all
// partitions; how often it finds that one is counted.
TEST(Leiden, TinyGraphsAgainstAllPartitions) {
  int asked = 0, best_found = 0;
  for (uint64_t seed = 0; seed < 2100; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = Undirected(small);
    LeidenOptions options;
    options.quality = seed % 2 == 0 ? CommunityQuality::kModularity : CommunityQuality::kCpm;
    options.resolution = options.quality == CommunityQuality::kCpm ? 0.4 : 1;
    options.iterations = 10;
    options.seed = seed;
    RunContext run(1);
    const auto got = Leiden(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << got.status();
    EXPECT_TRUE(VerifyLeiden(graph.View(), options, *got).ok())
        << small.name << VerifyLeiden(graph.View(), options, *got);
    if (small.n > 7) continue;
    double best = -1e300;
    testing::ForEachPartition(small.n, [&](const std::vector<uint32_t>& labels) {
      best = std::max(best, options.quality == CommunityQuality::kCpm
                                ? *CpmQuality(graph.View(), labels, options.resolution)
                                : *Modularity(graph.View(), labels, options.resolution));
    });
    EXPECT_LE(got->quality, best + 1e-9) << small.name;
    ++asked;
    best_found += got->quality >= best - 1e-9 ? 1 : 0;
  }
  EXPECT_GE(asked, 500);
  EXPECT_GE(best_found, asked * 95 / 100);
  std::printf("the best of all partitions was found on %d of %d graphs\n", best_found, asked);
}

TEST(Leiden, SameBitsInBatches) {
  for (const bool weighted : {false, true}) {
    const Csr graph = Grouped(30000, weighted);
    for (const auto quality : {CommunityQuality::kModularity, CommunityQuality::kCpm}) {
      LeidenOptions options;
      options.quality = quality;
      options.resolution = quality == CommunityQuality::kCpm ? 0.01 : 1;
      RunContext one(1), two(2), three(3);
      const auto got = Leiden(graph.View(), options, one);
      EXPECT_TRUE(VerifyLeiden(graph.View(), options, *got).ok())
          << VerifyLeiden(graph.View(), options, *got);
      EXPECT_EQ(Leiden(graph.View(), options, two)->communities, got->communities);
      EXPECT_EQ(Leiden(graph.View(), options, three)->communities, got->communities);
    }
  }
}

// gain = difference of quality, move by move of a whole level.
TEST(MoveVertices, GainIsTheDifferenceOfQuality) {
  for (const uint32_t n : {50u, 9000u}) {
    const Csr graph = Grouped(n, true);
    const CsrView view = graph.View();
    internal::LevelGraph level;
    level.n = n;
    level.offsets = view.out_offsets;
    level.targets = view.out_targets;
    level.floats = view.out_weights;
    level.mass = Array<double>(n, 0.0);
    double total = 0;
    for (VertexIndex v = 0; v < n; ++v) {
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        level.mass[v] += view.OutWeight(a);
      }
      total += level.mass[v];
    }
    internal::Partition partition;
    partition.of = Array<uint32_t>(n);
    for (VertexIndex v = 0; v < n; ++v) partition.of[v] = v % (n / 5);
    internal::SumPartition(level, &partition);
    const double before = *Modularity(view, partition.of.span(), 1);
    internal::MoveOptions options;
    options.rate = 1 / total;
    internal::MoveResult moved;
    RunContext run(2);
    ASSERT_TRUE(
        internal::MoveVertices(level, options, internal::Pacer(run, {}), &partition, &moved).ok());
    EXPECT_GT(moved.moves, 0u);
    EXPECT_NEAR(*Modularity(view, partition.of.span(), 1) - before, 2 * moved.gain / total, 1e-9);
    std::set<uint32_t> names(partition.of.begin(), partition.of.end());
    EXPECT_EQ(names.size(), partition.count);
  }
}

TEST(Quality, ConductanceAndCpmByHand) {
  SmallGraph g;  // two triangles and a bridge
  g.n = 6;
  g.undirected = true;
  for (const auto& [a, b] : std::vector<std::pair<uint32_t, uint32_t>>{
           {0, 1}, {1, 2}, {0, 2}, {3, 4}, {4, 5}, {3, 5}, {2, 3}}) {
    g.Add(a, b);
  }
  const Csr graph = g.Build();
  const std::vector<uint32_t> halves = {4, 4, 4, 2, 2, 2}, whole(6, 0);
  const auto split = Conductance(graph.View(), halves);
  EXPECT_DOUBLE_EQ(split->by_community[0], 1.0 / 7);
  EXPECT_DOUBLE_EQ(split->mean, 1.0 / 7);
  EXPECT_DOUBLE_EQ(split->largest, 1.0 / 7);
  EXPECT_DOUBLE_EQ(Conductance(graph.View(), whole)->largest, 0);
  EXPECT_DOUBLE_EQ(*CpmQuality(graph.View(), halves, 0.5), 6 - 0.5 * 6);
  EXPECT_DOUBLE_EQ(*CpmQuality(graph.View(), whole, 0.5), 7 - 0.5 * 15);
  const std::vector<uint32_t> short_labels(5, 0);
  EXPECT_EQ(ErrorReason(Conductance(graph.View(), short_labels).status()), "LENGTH_MISMATCH");
}

TEST(Crew, CallsEveryChunkOnce) {
  for (const int threads : {1, 2, 4}) {
    Crew crew(threads);
    for (uint64_t chunks = 0; chunks < 300; ++chunks) {
      std::vector<int> calls(chunks, 0);
      crew.Run(chunks, [&](int worker, uint64_t c) {
        EXPECT_LT(worker, crew.workers());
        ++calls[c];
      });
      EXPECT_EQ(calls, std::vector<int>(chunks, 1));
    }
  }
}

}  // namespace
}  // namespace halqa
