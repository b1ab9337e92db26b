#include "engine/algo/centrality/degree.h"

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

double RowSum(absl::Span<const uint64_t> offsets, absl::Span<const float> weights, VertexIndex v) {
  if (weights.empty()) return static_cast<double>(offsets[v + 1] - offsets[v]);
  double sum = 0;
  for (uint64_t a = offsets[v]; a < offsets[v + 1]; ++a) sum += weights[a];
  return sum;
}

double SelfLoop(const CsrView& view, absl::Span<const float> weights, VertexIndex v) {
  for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
    if (view.out_targets[a] == v) return weights.empty() ? 1.0 : weights[a];
  }
  return 0;
}

}  // namespace

uint64_t EstimateDegree(const CsrView& view, const DegreeOptions&) {
  return WithSmallThings(8 * uint64_t{view.vertices});
}

absl::StatusOr<DegreeResult> Degree(const CsrView& view, const DegreeOptions& options,
                                    RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateDegree(view, options)));
  if (options.kind != DegreeKind::kOut) HALQA_RETURN_IF_ERROR(RequireInRows(view));
  const auto out_weights = options.weighted ? view.out_weights : absl::Span<const float>();
  const auto in_weights = options.weighted ? view.in_weights : absl::Span<const float>();
  DegreeResult result;
  result.values.assign(view.vertices, 0);
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      double sum = 0;
      if (options.kind != DegreeKind::kIn) sum += RowSum(view.out_offsets, out_weights, v);
      if (options.kind == DegreeKind::kIn) sum += RowSum(view.in_offsets, in_weights, v);
      if (options.kind == DegreeKind::kTotal) {
        sum += view.symmetric ? SelfLoop(view, out_weights, v)
                              : RowSum(view.in_offsets, in_weights, v);
      }
      result.values[v] = sum;
    }
  }));
  return result;
}

}  // namespace halqa
