#pragma once
// What kernels say about their memory before they run.

#include <bit>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/run_context.h"

namespace halqa {

// ResourceExhausted (MEMORY_LIMIT) with needed and allowed when `bytes` is more than the run may
// use.
inline absl::Status RequireMemory(const RunContext& run, uint64_t bytes) {
  if (run.memory_bytes_max() == 0 || bytes <= run.memory_bytes_max()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                   absl::StrCat("needs ", bytes, " bytes, allowed are ", run.memory_bytes_max()),
                   {{"needed_bytes", absl::StrCat(bytes)},
                    {"allowed_bytes", absl::StrCat(run.memory_bytes_max())}});
}

// An estimate of `bytes` for the arrays of a kernel, and what stands beside them: block bounds and
// tallies, short lists of each thread.
inline uint64_t WithSmallThings(uint64_t bytes) { return bytes + bytes / 32 + (uint64_t{1} << 14); }

// The most bytes that a std::vector of `items` items of `size` bytes each takes while it grows by
// doubling: the new array and the one before.
inline uint64_t GrownVector(uint64_t items, uint64_t size) {
  return items == 0 ? 0 : std::bit_ceil(items) * size * 3 / 2;
}

}  // namespace halqa
