#include "engine/algo/centrality/k_core.h"

#include <algorithm>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint32_t kVerticesPerCheck = 1 << 16;

bool UsesIn(const CsrView& view, const KCoreOptions& o) {
  return o.degree == CoreDegree::kIn || (o.degree == CoreDegree::kTotal && !view.symmetric);
}
bool UsesOut(const CsrView&, const KCoreOptions& o) { return o.degree != CoreDegree::kIn; }

uint64_t LargestDegree(const CsrView& view, const KCoreOptions& o) {
  uint64_t largest = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    largest = std::max(largest, (UsesIn(view, o) ? view.InDegree(v) : 0) +
                                    (UsesOut(view, o) ? view.OutDegree(v) : 0));
  }
  return largest;
}

// Vertices sorted by remaining degree, so that the next to peel is always in front.
class Peeler {
 public:
  Peeler(const CsrView& view, const KCoreOptions& options, uint64_t largest)
      : view_(view),
        in_(UsesIn(view, options)),
        out_(UsesOut(view, options)),
        degree_(view.vertices),
        order_(view.vertices),
        place_(view.vertices),
        first_(largest + 2, 0) {}

  absl::Status Run(RunContext& run);
  std::vector<uint32_t> TakeCores() { return {degree_.begin(), degree_.end()}; }

 private:
  static uint32_t CountWithout(absl::Span<const VertexIndex> row, VertexIndex v) {
    return static_cast<uint32_t>(row.size()) -
           static_cast<uint32_t>(std::binary_search(row.begin(), row.end(), v));
  }
  absl::Status CountDegrees(RunContext& run);
  absl::Status SortByDegree(RunContext& run);
  // u loses one degree and moves to the end of its new degree's places.
  void Lower(VertexIndex u);
  void PeelRow(absl::Span<const VertexIndex> row, VertexIndex v) {
    const uint32_t level = degree_[v];
    for (const VertexIndex u : row) {
      if (degree_[u] > level) Lower(u);
    }
  }

  const CsrView& view_;
  const bool in_;
  const bool out_;
  Array<uint32_t> degree_;
  Array<VertexIndex> order_;
  Array<uint32_t> place_;
  std::vector<uint64_t> first_;  // first place in order_ of each degree
};

absl::Status Peeler::CountDegrees(RunContext& run) {
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    degree_[v] =
        (in_ ? CountWithout(view_.In(v), v) : 0) + (out_ ? CountWithout(view_.Out(v), v) : 0);
    if (v % kVerticesPerCheck == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  }
  return absl::OkStatus();
}

absl::Status Peeler::SortByDegree(RunContext& run) {
  for (const uint32_t d : degree_) ++first_[d + 1];
  for (uint64_t d = 1; d < first_.size(); ++d) first_[d] += first_[d - 1];
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    place_[v] = static_cast<uint32_t>(first_[degree_[v]]++);
    order_[place_[v]] = v;
    if (v % kVerticesPerCheck == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(0, 1));
  }
  for (uint64_t d = first_.size() - 1; d > 0; --d) first_[d] = first_[d - 1];
  first_[0] = 0;
  return absl::OkStatus();
}

void Peeler::Lower(VertexIndex u) {
  const uint32_t d = degree_[u];
  const auto front = static_cast<uint32_t>(first_[d]);
  const VertexIndex other = order_[front];
  std::swap(order_[front], order_[place_[u]]);
  place_[other] = place_[u];
  place_[u] = front;
  ++first_[d];
  --degree_[u];
}

absl::Status Peeler::Run(RunContext& run) {
  HALQA_RETURN_IF_ERROR(CountDegrees(run));
  HALQA_RETURN_IF_ERROR(SortByDegree(run));
  uint64_t arcs = 0;
  uint64_t vertices = 0;
  for (uint64_t i = 0; i < view_.vertices; ++i) {
    const VertexIndex v = order_[i];
    // A vertex that loses an in-arc is one that v points to, and the other way round.
    if (in_) PeelRow(view_.Out(v), v);
    if (out_) PeelRow(view_.In(v), v);
    arcs += view_.OutDegree(v) + view_.InDegree(v);
    if (++vertices >= kBlockVertices || arcs >= 4 * kBlockArcs) {
      vertices = arcs = 0;
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i + 1), static_cast<double>(view_.vertices)));
    }
  }
  return run.Checkpoint(1, 1);
}

}  // namespace

uint64_t EstimateKCore(const CsrView& view, const KCoreOptions& options) {
  return WithSmallThings(16 * uint64_t{view.vertices} + 8 * (LargestDegree(view, options) + 2));
}

absl::StatusOr<KCoreResult> KCore(const CsrView& view, const KCoreOptions& options,
                                  RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateKCore(view, options)));
  const uint64_t largest = LargestDegree(view, options);
  if (largest > 0xffffffffu) {
    return FieldError("DEGREE_TOO_LARGE", "degree", "a degree does not fit 32 bits");
  }
  KCoreResult result;
  Peeler peeler(view, options, largest);
  HALQA_RETURN_IF_ERROR(peeler.Run(run));
  result.cores = peeler.TakeCores();
  for (const uint32_t core : result.cores) result.largest = std::max(result.largest, core);
  return result;
}

}  // namespace halqa
