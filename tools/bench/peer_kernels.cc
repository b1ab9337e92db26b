#include "tools/bench/peer_kernels.h"

#include "absl/strings/str_cat.h"
#include "engine/algo/centrality/betweenness.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/community/triangles.h"
#include "engine/algo/community/weak_components.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/bench/stopwatch.h"

namespace halqa::bench {
namespace {

absl::StatusOr<KernelRun> RunPageRank(const CsrView& view, RunContext& run) {
  PageRankOptions options;
  options.tolerance = 1e-4;
  const Stopwatch watch(run.threads());
  HALQA_ASSIGN_OR_RETURN(const PageRankResult got, PageRank(view, options, run));
  KernelRun result{watch.Seconds(), got.rounds, 0, absl::StrCat(got.rounds, " rounds")};
  // Per round: the sources; per vertex its offset, score (twice), share and contribution (twice).
  result.streamed_bytes =
      got.rounds * (4.0 * static_cast<double>(view.arcs()) + 40.0 * view.vertices);
  return result;
}

absl::StatusOr<KernelRun> RunBfs(const CsrView& view, VertexIndex source, RunContext& run) {
  const Stopwatch watch(run.threads());
  HALQA_ASSIGN_OR_RETURN(const BfsResult got, Bfs(view, {{source}}, run));
  KernelRun result{watch.Seconds(), 1, 0, absl::StrCat(got.arcs_examined, " arcs looked at")};
  result.streamed_bytes = 4.0 * static_cast<double>(got.arcs_examined) + 12.0 * view.vertices;
  return result;
}

absl::StatusOr<KernelRun> RunWeak(const CsrView& view, RunContext& run) {
  const Stopwatch watch(run.threads());
  HALQA_ASSIGN_OR_RETURN(const WeakComponentsResult got, WeakComponents(view, {}, run));
  KernelRun result{watch.Seconds(), 1, 0, absl::StrCat(got.components, " components")};
  // Four passes over the labels, two over the offsets, two arcs of each row.
  result.streamed_bytes = (4 * 4 + 2 * 8 + 2 * 4) * static_cast<double>(view.vertices);
  return result;
}

absl::StatusOr<KernelRun> RunTriangles(const CsrView& view, RunContext& run) {
  const Stopwatch watch(run.threads());
  HALQA_ASSIGN_OR_RETURN(const TrianglesResult got, Triangles(view, {}, run));
  KernelRun result{watch.Seconds(), 1, 0, absl::StrCat(got.total, " triangles, all vertices")};
  result.streamed_bytes =
      4.0 * static_cast<double>(got.wedges) + 32.0 * static_cast<double>(view.arcs());
  return result;
}

// Dependencies of the sources, as the peer's.
absl::StatusOr<KernelRun> RunBetweenness(const CsrView& view, absl::Span<const VertexIndex> sources,
                                         RunContext& run) {
  const Stopwatch watch(run.threads());
  HALQA_RETURN_IF_ERROR(Betweenness(view, {sources}, run).status());
  KernelRun result{watch.Seconds(), 1, 0, absl::StrCat(sources.size(), " sources")};
  // Twice over the rows, forwards and back.
  result.streamed_bytes = static_cast<double>(sources.size()) *
                          (8.0 * static_cast<double>(view.arcs()) + 48.0 * view.vertices);
  return result;
}

}  // namespace

VertexIndex PeerPicks::Next() {
  // Its numbers are 32 bits wide, and those of the last incomplete round of residues do not count.
  const uint64_t n = view_.vertices, largest = random_.max();
  const bool even = largest % n == n - 1;
  const auto cutoff = static_cast<uint32_t>(largest - largest % n);
  for (;;) {
    const auto number = static_cast<uint32_t>(random_());
    if (!even && number >= cutoff) continue;
    const auto v = static_cast<VertexIndex>(number % n);
    if (view_.OutDegree(v) > 0) return v;
  }
}

std::vector<PeerKernel> PeerKernels(VertexIndex source) {
  return {{"page_rank", "pr", {"-t", "1e-4", "-i", "1000"}},
          {"bfs", "bfs", {"-r", absl::StrCat(source)}},
          {"weak_components", "cc", {}},
          {"triangles", "tc", {}},
          {"betweenness", "bc", {"-i", "4"}, true}};
}

absl::StatusOr<KernelRun> RunKernel(const std::string& name, const CsrView& view,
                                    absl::Span<const VertexIndex> sources, int threads) {
  RunContext run(threads);
  if (name == "page_rank") return RunPageRank(view, run);
  if (name == "bfs") return RunBfs(view, sources[0], run);
  if (name == "weak_components") return RunWeak(view, run);
  if (name == "betweenness") return RunBetweenness(view, sources, run);
  return RunTriangles(view, run);
}

}  // namespace halqa::bench
