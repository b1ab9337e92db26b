#include "engine/algo/community/label_propagation.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>

#include "engine/algo/community/neighbour_weights.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

using Table = internal::NeighbourWeights<uint32_t>;

// The most frequent label around v, the smallest of those; its own where nobody is around.
VertexIndex MostFrequent(const CsrView& view, const VertexIndex* labels, VertexIndex v,
                         Table* around) {
  const absl::Span<const VertexIndex> out = view.Out(v);
  const absl::Span<const VertexIndex> in =
      view.symmetric ? absl::Span<const VertexIndex>() : view.In(v);
  const uint64_t all = out.size() + in.size();
  if (all == 0) return labels[v];
  around->Prepare(std::min<uint64_t>(all, view.vertices) + 1, view.vertices);
  for (const VertexIndex u : out) around->Add(labels[u], 1);
  for (const VertexIndex u : in) around->Add(labels[u], 1);
  VertexIndex best = kNoVertex;
  uint32_t most = 0;
  around->ForEach([&](uint32_t label, uint32_t count) {
    if (count > most || (count == most && label < best)) {
      best = label;
      most = count;
    }
  });
  around->Clear();
  return best;
}

// Bytes of the table of a block: that of its largest neighbourhood.
uint64_t TableBytes(const CsrView& view, VertexIndex first, VertexIndex last) {
  uint64_t largest = 0;
  for (VertexIndex v = first; v < last; ++v) {
    const uint64_t in = view.symmetric || !view.has_in() ? 0 : view.InDegree(v);
    largest = std::max(largest, view.OutDegree(v) + in);
  }
  return Table::BytesFor(std::min<uint64_t>(largest, view.vertices) + 1, view.vertices);
}

}  // namespace

absl::Status LabelPropagationOptions::Validate() const {
  return RequireRange("iterations", iterations, 0, 100000);
}

uint64_t EstimateLabelPropagation(const CsrView& view, const LabelPropagationOptions&,
                                  int threads) {
  // Each thread has the table of one block: at worst the largest ones at the same time.
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  std::vector<uint64_t> tables;
  for (size_t b = 0; b + 1 < bounds.size(); ++b) {
    tables.push_back(TableBytes(view, bounds[b], bounds[b + 1]));
  }
  const size_t at_once = std::min(tables.size(), static_cast<size_t>(threads));
  std::partial_sort(tables.begin(), tables.begin() + static_cast<ptrdiff_t>(at_once), tables.end(),
                    std::greater<>());
  return WithSmallThings(std::accumulate(tables.begin(),
                                         tables.begin() + static_cast<ptrdiff_t>(at_once),
                                         8 * uint64_t{view.vertices}));
}

absl::StatusOr<LabelPropagationResult> LabelPropagation(const CsrView& view,
                                                        const LabelPropagationOptions& options,
                                                        RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateLabelPropagation(view, options, run.threads())));
  LabelPropagationResult result;
  result.labels.resize(view.vertices);
  std::iota(result.labels.begin(), result.labels.end(), 0u);
  Array<VertexIndex> next(view.vertices);
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  while (result.rounds < options.iterations && !result.converged) {
    std::atomic<bool> changed{false};
    const Progress progress{static_cast<double>(result.rounds), 1,
                            static_cast<double>(options.iterations)};
    HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, progress, [&](uint64_t b) {
      Table around;
      bool any = false;
      for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
        next[v] = MostFrequent(view, result.labels.data(), v, &around);
        any = any || next[v] != result.labels[v];
      }
      if (any) changed.store(true, std::memory_order_relaxed);
    }));
    std::copy(next.begin(), next.end(), result.labels.begin());
    ++result.rounds;
    result.converged = !changed.load();
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
