#pragma once
// How many passes over the graph a kernel costs. A pass ("sweep") reads offsets and neighbours once
// on the same threads; the ratio moves less between machines than seconds do.

#include <cstdint>
#include <string>
#include <vector>

namespace halqa::bench {

struct KernelOptions {
  std::vector<std::string> graphs = {"kronecker:16", "kronecker:18:ordered", "planted:100000"};
  int threads = 2;
  int repeats = 3;
  bool json = false;
  std::string only;      // one group: page_rank, topics, structure, communities, build; "" = all
  std::string baseline;  // a file of former figures to compare with (baseline.h); "" = none
  bool update = false;   // write that file instead
};

struct Line {
  std::string graph, kernel;
  double seconds = 0;  // best of the repeats; with one thread on its core, else on the wall
  double sweeps = 0;   // that, divided by the best sweep of the same moments
  double ns_per_arc = 0;
  int rounds = 1;
  uint64_t work = 0;  // what was counted exactly: arcs looked at, pairs, groups; 0 = nothing
  std::string note;
};

// Ends the program where a graph cannot be made.
std::vector<Line> MeasureKernels(const KernelOptions& options);

// Measures, prints, and compares with the baseline. Returns the exit code: 1 when a ratio or a
// count is more than 1.15 times its baseline.
int RunKernels(const KernelOptions& options);

}  // namespace halqa::bench
