// Eigenvector, Katz, HITS, ArticleRank and psi-score: against dense linear algebra and their
// verifiers on many tiny graphs, and the laws they keep.

#include <gtest/gtest.h>

#include <cmath>

#include "engine/algo/centrality/article_rank.h"
#include "engine/algo/centrality/eigenvector.h"
#include "engine/algo/centrality/hits.h"
#include "engine/algo/centrality/katz.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/centrality/psi_score.h"
#include "engine/base/error.h"
#include "tests/support/small_graphs.h"

namespace halqa {
namespace {

using testing::MakeSmallGraph;
using testing::SmallGraph;
using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

// m[v][u] = weight of u -> v.
Matrix Dense(const CsrView& view) {
  Matrix m(view.vertices, Vector(view.vertices, 0.0));
  for (VertexIndex u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      m[view.out_targets[a]][u] = view.OutWeight(a);
    }
  }
  return m;
}

Matrix Product(const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), Vector(a.size(), 0.0));
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t k = 0; k < a.size(); ++k) {
      for (size_t j = 0; j < a.size(); ++j) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

double Norm(const Vector& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

Vector Times(const Matrix& m, const Vector& x) {
  Vector y(x.size(), 0.0);
  for (size_t i = 0; i < x.size(); ++i) {
    y[i] = std::inner_product(x.begin(), x.end(), m[i].begin(), 0.0);
  }
  return y;
}

// The limit of m^k x / norm, by squaring the matrix 26 times (rounding grows as fast as
// the power); 0 where m is.
Vector Limit(Matrix m, const Vector& x) {
  for (int i = 0; i < 26; ++i) {
    double largest = 0;
    for (const Vector& row : m) {
      for (const double value : row) largest = std::max(largest, value);
    }
    if (largest == 0) return Vector(x.size(), 0.0);
    for (Vector& row : m) {
      for (double& value : row) value /= largest;
    }
    m = Product(m, m);
  }
  Vector y = Times(m, x);
  const double norm = Norm(y);
  for (double& value : y) value /= norm;
  return y;
}

// x of (1 - a m) x = b, by elimination with pivots.
Vector Solve(double a, const Matrix& m, Vector b) {
  const size_t n = b.size();
  Matrix s(n, Vector(n, 0.0));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) s[i][j] = (i == j ? 1 : 0) - a * m[i][j];
  }
  for (size_t c = 0; c < n; ++c) {
    size_t p = c;
    for (size_t r = c; r < n; ++r) p = std::fabs(s[r][c]) > std::fabs(s[p][c]) ? r : p;
    std::swap(s[c], s[p]);
    std::swap(b[c], b[p]);
    for (size_t r = 0; r < n; ++r) {
      if (r == c || s[r][c] == 0) continue;
      const double factor = s[r][c] / s[c][c];
      for (size_t j = c; j < n; ++j) s[r][j] -= factor * s[c][j];
      b[r] -= factor * b[c];
    }
  }
  for (size_t i = 0; i < n; ++i) b[i] /= s[i][i];
  return b;
}

EigenvectorOptions ExactEigenvector() {
  EigenvectorOptions options;
  options.tolerance = 1e-14;
  options.iterations = 20000;
  return options;
}

TEST(Eigenvector, TinyGraphs) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView view = graph.View();
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = Eigenvector(view, ExactEigenvector(), run);
    ASSERT_TRUE(got.ok()) << small.name;
    EXPECT_LE(*VerifyEigenvector(view, ExactEigenvector(), *got), got->residual + 1e-13)
        << small.name;
    if (!view.symmetric || !got->converged || got->eigenvalue == 0) continue;
    Matrix m = Dense(view);
    double largest = 0;
    for (const Vector& row : m) largest = std::max(largest, Norm(row));
    for (size_t i = 0; i < m.size(); ++i) m[i][i] += largest;
    const Vector want = Limit(m, Vector(view.vertices, 1.0));
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      EXPECT_NEAR(got->scores[v], want[v], 1e-6) << small.name;
    }
    EXPECT_NEAR(Norm(Times(Dense(view), want)), got->eigenvalue, 1e-7) << small.name;
    ++compared;
  }
  EXPECT_GE(compared, 600);
}

