#include "engine/algo/community/weak_components.h"

#include <algorithm>
#include <atomic>

#include "absl/container/flat_hash_map.h"
#include "engine/algo/kernel.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint64_t kSampledArcs = 2;  // per vertex, before the largest component is known
constexpr int kLabelSamples = 1024;

// Parents that only ever fall: a root is the smallest vertex of its tree.
class Forest {
 public:
  explicit Forest(std::vector<VertexIndex>* parent) : parent_(*parent) {}

  VertexIndex Parent(VertexIndex v) const {
    return std::atomic_ref<VertexIndex>(parent_[v]).load(std::memory_order_relaxed);
  }

  // Hangs the higher of the two roots below the lower one. Most pairs end at the first comparison.
  void Link(VertexIndex u, VertexIndex v) {
    VertexIndex a = Parent(u), b = Parent(v);
    while (a != b) {
      const VertexIndex high = std::max(a, b), low = std::min(a, b);
      VertexIndex above = Parent(high);
      if (above == low || (above == high && Hang(high, low))) return;
      a = Parent(Parent(high));
      b = Parent(low);
    }
  }

  void Compress(VertexIndex v) {
    VertexIndex p = Parent(v);
    for (VertexIndex g = Parent(p); g != p; g = Parent(p)) p = g;
    std::atomic_ref<VertexIndex>(parent_[v]).store(p, std::memory_order_relaxed);
  }

 private:
  bool Hang(VertexIndex root, VertexIndex below) {
    VertexIndex expected = root;
    return std::atomic_ref<VertexIndex>(parent_[root])
        .compare_exchange_strong(expected, below, std::memory_order_relaxed);
  }
  std::vector<VertexIndex>& parent_;
};

// The label met most often in a fixed sample; the smaller one of equals.
VertexIndex FrequentLabel(const std::vector<VertexIndex>& labels) {
  absl::flat_hash_map<VertexIndex, int> seen;
  CounterRng rng(0x57cc, 0);
  for (int i = 0; i < kLabelSamples; ++i) ++seen[labels[rng.Below(labels.size())]];
  VertexIndex best = kNoVertex;
  int most = 0;
  for (const auto& [label, count] : seen) {
    if (count > most || (count == most && label < best)) {
      best = label;
      most = count;
    }
  }
  return best;
}

}  // namespace

uint64_t EstimateWeakComponents(const CsrView& view, const WeakComponentsOptions&) {
  return WithSmallThings(4 * uint64_t{view.vertices});
}

absl::StatusOr<WeakComponentsResult> WeakComponents(const CsrView& view,
                                                    const WeakComponentsOptions& options,
                                                    RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateWeakComponents(view, options)));
  WeakComponentsResult result;
  std::vector<VertexIndex>& labels = result.labels;
  labels.resize(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) labels[v] = v;
  if (view.vertices == 0) return result;
  Forest forest(&labels);
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  auto for_each = [&](const Progress& progress, auto fn) {
    return CheckedBlocks(run, bounds.size() - 1, progress, [&](uint64_t b) {
      for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) fn(v);
    });
  };
  HALQA_RETURN_IF_ERROR(for_each({0, 0.3, 1}, [&](VertexIndex v) {
    for (const VertexIndex u : view.Out(v).subspan(0, kSampledArcs)) forest.Link(v, u);
  }));
  HALQA_RETURN_IF_ERROR(for_each({0.3, 0.1, 1}, [&](VertexIndex v) { forest.Compress(v); }));
  // An arc with one end outside the frequent component is seen from that end; needs both rows.
  const VertexIndex frequent = view.has_in() ? FrequentLabel(labels) : kNoVertex;
  const bool in_too = view.has_in() && !view.symmetric;
  HALQA_RETURN_IF_ERROR(for_each({0.4, 0.5, 1}, [&](VertexIndex v) {
    if (forest.Parent(v) == frequent) return;  // what hangs there now is skipped, the rest is not
    const absl::Span<const VertexIndex> row = view.Out(v);
    for (uint64_t i = kSampledArcs; i < row.size(); ++i) forest.Link(v, row[i]);
    if (!in_too) return;
    for (const VertexIndex u : view.In(v)) forest.Link(v, u);
  }));
  HALQA_RETURN_IF_ERROR(for_each({0.9, 0.1, 1}, [&](VertexIndex v) { forest.Compress(v); }));
  for (VertexIndex v = 0; v < view.vertices; ++v) result.components += labels[v] == v ? 1 : 0;
  return result;
}

}  // namespace halqa
