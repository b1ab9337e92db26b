#pragma once
// One community kernel on one invented graph: time, quality, agreement with the planted truth.

#include <string>

namespace halqa::bench {

struct CommunityOptions {
  std::string graph = "planted:1000000";
  std::string algorithm = "leiden";
  int iterations = 0;  // of leiden, 0 = its own default
  int threads = 2;
  int repeats = 3;
  std::string write;  // MatrixMarket file for peers, "" = none
};

// Measures and prints one line per repeat. Returns the exit code.
int RunCommunities(const CommunityOptions& options);

}  // namespace halqa::bench