TEST(Katz, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView view = graph.View();
    KatzOptions options;
    options.tolerance = seed % 3 == 0 ? 1e-4 : 1e-14;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = Katz(view, options, run);
    ASSERT_TRUE(got.ok()) << small.name << got.status();
    EXPECT_TRUE(got->converged) << small.name;
    EXPECT_LE(*VerifyKatz(view, options, *got), 100 * (options.tolerance + 1e-15)) << small.name;
    const Vector want = Solve(got->alpha, Dense(view), Vector(view.vertices, 1.0));
    const double rounding = 1e-12 * *std::max_element(want.begin(), want.end());
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      EXPECT_NEAR(got->scores[v], want[v], got->error_bound + rounding) << small.name;
    }
    EXPECT_LE(got->eigenvalue_low, got->eigenvalue_high * (1 + 1e-12));
    if (view.symmetric) {
      const auto eigen = Eigenvector(view, ExactEigenvector(), run);
      if (eigen->converged) {
        EXPECT_LE(got->eigenvalue_low, eigen->eigenvalue + 1e-6) << small.name;
        EXPECT_GE(got->eigenvalue_high, eigen->eigenvalue - 1e-6) << small.name;
      }
    }
  }
}

TEST(Katz, RefusesAlphaFromOneOverTheEigenvalueOn) {
  int refused = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    RunContext run(1);
    const auto eigen = Eigenvector(graph.View(), ExactEigenvector(), run);
    if (!graph.View().symmetric || !eigen->converged || eigen->eigenvalue == 0) continue;
    KatzOptions options;
    options.alpha = 1.001 / eigen->eigenvalue;
    const auto above = Katz(graph.View(), options, run);
    EXPECT_EQ(ErrorReason(above.status()), "ALPHA_TOO_LARGE") << small.name;
    EXPECT_EQ(ErrorDetails(above.status()).count("eigenvalue_high"), 1u);
    options.alpha = 0.999 / eigen->eigenvalue;
    options.iterations = 100000;
    const auto below = Katz(graph.View(), options, run);
    EXPECT_TRUE(below.ok()) << small.name << below.status();
    ++refused;
  }
  EXPECT_GE(refused, 150);
  // A cycle: the eigenvalue is 1 exactly; a path has none but 0.
  const Csr cycle = MakeSmallGraph(13).Build();
  RunContext run(1);
  KatzOptions options;
  options.weighted = false;
  options.alpha = 1;
  EXPECT_EQ(ErrorReason(Katz(cycle.View(), options, run).status()), "ALPHA_TOO_LARGE");
  options.alpha = 0.5;
  const auto even = Katz(cycle.View(), options, run);
  ASSERT_TRUE(even.ok());
  for (const double score : even->scores) EXPECT_NEAR(score, 2, 1e-8);
}

TEST(Hits, TinyGraphs) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView view = graph.View();
    HitsOptions options;
    options.tolerance = 1e-14;
    options.iterations = 20000;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = Hits(view, options, run);
    ASSERT_TRUE(got.ok()) << small.name;
    if (!got->converged) continue;
    EXPECT_LE(*VerifyHits(view, options, *got), 1e-12) << small.name;
    if (got->parts == 0) continue;
    const Matrix m = Dense(view);
    Matrix back = m;  // transposed
    for (size_t i = 0; i < m.size(); ++i) {
      for (size_t j = 0; j < m.size(); ++j) back[i][j] = m[j][i];
    }
    const Vector want = Limit(Product(m, back), Times(m, Vector(view.vertices, 1.0)));
    const double norm = Norm(got->authorities);
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      EXPECT_NEAR(got->authorities[v] / norm, want[v], 1e-6) << small.name;
    }
    ++compared;
  }
  EXPECT_GE(compared, 1500);
}

