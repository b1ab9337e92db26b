#include "engine/algo/centrality/harmonic.h"

#include <algorithm>

#include "engine/algo/centrality/batch_search.h"
#include "engine/algo/centrality/harmonic_top.h"
#include "engine/algo/centrality/lanes.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

uint64_t Batches(const CsrView& view) {
  return (uint64_t{view.vertices} + BatchSearch::kWidth - 1) / BatchSearch::kWidth;
}

absl::Status ScoreAll(const CsrView& view, PathDirection direction, RunContext& run,
                      std::vector<double>* scores) {
  scores->assign(view.vertices, 0);
  Lanes<BatchSearch> lanes;
  return CheckedBlocks(run, Batches(view), {}, [&](uint64_t b) {
    auto search = lanes.Borrow([&] { return std::make_unique<BatchSearch>(view, direction); });
    const auto first = static_cast<VertexIndex>(b * BatchSearch::kWidth);
    const VertexIndex last = std::min(view.vertices, first + BatchSearch::kWidth);
    search->Run(first, last, run, [&](uint32_t d, const uint32_t* counts) {
      for (VertexIndex v = first; v < last; ++v) {
        (*scores)[v] += counts[v - first] / static_cast<double>(d);
      }
    });
  });
}

}  // namespace

uint64_t EstimateHarmonic(const CsrView& view, const HarmonicOptions& options, int threads) {
  if (options.k > 0) return EstimateHarmonicTop(view, threads);
  return WithSmallThings(view.vertices *
                         (8 + BatchSearch::kBytesPerVertex * LaneCount(threads, Batches(view))));
}

absl::StatusOr<HarmonicResult> Harmonic(const CsrView& view, const HarmonicOptions& options,
                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireRowsFor(view, options.direction));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateHarmonic(view, options, run.threads())));
  HarmonicResult result;
  if (options.k > 0) {
    HALQA_RETURN_IF_ERROR(HarmonicTop(view, options, run, &result));
  } else {
    HALQA_RETURN_IF_ERROR(ScoreAll(view, options.direction, run, &result.scores));
  }
  return result;
}

}  // namespace halqa
