#pragma once
// Our kernels beside Boost's where both exist: on the same view, one thread, ours and Boost's in
// turn.

#include <string>

#include "absl/status/status.h"

namespace halqa::bench {

struct BoostBenchOptions {
  std::string graph = "kronecker:18:ordered";
  // For what costs more than a few passes: betweenness and clustering.
  std::string small_graph = "kronecker:12:ordered";
  int rounds = 3;
};

// Prints a Markdown table: the best time of each on the core, their ratio, and ours with two
// threads on the wall. Errors: those of Generate and of the kernels; DataLoss (VERIFY_FAILED) when
// the two do not say the same.
absl::Status RunBoostBench(const BoostBenchOptions& options);

}  // namespace halqa::bench
