#pragma once
// Whether every algorithm stops when it is told to.

#include <string>
#include <vector>

namespace halqa::bench {

struct ContractOptions {
  std::string graph = "planted:1000000";
  bool directed = false;          // keeps half of the arcs, each in one direction
  std::vector<std::string> only;  // names of the table; empty: all
  int moments = 10;
  int threads = 1;
  double seconds_max = 3;
  double limit_ms = 100;
};

// Prints a table: algorithm, length of the run, median and worst milliseconds from the request to
// the return, by the token and by the deadline. Returns 0 when none is above the limit, else 1.
int RunContract(const ContractOptions& options);

}  // namespace halqa::bench
