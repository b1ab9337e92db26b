// How the graph hangs together: distances, triangles.

#include "engine/algo/community/local_clustering.h"
#include "engine/algo/community/triangles.h"
#include "engine/algo/traverse/bfs.h"
#include "engine/algo/traverse/sssp.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

std::vector<VertexIndex> SourcesFrom(const Values& p) {
  std::vector<VertexIndex> sources;
  for (const TeleportEntry& entry : p.VerticesOf("source")) sources.push_back(entry.vertex);
  return sources;
}

absl::StatusOr<AlgorithmResult> RunBfs(const CsrView& view, const Values& p, RunContext* run,
                                       Estimate* estimate) {
  const BfsOptions options{SourcesFrom(p)};
  HALQA_ESTIMATE_ONLY(EstimateBfs(view, options));
  HALQA_ASSIGN_OR_RETURN(BfsResult got, Bfs(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.hops);
  result.rounds = static_cast<int>(got.depth);
  result.figures["reached"] = static_cast<double>(got.reached);
  result.figures["depth"] = got.depth;
  return result;
}

absl::StatusOr<AlgorithmResult> RunSssp(const CsrView& view, const Values& p, RunContext* run,
                                        Estimate* estimate) {
  const SsspOptions options{SourcesFrom(p), p.Double("delta")};
  HALQA_ESTIMATE_ONLY(EstimateSssp(view, options));
  HALQA_ASSIGN_OR_RETURN(SsspResult got, Sssp(view, options, *run));
  AlgorithmResult result;
  result.values = std::move(got.distances);
  result.rounds = got.steps;
  result.figures["reached"] = static_cast<double>(got.reached);
  return result;
}

absl::StatusOr<AlgorithmResult> RunTriangles(const CsrView& view, const Values&, RunContext* run,
                                             Estimate* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateTriangles(view, {}, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(const TrianglesResult got, Triangles(view, {}, *run));
  AlgorithmResult result;
  // A hub may lie in more than 2^32; below 2^53 a double is exact.
  result.values = std::vector<double>(got.counts.begin(), got.counts.end());
  result.figures["triangles"] = static_cast<double>(got.total);
  return result;
}

absl::StatusOr<AlgorithmResult> RunLocalClustering(const CsrView& view, const Values&,
                                                   RunContext* run, Estimate* estimate) {
  HALQA_ESTIMATE_ONLY(EstimateLocalClustering(view, {}, estimate->threads));
  HALQA_ASSIGN_OR_RETURN(LocalClusteringResult got, LocalClustering(view, {}, *run));
  AlgorithmResult result;
  result.values = std::move(got.coefficients);
  result.figures["mean"] = got.mean;
  result.figures["triangles"] = static_cast<double>(got.triangles);
  return result;
}

std::vector<AlgorithmEntry> Distances() {
  return {{{.name = "bfs",
            .version = kBfsVersion,
            .summary = "fewest arcs from the nearest source",
            .value = ValueType::kHops,
            .in_rows = false,
            .parameters = {VerticesParameter("source", "", "vertices at 0 hops")},
            .time = "O(vertices + arcs), usually a small part of the arcs",
            .memory = "8 bytes and 3 bits per vertex",
            .paper = "Beamer, Asanovic, Patterson 2012"},
           RunBfs},
          {{.name = "sssp",
            .version = kSsspVersion,
            .summary = "least sum of weights from the nearest source",
            .in_rows = false,
            .parameters = {VerticesParameter("source", "", "vertices at distance 0"),
                           NumberParameter("delta", 0, 1e300, "0",
                                           "width of the first step, 0 = from the weights")},
            .time = "O(arcs) per step, about O(vertices + arcs) in practice",
            .memory = "21 bytes per vertex",
            .paper = "Meyer, Sanders 2003"},
           RunSssp}};
}

std::vector<AlgorithmEntry> TrianglesAndClustering() {
  return {{{.name = "triangles",
            .version = kTrianglesVersion,
            .summary = "triangles through the vertex, directions ignored",
            .time = "O(arcs^1.5)",
            .memory = "12 bytes per arc, 24 per vertex; directed, 20 and 32",
            .paper = "Latapy 2008"},
           RunTriangles},
          {{.name = "local_clustering",
            .version = kLocalClusteringVersion,
            .summary = "share of the pairs of neighbours that are joined, as LDBC's LCC",
            .time = "O(arcs^1.5)",
            .memory = "12 bytes per arc, 24 per vertex; directed, 28 and 32",
            .paper = "Iosup et al. 2016"},
           RunLocalClustering}};
}

}  // namespace

std::vector<AlgorithmEntry> StructureAlgorithms() {
  std::vector<AlgorithmEntry> all = Distances();
  for (AlgorithmEntry& entry : TrianglesAndClustering()) all.push_back(std::move(entry));
  return all;
}

}  // namespace halqa
