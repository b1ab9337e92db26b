#pragma once
// Kernels beside the programs of the GAP Benchmark Suite, on one graph, in one window of time:
// ours, theirs, ours, theirs. The programs are not part of this project; they are given by their
// path.

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace halqa::bench {

struct PeerBenchOptions {
  std::string gap;  // the folder with the programs pr, bfs, cc, tc, bc
  std::vector<std::string> graphs = {"kronecker:20", "planted:1000000"};
  std::vector<std::string> kernels = {"page_rank", "bfs", "weak_components", "triangles",
                                      "betweenness"};
  std::vector<int> threads = {1, 2};
  int rounds = 5;               // of ours and theirs; see RunPeerBench
  bool peer_unordered = false;  // the peer reads a graph "NAME:ordered" as NAME; same sources
  std::string directory = "/tmp/halqa_peer";  // for the graph's file; the file is removed
};

// betweenness is that of four sources, as the peer picks them, new ones in each trial.
// With one thread times are those on the core, which others on the machine hardly touch; with more,
// on the wall: only a quiet machine gives those.
// Prints a table, one row per graph, kernel and number of threads: the best round of
// each, and the median over the rounds of the ratio. A round has four trials of both; with one
// thread the mean of the last three counts, with more the best. Errors: those of
// Generate, WriteGraphFile and RunProgram; Internal (COMMAND_FAILED) when a peer prints no time.
absl::Status RunPeerBench(const PeerBenchOptions& options);

}  // namespace halqa::bench
