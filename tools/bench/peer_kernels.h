#pragma once
// One run of one of our kernels, and the arguments that make a peer do the same.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/graph/csr_view.h"

namespace halqa::bench {

struct KernelRun {
  double seconds = 0;  // with one thread on its core, else on the wall
  int rounds = 1;
  double streamed_bytes = 0;  // read or written in order; gathers are not in it
  std::string note;
};

struct PeerKernel {
  std::string name;                    // ours
  std::string program;                 // theirs
  std::vector<std::string> arguments;  // beside the graph's file
};

// All that can be measured, for a source that both start from.
std::vector<PeerKernel> PeerKernels(VertexIndex source);

// Runs kernel `name` of PeerKernels once. Errors: those of the kernel.
absl::StatusOr<KernelRun> RunKernel(const std::string& name, const CsrView& view,
                                    VertexIndex source, int threads);

}  // namespace halqa::bench
