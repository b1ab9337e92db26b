#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/algo/community/levels.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kLeidenVersion = 3;

struct LeidenOptions {
  CommunityQuality quality = CommunityQuality::kModularity;
  // [1e-9, 1e9]: larger means smaller communities. For CPM a density: communities are denser inside
  // and sparser between.
  double resolution = 1;
  int iterations = 2;  // [1, 100]: runs, each from the result of the one before
  uint64_t seed = 1;   // order in which vertices are visited
  bool keep_levels = false;
  // Communities to start from, one label below n per vertex; empty: every vertex alone. Yesterday's
  // result makes a warm start.
  absl::Span<const uint32_t> start;

  absl::Status Validate(const CsrView& view) const;
};

struct LeidenResult {
  // By vertex: communities are numbered 0, 1, ... in the order of their smallest vertex.
  std::vector<uint32_t> communities;
  uint32_t count = 0;
  double quality = 0;          // of `communities`, computed afresh: Modularity or CpmQuality
  double tracked_quality = 0;  // start plus the gains of all moves: equal up to rounding
  double modularity = 0;       // at resolution 1 if the quality is CPM, else `quality`
  int rounds = 0;              // levels of all runs
  bool converged = false;      // the last run moved no vertex
  // With keep_levels: the communities after each level of the last run, finest first, numbered
  // alike. Levels of one run are not nested.
  std::vector<std::vector<uint32_t>> levels;
};

// Communities of high quality: local moving, refinement, aggregation. Every community is connected
// by arcs of positive weight. The input is undirected; Symmetrised makes it so. The same bits for
// any number of threads. Departs from the paper: vertices move in batches (see MoveVertices);
// refinement
// moves vertices inside each community until none gains, where the paper merges once at random;
// a community that is still in pieces at the end is
// split, which only gains.
// Errors: InvalidArgument naming the field; FailedPrecondition (NOT_SYMMETRIC); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Cost: O(arcs) per level; see docs/MEASURED.md.
// Paper: Traag, Waltman, van Eck, Sci. Rep. 9, 2019; CPM: Traag, Van Dooren, Nesterov, 2011.
absl::StatusOr<LeidenResult> Leiden(const CsrView& view, const LeidenOptions& options,
                                    RunContext& run);

// Peak bytes of Leiden, its result included. An upper bound: how far arcs merge in the first level
// is not known before.
uint64_t EstimateLeiden(const CsrView& view, const LeidenOptions& options);

// Checks that labels are numbered as promised, every community is connected, the qualities are
// those of a direct sum over rows, and no single vertex can gain by moving to a
// neighbouring community when `converged`. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyLeiden(const CsrView& view, const LeidenOptions& options,
                          const LeidenResult& result);

}  // namespace halqa
