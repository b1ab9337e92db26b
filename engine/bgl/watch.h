#pragma once
// How a run of one of Boost's algorithms is watched, which asks nobody whether to go on: what it
// reads most, weights, capacities or colours, is given to it as a property map that counts.

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "engine/base/error.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa::bgl {

// Counts looks and asks the run after every 65536, which take a millisecond or less.
class Watch {
 public:
  // Leaves Boost's loop, which has no other way out; caught where Boost was called.
  struct Stopped {
    absl::Status status;
  };

  // `expected`: about how many looks the run takes; more only slow its progress down.
  Watch(RunContext& run, double expected) : run_(run), expected_(expected) {}

  // Throws Stopped.
  void Look(uint64_t times = 1) {
    looks_ += times;
    if (looks_ < next_) return;
    next_ = looks_ + 65536;
    Ask();
  }

 private:
  void Ask() {
    const auto looks = static_cast<double>(looks_);
    absl::Status status = run_.Checkpoint(looks, looks + expected_);
    if (!status.ok()) throw Stopped{std::move(status)};
  }

  RunContext& run_;
  const double expected_;
  uint64_t looks_ = 0, next_ = 65536;
};

// ResourceExhausted (MEMORY_LIMIT) with needed and allowed when `bytes` is more than the run may
// use.
inline absl::Status FitsMemory(const RunContext& run, uint64_t bytes) {
  if (run.memory_bytes_max() == 0 || bytes <= run.memory_bytes_max()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, "MEMORY_LIMIT",
                   absl::StrCat("needs ", bytes, " bytes, allowed are ", run.memory_bytes_max()),
                   {{"needed_bytes", absl::StrCat(bytes)},
                    {"allowed_bytes", absl::StrCat(run.memory_bytes_max())}});
}

// InvalidArgument (`missing` when there is none, VERTEX_OUT_OF_RANGE) naming `field`.
inline absl::Status NamesVertices(const CsrView& view, absl::string_view field,
                                  absl::Span<const VertexIndex> named, absl::string_view missing) {
  if (named.empty()) return FieldError(missing, field, absl::StrCat("give at least one ", field));
  for (const VertexIndex v : named) {
    if (v < view.vertices) continue;
    return FieldError("VERTEX_OUT_OF_RANGE", field,
                      absl::StrCat("vertex ", v, " is not in the graph"));
  }
  return absl::OkStatus();
}

}  // namespace halqa::bgl
