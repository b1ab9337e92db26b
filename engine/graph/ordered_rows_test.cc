#include "engine/graph/ordered_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/graph/builder.h"

namespace halqa {
namespace {

struct Arcs {
  std::vector<VertexIndex> u, v;
  std::vector<float> w;
};

// Distinct arcs with hubs, sorted by (u, v).
Arcs RandomArcs(uint64_t seed, uint32_t n, uint64_t m, bool weighted) {
  CounterRng rng(seed, 5);
  std::set<std::pair<VertexIndex, VertexIndex>> seen;
  for (uint64_t i = 0; i < m; ++i) {
    seen.insert({static_cast<VertexIndex>(rng.Below(n)),
                 static_cast<VertexIndex>(rng.Uniform() * rng.Uniform() * n)});
  }
  Arcs arcs;
  for (const auto& [u, v] : seen) {
    arcs.u.push_back(u);
    arcs.v.push_back(v);
    if (weighted) arcs.w.push_back(static_cast<float>(1 + rng.Below(100)));
  }
  return arcs;
}

RowPieces PiecesOf(const Arcs& arcs, uint32_t n) {
  RowPieces rows(n);
  size_t at = 0;
  for (uint32_t v = 0; v < n; ++v) {
    RowPiece& piece = rows.pieces[v >> RowPieces::kShift];
    if (piece.starts.empty()) piece.starts.push_back(0);
    for (; at < arcs.u.size() && arcs.u[at] == v; ++at) {
      piece.targets.push_back(arcs.v[at]);
      if (!arcs.w.empty()) piece.weights.push_back(arcs.w[at]);
    }
    piece.starts.push_back(piece.targets.size());
  }
  return rows;
}

absl::StatusOr<OrderedGraph> Ordered(const Arcs& arcs, uint32_t n, RunContext& run) {
  RowPieces rows = PiecesOf(arcs, n);
  RunContext part = run.Part(0, 0.1);
  auto degrees = InDegrees(rows, part);
  if (!degrees.ok()) return degrees.status();
  return OrderByInDegree(std::move(rows), *degrees, run);
}

// The long way round: build, order, relabel.
void ExpectSameAsLongWay(const Arcs& arcs, uint32_t n, int threads) {
  RunContext run(1);
  BuildOptions build;
  build.vertices = n;
  auto csr = BuildCsr({arcs.u, arcs.v, arcs.w}, build, run);
  ASSERT_TRUE(csr.ok()) << csr.status();
  auto order = InDegreeOrder(csr->View());
  ASSERT_TRUE(order.ok());
  auto wanted = Relabelled(csr->View(), *order, run);
  ASSERT_TRUE(wanted.ok());
  RunContext fast(threads);
  auto got = Ordered(arcs, n, fast);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->order, *order);
  const CsrView a = got->graph.View(), b = wanted->View();
  EXPECT_EQ(a.out_offsets, b.out_offsets);
  EXPECT_EQ(a.out_targets, b.out_targets);
  EXPECT_EQ(a.in_offsets, b.in_offsets);
  EXPECT_EQ(a.in_sources, b.in_sources);
  EXPECT_EQ(a.out_weights, b.out_weights);
  EXPECT_EQ(a.in_weights, b.in_weights);
  EXPECT_TRUE(ValidateCsr(a).ok());
}

TEST(OrderedRows, EqualsTheLongWay) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const uint32_t n = 1 + static_cast<uint32_t>(Mix64(seed) % 3000);
    for (const bool weighted : {false, true}) {
      const Arcs arcs = RandomArcs(seed, n, uint64_t{n} * (seed % 4) * 5, weighted);
      for (const int threads : {1, 2, 5}) ExpectSameAsLongWay(arcs, n, threads);
    }
  }
}

TEST(OrderedRows, SeveralPieces) {
  const uint32_t n = (3u << RowPieces::kShift) + 17;
  ExpectSameAsLongWay(RandomArcs(77, n, 400'000, false), n, 2);
}

TEST(OrderedRows, EmptyGraph) {
  ExpectSameAsLongWay({}, 0, 2);
  ExpectSameAsLongWay({}, 5, 2);
}

TEST(OrderedRows, TargetOutsideIsNamed) {
  RunContext run(2);
  const auto got = Ordered({{1, 2}, {0, 9}, {}}, 4, run);
  EXPECT_EQ(ErrorReason(got.status()), "VERTEX_OUT_OF_RANGE");
  EXPECT_NE(got.status().message().find("vertex 2 points at 9"), absl::string_view::npos);
}

TEST(OrderedRows, CancelAtEveryCheckpoint) {
  const Arcs arcs = RandomArcs(3, 500, 5000, true);
  RunContext whole(2);
  ASSERT_TRUE(Ordered(arcs, 500, whole).ok());
  ASSERT_GT(whole.checkpoints(), 3u);
  for (uint64_t k = 1; k <= whole.checkpoints(); ++k) {
    RunContext run(1);
    run.CancelAtCheckpoint(k);
    const auto got = Ordered(arcs, 500, run);
    EXPECT_TRUE(absl::IsCancelled(got.status())) << k;
  }
}

}  // namespace
}  // namespace halqa
