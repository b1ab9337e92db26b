#pragma once
// How time and memory of every near-linear algorithm grow with the graph.

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace halqa::bench {

struct ScalingOptions {
  std::vector<int> scales = {16, 18, 20, 22};  // Kronecker graphs of 2^scale vertices, ordered
  std::vector<std::string> only;               // algorithms of the registry; empty = all that scale
  int threads = 2;
  int repeats = 1;        // the best counts
  std::string page, svg;  // files to write; "" = the page goes to stdout, no plot
  std::string note;       // a line for the page: what else ran on the machine
};

// The algorithms that are measured unless `only` names others.
const std::vector<std::string>& ScalingAlgorithms();

// Measures each algorithm with its default parameters, from vertex 0 where it starts somewhere.
// Errors: those of Generate and of the algorithms; Internal (FILE_WRITE_FAILED).
absl::Status RunScaling(const ScalingOptions& options);

}  // namespace halqa::bench
