#pragma once
// The one sort of this room: a stable, parallel counting sort of arcs by a 32-bit key, in two steps
// that both write into cache-sized pieces. Building, transposing and relabelling are uses of it.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/parallel.h"
#include "engine/base/run_context.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"
#include "engine/graph/csr.h"

namespace halqa::internal {

// Keys [b << shift, (b + 1) << shift) share bucket b.
struct Buckets {
  uint32_t count = 1;
  int shift = 32;
};
// Buckets of about 128 Ki items each, at most 2048 of them.
Buckets ChooseBuckets(uint32_t vertices, uint64_t items);

// Items of one sort after the first step: bucket by bucket, stable inside each.
struct Bucketed {
  Array<uint64_t> items;  // key << 32 | value
  Array<float> weights;
  std::vector<uint64_t> bounds;  // count + 1
};

// Second step: places the items of one bucket.
void PlaceBucket(const Bucketed& in, const Buckets& buckets, uint32_t bucket, uint32_t vertices,
                 CsrRows* out);

// First step. `source` has blocks() and ForEach(block, emit) where emit(key, value, weight) is
// called in the order that the sort keeps among equal keys.
template <bool kWeighted, typename Source>
absl::Status ToBuckets(const Source& source, const Buckets& buckets, RunContext& run,
                       const Progress& progress, Bucketed* out) {
  const uint64_t blocks = source.blocks();
  std::vector<uint64_t> cursor(blocks * buckets.count, 0);
  auto row = [&](uint64_t b) { return cursor.data() + b * buckets.count; };
  Progress half = progress;
  half.part = progress.part * 0.4;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks, half, [&](uint64_t b) {
    uint64_t* counts = row(b);
    source.ForEach(b, [&](uint32_t key, uint32_t, float) {
      ++counts[static_cast<uint64_t>(key) >> buckets.shift];
    });
  }));
  uint64_t total = 0;
  out->bounds.assign(1, 0);
  for (uint32_t k = 0; k < buckets.count; ++k) {
    for (uint64_t b = 0; b < blocks; ++b) {
      const uint64_t count = row(b)[k];
      row(b)[k] = total;
      total += count;
    }
    out->bounds.push_back(total);
  }
  out->items = Array<uint64_t>(total);
  if (kWeighted) out->weights = Array<float>(total);
  half.done += half.part;
  half.part = progress.part * 0.6;
  return CheckedBlocks(run, blocks, half, [&](uint64_t b) {
    uint64_t* at = row(b);
    source.ForEach(b, [&](uint32_t key, uint32_t value, float weight) {
      const uint64_t slot = at[static_cast<uint64_t>(key) >> buckets.shift]++;
      out->items[slot] = (static_cast<uint64_t>(key) << 32) | value;
      if constexpr (kWeighted) out->weights[slot] = weight;
    });
  });
}

// Rows by key, each in emission order. Errors: those of Checkpoint. Cost: O(items + vertices),
// 8 bytes (12 weighted) per item of scratch, about 8 ns per item on one core.
template <bool kWeighted, typename Source>
absl::StatusOr<CsrRows> ScatterByKey(const Source& source, uint32_t vertices, uint64_t items_max,
                                     RunContext& run, const Progress& progress) {
  const Buckets buckets = ChooseBuckets(vertices, items_max);
  Bucketed bucketed;
  Progress step = progress;
  step.part = progress.part * 0.6;
  HALQA_RETURN_IF_ERROR(ToBuckets<kWeighted>(source, buckets, run, step, &bucketed));
  CsrRows rows;
  rows.offsets = Array<uint64_t>(uint64_t{vertices} + 1);
  rows.offsets[0] = 0;
  rows.values = Array<VertexIndex>(bucketed.items.size());
  if (kWeighted) rows.weights = Array<float>(bucketed.items.size());
  step.done += step.part;
  step.part = progress.part * 0.4;
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, buckets.count, step, [&](uint64_t b) {
    PlaceBucket(bucketed, buckets, static_cast<uint32_t>(b), vertices, &rows);
  }));
  return rows;
}

// Emits the transposed arcs of rows in ascending row order, so the result's rows are sorted.
class RowSource {
 public:
  RowSource(absl::Span<const uint64_t> offsets, absl::Span<const VertexIndex> values,
            absl::Span<const float> weights)
      : offsets_(offsets), values_(values), weights_(weights), bounds_(RowBlocks(offsets)) {}

  uint64_t blocks() const { return bounds_.size() - 1; }
  template <typename Emit>
  void ForEach(uint64_t block, Emit emit) const {
    for (uint32_t v = bounds_[block]; v < bounds_[block + 1]; ++v) {
      for (uint64_t a = offsets_[v]; a < offsets_[v + 1]; ++a) {
        emit(values_[a], v, weights_.empty() ? 1.0f : weights_[a]);
      }
    }
  }

 private:
  absl::Span<const uint64_t> offsets_;
  absl::Span<const VertexIndex> values_;
  absl::Span<const float> weights_;
  std::vector<uint32_t> bounds_;
};

// The transposed rows, sorted.
absl::StatusOr<CsrRows> TransposeRows(absl::Span<const uint64_t> offsets,
                                      absl::Span<const VertexIndex> values,
                                      absl::Span<const float> weights, RunContext& run,
                                      const Progress& progress);

}  // namespace halqa::internal
