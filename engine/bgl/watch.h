#pragma once
// How a run of one of Boost's algorithms is watched, which asks nobody whether to go on: what it
// reads most, arcs (watched_graph.h), weights or colours, counts its looks.

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "engine/base/run_context.h"

namespace halqa {

// Leaves Boost's loops, which have no other way out; caught in the file where Boost was called.
struct Stopped {
  absl::Status status;
};

// Counts looks and asks the run after every 32768, which take a millisecond or less.
// Thread safety: one thread at a time.
class Watch {
 public:
  // `expected`: about how many looks the run takes; more only slow its progress down.
  Watch(RunContext& run, double expected) : run_(run), expected_(expected) {}

  // Throws Stopped when the run must stop.
  void Look(uint64_t times = 1) {
    if ((since_ += times) >= kLooks) Ask();
  }

 private:
  static constexpr uint64_t kLooks = 1 << 15;
  void Ask() {
    looks_ += since_;
    since_ = 0;
    const auto looks = static_cast<double>(looks_);
    absl::Status status = run_.Checkpoint(looks, looks + expected_);
    if (!status.ok()) throw Stopped{std::move(status)};
  }

  RunContext& run_;
  const double expected_;
  uint64_t looks_ = 0, since_ = 0;
};

}  // namespace halqa
