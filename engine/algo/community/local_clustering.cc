#include "engine/algo/community/local_clustering.h"

#include <algorithm>

#include "engine/algo/community/triangle_links.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

internal::LinkCount What(const CsrView& view) {
  return view.symmetric ? internal::LinkCount::kTriangles : internal::LinkCount::kArcs;
}

// Different neighbours, v excluded.
double Degree(const CsrView& view, const internal::LinkResult& links, VertexIndex v) {
  if (!view.symmetric) return links.degrees[v];
  const absl::Span<const VertexIndex> row = view.Out(v);
  const bool loop = std::binary_search(row.begin(), row.end(), v);
  return static_cast<double>(row.size()) - (loop ? 1 : 0);
}

}  // namespace

uint64_t EstimateLocalClustering(const CsrView& view, const LocalClusteringOptions&, int threads) {
  return internal::EstimateLinks(view, What(view), threads);
}

absl::StatusOr<LocalClusteringResult> LocalClustering(const CsrView& view,
                                                      const LocalClusteringOptions& options,
                                                      RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateLocalClustering(view, options, run.threads())));
  HALQA_ASSIGN_OR_RETURN(const internal::LinkResult links,
                         internal::CountLinks(view, What(view), run));
  LocalClusteringResult result;
  result.triangles = links.triangles;
  result.coefficients.resize(view.vertices);
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {1, 0, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      const double degree = Degree(view, links, v);
      const double joined = static_cast<double>(links.links[v]) * (view.symmetric ? 2 : 1);
      result.coefficients[v] = degree < 2 ? 0 : joined / (degree * (degree - 1));
    }
  }));
  double sum = 0;
  for (const double c : result.coefficients) sum += c;
  result.mean = view.vertices == 0 ? 0 : sum / view.vertices;
  return result;
}

}  // namespace halqa