TEST(Hits, SaysWhereItIsNotUnique) {
  SmallGraph g;  // two equal stars
  g.n = 6;
  for (const uint32_t v : {1u, 2u}) g.Add(v, 0);
  for (const uint32_t v : {4u, 5u}) g.Add(v, 3);
  RunContext run(1);
  EXPECT_EQ(Hits(g.Build().View(), {}, run)->parts, 2u);
  g.Add(2, 3);
  EXPECT_EQ(Hits(g.Build().View(), {}, run)->parts, 1u);
  SmallGraph none;
  none.n = 3;
  const auto empty = Hits(none.Build().View(), {}, run);
  EXPECT_EQ(empty->parts, 0u);
  EXPECT_EQ(empty->authorities, Vector(3, 0.0));
}

TEST(ArticleRank, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const CsrView view = graph.View();
    ArticleRankOptions options;
    options.damping = seed % 2 == 0 ? 0.85 : 0.5;
    options.tolerance = seed % 3 == 0 ? 1e-4 : 1e-14;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = ArticleRank(view, options, run);
    ASSERT_TRUE(got.ok() && got->converged) << small.name;
    Matrix m = Dense(view);
    Vector out(view.vertices, 0.0);
    double mean = 0;
    for (const Vector& row : m) {
      for (size_t u = 0; u < row.size(); ++u) out[u] += row[u];
    }
    for (const double w : out) mean += w / view.vertices;
    for (Vector& row : m) {
      for (size_t u = 0; u < row.size(); ++u) row[u] = mean > 0 ? row[u] / (out[u] + mean) : 0;
    }
    const Vector want = Solve(options.damping, m, Vector(view.vertices, 1 - options.damping));
    double distance = 0;
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      distance += std::fabs(got->scores[v] - want[v]) / view.vertices;
    }
    EXPECT_LE(distance, got->error_bound + 1e-14) << small.name;
    EXPECT_LE(distance, *VerifyArticleRank(view, options, got->scores) + 1e-14) << small.name;
    EXPECT_LE(*VerifyArticleRank(view, options, got->scores), 20 * options.tolerance + 1e-12);
  }
}

TEST(PsiScore, TinyGraphs) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    CounterRng rng(seed, 9);
    Vector posting(small.n), reposting(small.n);
    for (uint32_t v = 0; v < small.n; ++v) {
      const bool silent = rng.Below(8) == 0;
      posting[v] = silent ? 0 : 0.2 + rng.Uniform();
      reposting[v] = silent || rng.Below(5) == 0 ? 0 : rng.Uniform();
    }
    PsiScoreOptions options;
    options.tolerance = seed % 3 == 0 ? 1e-4 : 1e-14;
    if (seed % 4 != 0) options.posting = posting;
    if (seed % 4 > 1) options.reposting = reposting;
    RunContext run(1 + static_cast<int>(seed % 2));
    const auto got = PsiScore(graph.View(), options, run);
    ASSERT_TRUE(got.ok()) << small.name;
    // Who sees only accounts that never post has an endless sum that nobody ever reads.
    EXPECT_TRUE(got->converged || std::isinf(got->l1_error_bound)) << small.name;
    const auto distance = VerifyPsiScore(graph.View(), options, got->scores);
    EXPECT_LE(*distance, got->l1_error_bound + 1e-13) << small.name;
    if (options.tolerance < 1e-10) {
      EXPECT_LE(*distance, 1e-11) << small.name;
    }
    EXPECT_LE(std::accumulate(got->scores.begin(), got->scores.end(), 0.0), 1 + 1e-9);
  }
}

TEST(PsiScore, EqualRatesMakePageRank) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    for (uint32_t v = 0; v < small.n; ++v) small.Add(v, (v + 1) % small.n);  // none dangling
    const Csr graph = small.Build();
    PsiScoreOptions psi;
    psi.tolerance = 1e-14;
    psi.posting_rate = 0.3;
    psi.reposting_rate = 1.7;
    PageRankOptions rank;
    rank.weighted = false;
    rank.tolerance = 1e-14;
    RunContext run(1);
    const auto got = PsiScore(graph.View(), psi, run);
    const auto want = PageRank(graph.View(), rank, run);
    for (uint32_t v = 0; v < small.n; ++v) EXPECT_NEAR(got->scores[v], want->scores[v], 1e-11);
  }
}

