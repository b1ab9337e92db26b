#pragma once
// One run of one of our kernels, and the arguments that make a peer do the same.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
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
  // Each trial starts from four vertices that the peer picks, and not from `source`.
  bool picks = false;
};

// All that can be measured, for a source that both start from, by the peer's name of it.
std::vector<PeerKernel> PeerKernels(VertexIndex source);

// The vertices that a program of the GAP suite picks, one after the other: those that have arcs.
class PeerPicks {
 public:
  explicit PeerPicks(const CsrView& view) : view_(view) {}
  VertexIndex Next();

 private:
  const CsrView view_;
  std::mt19937_64 random_{27491095};  // the peer's seed
};

// Runs kernel `name` of PeerKernels once. `sources`: where it starts, if anywhere. Errors: those of
// the kernel.
absl::StatusOr<KernelRun> RunKernel(const std::string& name, const CsrView& view,
                                    absl::Span<const VertexIndex> sources, int threads);

}  // namespace halqa::bench
