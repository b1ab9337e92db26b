#include "engine/algo/centrality/closeness.h"

#include <algorithm>

#include "engine/algo/centrality/batch_search.h"
#include "engine/algo/centrality/lanes.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

uint64_t Batches(const CsrView& view) {
  return (uint64_t{view.vertices} + BatchSearch::kWidth - 1) / BatchSearch::kWidth;
}

// The scores of one batch of vertices.
void ScoreBatch(const CsrView& view, BatchSearch& search, uint64_t batch, const RunContext& run,
                std::vector<double>* scores) {
  uint64_t reached[BatchSearch::kWidth] = {};
  uint64_t distance[BatchSearch::kWidth] = {};
  const auto first = static_cast<VertexIndex>(batch * BatchSearch::kWidth);
  const VertexIndex last = std::min(view.vertices, first + BatchSearch::kWidth);
  search.Run(first, last, run, [&](uint32_t d, const uint32_t* counts) {
    for (uint32_t i = 0; i < BatchSearch::kWidth; ++i) {
      reached[i] += counts[i];
      distance[i] += uint64_t{d} * counts[i];
    }
  });
  for (VertexIndex v = first; v < last; ++v) {
    const auto r = static_cast<double>(reached[v - first]);
    const auto sum = static_cast<double>(distance[v - first]);
    (*scores)[v] = sum > 0 ? (r / sum) * (r / (view.vertices - 1.0)) : 0;
  }
}

}  // namespace

uint64_t EstimateCloseness(const CsrView& view, const ClosenessOptions&, int threads) {
  return WithSmallThings(view.vertices *
                         (8 + BatchSearch::kBytesPerVertex * LaneCount(threads, Batches(view))));
}

absl::StatusOr<ClosenessResult> Closeness(const CsrView& view, const ClosenessOptions& options,
                                          RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireRowsFor(view, options.direction));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateCloseness(view, options, run.threads())));
  ClosenessResult result;
  result.scores.resize(view.vertices);
  Lanes<BatchSearch> lanes;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, Batches(view), {}, [&](uint64_t b) {
    auto search =
        lanes.Borrow([&] { return std::make_unique<BatchSearch>(view, options.direction); });
    ScoreBatch(view, *search, b, run, &result.scores);
  }));
  return result;
}

}  // namespace halqa