TEST(PsiScore, RatesAreChecked) {
  const Csr graph = MakeSmallGraph(5).Build();
  RunContext run(1);
  PsiScoreOptions options;
  Vector rates(graph.View().vertices + 1, 1.0);
  options.posting = rates;
  EXPECT_EQ(ErrorReason(PsiScore(graph.View(), options, run).status()), "LENGTH_MISMATCH");
  rates.pop_back();
  rates[0] = -1;
  options.posting = rates;
  EXPECT_EQ(ErrorReason(PsiScore(graph.View(), options, run).status()), "BAD_WEIGHT");
}

// Scaling weights by a power of two changes nothing that is normalised.
TEST(SpectralLaws, ScalingWeights) {
  for (uint64_t seed = 9; seed < 300; ++seed) {
    SmallGraph small = MakeSmallGraph(seed);
    if (!small.weighted) continue;
    const Csr graph = small.Build();
    for (float& w : small.w) w *= 4;
    const Csr scaled = small.Build();
    RunContext run(1);
    EXPECT_EQ(Eigenvector(graph.View(), {}, run)->scores,
              Eigenvector(scaled.View(), {}, run)->scores);
    EXPECT_EQ(Hits(graph.View(), {}, run)->hubs, Hits(scaled.View(), {}, run)->hubs);
    EXPECT_EQ(Katz(graph.View(), {}, run)->scores, Katz(scaled.View(), {}, run)->scores);
    EXPECT_EQ(ArticleRank(graph.View(), {}, run)->scores,
              ArticleRank(scaled.View(), {}, run)->scores);
  }
}

TEST(SpectralLaws, RelabellingMovesTheAnswers) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const SmallGraph small = MakeSmallGraph(seed);
    const Csr graph = small.Build();
    const std::vector<VertexIndex> order = testing::MixedOrder(small.n, seed);
    RunContext run(1);
    const Csr renamed = *Relabelled(graph.View(), order, run);
    const auto eigen = Eigenvector(graph.View(), {}, run),
               eigen2 = Eigenvector(renamed.View(), {}, run);
    const auto katz = Katz(graph.View(), {}, run), katz2 = Katz(renamed.View(), {}, run);
    const auto article = ArticleRank(graph.View(), {}, run);
    const auto article2 = ArticleRank(renamed.View(), {}, run);
    const auto psi = PsiScore(graph.View(), {}, run), psi2 = PsiScore(renamed.View(), {}, run);
    for (uint32_t i = 0; i < small.n; ++i) {
      EXPECT_NEAR(eigen->scores[order[i]], eigen2->scores[i], 1e-6) << small.name;
      EXPECT_NEAR(katz->scores[order[i]] / katz2->scores[i], 1, 1e-6) << small.name;
      EXPECT_NEAR(article->scores[order[i]], article2->scores[i], 1e-7) << small.name;
      EXPECT_NEAR(psi->scores[order[i]], psi2->scores[i], 1e-7) << small.name;
    }
  }
}

// Following backwards, hubs are authorities.
TEST(SpectralLaws, TransposingSwapsHubsAndAuthorities) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Csr graph = MakeSmallGraph(seed).Build();
    CsrView flipped = graph.View();
    std::swap(flipped.out_offsets, flipped.in_offsets);
    std::swap(flipped.out_targets, flipped.in_sources);
    std::swap(flipped.out_weights, flipped.in_weights);
    HitsOptions options;
    options.tolerance = 1e-13;
    options.iterations = 20000;
    RunContext run(1);
    const auto a = Hits(graph.View(), options, run), b = Hits(flipped, options, run);
    if (!a->converged || !b->converged || a->parts != 1) continue;
    for (VertexIndex v = 0; v < flipped.vertices; ++v) {
      EXPECT_NEAR(a->hubs[v], b->authorities[v], 1e-7);
    }
  }
}

}  // namespace
}  // namespace halqa
