#include "engine/graph/scatter.h"

namespace halqa::internal {

Buckets ChooseBuckets(uint32_t vertices, uint64_t items) {
  Buckets buckets;
  const uint64_t wanted = std::clamp<uint64_t>(items >> 17, 1, 2048);
  const uint64_t n = std::max<uint64_t>(vertices, 1);
  buckets.shift = 0;
  while (((n - 1) >> buckets.shift) + 1 > wanted) ++buckets.shift;
  buckets.count = static_cast<uint32_t>(((n - 1) >> buckets.shift) + 1);
  return buckets;
}

void PlaceBucket(const Bucketed& in, const Buckets& buckets, uint32_t bucket, uint32_t vertices,
                 CsrRows* out) {
  const uint64_t first = static_cast<uint64_t>(bucket) << buckets.shift;
  const uint64_t last =
      std::min<uint64_t>(vertices, (static_cast<uint64_t>(bucket) + 1) << buckets.shift);
  const uint64_t begin = in.bounds[bucket];
  const uint64_t end = in.bounds[bucket + 1];
  std::vector<uint64_t> at(last - first + 1, 0);
  for (uint64_t i = begin; i < end; ++i) ++at[(in.items[i] >> 32) - first + 1];
  at[0] = begin;
  for (uint64_t v = first; v < last; ++v) {
    at[v - first + 1] += at[v - first];
    out->offsets[v + 1] = at[v - first + 1];
  }
  for (uint64_t i = begin; i < end; ++i) {
    const uint64_t slot = at[(in.items[i] >> 32) - first]++;
    out->values[slot] = static_cast<VertexIndex>(in.items[i]);
    if (!in.weights.empty()) out->weights[slot] = in.weights[i];
  }
}

absl::StatusOr<CsrRows> TransposeRows(absl::Span<const uint64_t> offsets,
                                      absl::Span<const VertexIndex> values,
                                      absl::Span<const float> weights, RunContext& run,
                                      const Progress& progress) {
  const RowSource source(offsets, values, weights);
  const auto n = static_cast<uint32_t>(offsets.empty() ? 0 : offsets.size() - 1);
  if (weights.empty()) return ScatterByKey<false>(source, n, values.size(), run, progress);
  return ScatterByKey<true>(source, n, values.size(), run, progress);
}

}  // namespace halqa::internal
