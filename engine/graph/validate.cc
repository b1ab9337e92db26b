#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/builder.h"

namespace halqa {
namespace {

absl::Status Invalid(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "CSR_INVALID", what);
}

// Invariants 1, 2 and 4 for one direction.
absl::Status CheckHalf(absl::string_view name, uint32_t vertices,
                       absl::Span<const uint64_t> offsets, absl::Span<const VertexIndex> values,
                       absl::Span<const float> weights) {
  if (offsets.size() != uint64_t{vertices} + 1 || offsets[0] != 0) {
    return Invalid(absl::StrCat(name, ": offsets have the wrong length or do not start at 0"));
  }
  if (!weights.empty() && weights.size() != values.size()) {
    return Invalid(absl::StrCat(name, ": one weight per arc expected"));
  }
  for (uint32_t v = 0; v < vertices; ++v) {
    if (offsets[v + 1] < offsets[v] || offsets[v + 1] > values.size()) {
      return Invalid(absl::StrCat(name, ": offset ", v + 1, " is out of order"));
    }
    for (uint64_t a = offsets[v]; a < offsets[v + 1]; ++a) {
      if (values[a] >= vertices || (a > offsets[v] && values[a] <= values[a - 1])) {
        return Invalid(absl::StrCat(name, ": row ", v, " is not strictly ascending"));
      }
      if (!weights.empty() && !(weights[a] >= 0 && std::isfinite(weights[a]))) {
        return Invalid(absl::StrCat(name, ": row ", v, " has a bad weight"));
      }
    }
  }
  if (offsets[vertices] != values.size()) {
    return Invalid(absl::StrCat(name, ": the last offset is not the number of arcs"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateCsr(const CsrView& view) {
  if (view.out_offsets.empty() && view.vertices == 0) return absl::OkStatus();
  HALQA_RETURN_IF_ERROR(
      CheckHalf("out", view.vertices, view.out_offsets, view.out_targets, view.out_weights));
  if (!view.has_in()) {
    return view.symmetric ? Invalid("a symmetric graph shows its in-rows") : absl::OkStatus();
  }
  HALQA_RETURN_IF_ERROR(
      CheckHalf("in", view.vertices, view.in_offsets, view.in_sources, view.in_weights));
  if (view.out_targets.size() != view.in_sources.size() ||
      view.out_weights.empty() != view.in_weights.empty()) {
    return Invalid("the two directions differ in size");
  }
  // Walking the out-rows in order must meet each in-row's entries in order.
  std::vector<uint64_t> next(view.in_offsets.begin(), view.in_offsets.end());
  for (uint32_t u = 0; u < view.vertices; ++u) {
    for (uint64_t a = view.out_offsets[u]; a < view.out_offsets[u + 1]; ++a) {
      const VertexIndex v = view.out_targets[a];
      const uint64_t b = next[v]++;
      if (b >= view.in_offsets[v + 1] || view.in_sources[b] != u ||
          view.InWeight(b) != view.OutWeight(a)) {
        return Invalid(absl::StrCat("in-row ", v, " is not the transposed out-row at ", u));
      }
    }
  }
  if (!view.symmetric) return absl::OkStatus();
  for (uint64_t a = 0; a < view.arcs(); ++a) {
    if (view.out_targets[a] != view.in_sources[a] || view.OutWeight(a) != view.InWeight(a)) {
      return Invalid(absl::StrCat("arc ", a, " of a symmetric graph has no equal reverse"));
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
