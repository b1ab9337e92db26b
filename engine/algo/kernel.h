#pragma once
// Small things that every kernel shares.

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// FailedPrecondition (MISSING_IN_ROWS) unless `view` has in-rows.
inline absl::Status RequireInRows(const CsrView& view) {
  if (view.has_in() || view.vertices == 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "MISSING_IN_ROWS",
                   "this algorithm reads in-rows; build the graph with them");
}

// FailedPrecondition (NOT_SYMMETRIC) unless `view` is symmetric.
inline absl::Status RequireSymmetric(const CsrView& view) {
  if (view.symmetric) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "NOT_SYMMETRIC",
                   "this algorithm needs an undirected graph; symmetrise it first");
}

// InvalidArgument (OPTION_OUT_OF_RANGE) unless low <= value <= high.
inline absl::Status RequireRange(absl::string_view field, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return FieldError("OPTION_OUT_OF_RANGE", field,
                    absl::StrCat(field, " is ", value, ", must be in [", low, ", ", high, "]"));
}

// InvalidArgument (SOURCE_REQUIRED, VERTEX_OUT_OF_RANGE) unless `sources` names vertices, at least
// one.
inline absl::Status RequireSources(const CsrView& view, absl::Span<const VertexIndex> sources) {
  if (sources.empty()) {
    return FieldError("SOURCE_REQUIRED", "source", "give at least one source");
  }
  for (const VertexIndex s : sources) {
    if (s < view.vertices) continue;
    return FieldError("VERTEX_OUT_OF_RANGE", "source",
                      absl::StrCat("vertex ", s, " is not in the graph"));
  }
  return absl::OkStatus();
}

// The sum of one number per block, in block order: the same bits for every number of threads.
inline double SumInOrder(const std::vector<double>& parts) {
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace halqa
