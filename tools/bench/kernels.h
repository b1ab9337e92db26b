#pragma once
// How many passes over the graph a kernel costs. A pass ("sweep") reads offsets and neighbours once
// on the same threads; the ratio moves less between machines than seconds do.

#include <string>
#include <vector>

namespace halqa::bench {

struct KernelOptions {
  std::vector<std::string> graphs = {"kronecker:16", "kronecker:18", "planted:100000"};
  int threads = 2;
  int repeats = 3;
  bool json = false;
  std::string only;  // one group: page_rank, topics, communities, build; "" = all
};

// Measures and prints. Ends the program where a graph cannot be made.
void RunKernels(const KernelOptions& options);

}  // namespace halqa::bench
