#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kKCoreVersion = 1;

enum class CoreDegree { kTotal, kIn, kOut };

struct KCoreOptions {
  // Which arcs hold a vertex in a core. kTotal counts in- and out-arcs (both of a mutual pair); on
  // a symmetric graph every edge once.
  CoreDegree degree = CoreDegree::kTotal;

  absl::Status Validate() const { return absl::OkStatus(); }
};

struct KCoreResult {
  std::vector<uint32_t> cores;  // by vertex
  uint32_t largest = 0;
};

// The core number of every vertex: the largest k such that it belongs to a set in which every
// vertex has degree >= k inside the set. Self-loops do not count.
// Errors: FailedPrecondition (MISSING_IN_ROWS), ResourceExhausted (MEMORY_LIMIT), InvalidArgument
// (DEGREE_TOO_LARGE: 2^32 or more), those of Checkpoint.
// Cost: O(vertices + arcs), one thread. Paper: Batagelj, Zaveršnik, 2003.
absl::StatusOr<KCoreResult> KCore(const CsrView& view, const KCoreOptions& options,
                                  RunContext& run);

// Peak bytes of KCore, its result included: 16 per vertex and 8 per degree up to the largest.
uint64_t EstimateKCore(const CsrView& view, const KCoreOptions& options);

// Iterates h-indices from the degrees down until they stand still, which is at the core numbers
// (Lü, Zhou, Zhang, Stanley, Nat. Commun. 2016). Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyKCore(const CsrView& view, const KCoreOptions& options,
                         const KCoreResult& result);

}  // namespace halqa
