#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kCoreNumbersVersion = 1;

struct CoreNumbersOptions {
  absl::Status Validate() const { return absl::OkStatus(); }
};

struct CoreNumbersResult {
  std::vector<uint32_t> cores;  // by vertex
};

// Core numbers by in-degree (by degree on a symmetric graph), found by Boost: the second opinion on
// KCore. A self-loop counts as an in-arc of its vertex here.
// Errors: ResourceExhausted (MEMORY_LIMIT), those of Checkpoint. Cost: O(vertices + arcs), one
// thread. Paper: Batagelj, Zaveršnik, 2003.
absl::StatusOr<CoreNumbersResult> CoreNumbers(const CsrView& view,
                                              const CoreNumbersOptions& options, RunContext& run);

// Peak bytes, result included.
uint64_t EstimateCoreNumbers(const CsrView& view, const CoreNumbersOptions& options);

// Peels away, for every k, all vertices of in-degree below k. O(largest core · arcs). Errors:
// DataLoss (VERIFY_FAILED).
absl::Status VerifyCoreNumbers(const CsrView& view, const CoreNumbersResult& result);

}  // namespace halqa
