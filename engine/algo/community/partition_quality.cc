#include "engine/algo/community/partition_quality.h"

#include <algorithm>
#include <vector>

#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

// Weight of the arcs of a vertex or a community: of all, and with both ends in one community.
struct Weights {
  double row = 0, inside = 0;
};

Weights OfVertex(const CsrView& view, absl::Span<const uint32_t> labels, VertexIndex v) {
  Weights weights;
  for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
    const double w = view.OutWeight(a);
    weights.row += w;
    if (labels[view.out_targets[a]] == labels[v]) weights.inside += w;
  }
  return weights;
}

PartitionQuality Summed(const Array<Weights>& communities, const std::vector<uint8_t>& used,
                        double total) {
  PartitionQuality quality;
  std::vector<double> conductances;
  conductances.reserve(static_cast<size_t>(std::count(used.begin(), used.end(), 1)));
  double expected = 0, inside = 0;
  for (uint32_t c = 0; c < communities.size(); ++c) {
    if (used[c] == 0) continue;
    const auto& [row, within] = communities[c];
    const double side = std::min(row, total - row);
    conductances.push_back(side > 0 ? std::min(1.0, (row - within) / side) : 0.0);
    quality.conductance_mean += conductances.back();
    quality.conductance_largest = std::max(quality.conductance_largest, conductances.back());
    inside += within;
    if (total > 0) expected += (row / total) * (row / total);
  }
  quality.communities = static_cast<uint32_t>(conductances.size());
  if (conductances.empty()) return quality;
  quality.conductance_mean /= static_cast<double>(conductances.size());
  const auto middle = conductances.begin() + static_cast<int64_t>(conductances.size() / 2);
  std::nth_element(conductances.begin(), middle, conductances.end());
  quality.conductance_median = *middle;
  if (!(total > 0)) return quality;
  quality.coverage = inside / total;
  quality.modularity = quality.coverage - expected;
  return quality;
}

}  // namespace

uint64_t EstimateMeasurePartition(const CsrView& view) {
  return WithSmallThings(33 * uint64_t{view.vertices});
}

absl::StatusOr<PartitionQuality> MeasurePartition(const CsrView& view,
                                                  absl::Span<const uint32_t> labels,
                                                  RunContext& run) {
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  if (labels.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "labels", "one label per vertex expected");
  }
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateMeasurePartition(view)));
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  Array<Weights> vertices(view.vertices);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 0.9, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) vertices[v] = OfVertex(view, labels, v);
  }));
  Array<Weights> communities(view.vertices, Weights());
  std::vector<uint8_t> used(view.vertices, 0);
  double total = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (v % 1048576 == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(0.95, 1));
    Weights& of = communities[labels[v]];
    of.row += vertices[v].row;
    of.inside += vertices[v].inside;
    used[labels[v]] = 1;
    total += vertices[v].row;
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  vertices = Array<Weights>();
  return Summed(communities, used, total);
}

}  // namespace halqa
