#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kDegreeVersion = 1;

enum class DegreeKind { kIn, kOut, kTotal };

struct DegreeOptions {
  DegreeKind kind = DegreeKind::kIn;
  bool weighted = false;  // sum of arc weights instead of their number

  absl::Status Validate() const { return absl::OkStatus(); }
};

struct DegreeResult {
  std::vector<double> values;  // by vertex
};

// Followers (kIn), followed accounts (kOut) or both (kTotal) of every vertex. On a symmetric graph
// kTotal is the number of edges of the vertex; there, as usual, a self-loop counts twice.
// Errors: FailedPrecondition (MISSING_IN_ROWS) for kIn and kTotal; those of Checkpoint.
// Cost: O(vertices); O(arcs) weighted. Weighted sums are in double, in row order.
absl::StatusOr<DegreeResult> Degree(const CsrView& view, const DegreeOptions& options,
                                    RunContext& run);

// Peak bytes of Degree, its result included.
uint64_t EstimateDegree(const CsrView& view, const DegreeOptions& options);

// Counts every arc once from the other side. Errors: DataLoss (VERIFY_FAILED) naming the vertex.
absl::Status VerifyDegree(const CsrView& view, const DegreeOptions& options,
                          const DegreeResult& result);

}  // namespace halqa
