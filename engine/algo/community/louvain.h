#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/algo/community/levels.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kLouvainVersion = 1;

struct LouvainOptions {
  double resolution = 1;  // [1e-9, 1e9]: larger means smaller communities
  uint64_t seed = 1;      // order in which vertices are visited
  bool keep_levels = false;
  // Communities to start from, one label below n per vertex; empty: every vertex alone.
  absl::Span<const uint32_t> start;

  absl::Status Validate(const CsrView& view) const;
};

struct LouvainResult {
  // By vertex: communities are numbered 0, 1, ... in the order of their smallest vertex.
  std::vector<uint32_t> communities;
  uint32_t count = 0;
  double modularity = 0;          // of `communities`, computed afresh
  double tracked_modularity = 0;  // start plus the gains of all moves: equal up to rounding
  int rounds = 0;                 // levels
  // With keep_levels: the communities after each level, finest first, numbered alike; each level is
  // nested in the next.
  std::vector<std::vector<uint32_t>> levels;
};

// Communities of high modularity: local moving and aggregation until nothing gains. A community may
// be disconnected; Leiden promises that none is. The input is undirected; Symmetrised makes it so.
// The same bits for any number of threads; vertices move in batches (see MoveVertices).
// Errors: InvalidArgument naming the field; FailedPrecondition (NOT_SYMMETRIC); ResourceExhausted
// (MEMORY_LIMIT); those of Checkpoint. Cost: O(arcs) per level; see docs/MEASURED.md.
// Paper: Blondel, Guillaume, Lambiotte, Lefebvre, 2008.
absl::StatusOr<LouvainResult> Louvain(const CsrView& view, const LouvainOptions& options,
                                      RunContext& run);

// Peak bytes of Louvain, its result included. An upper bound: how far arcs merge in the first level
// is not known before.
uint64_t EstimateLouvain(const CsrView& view, const LouvainOptions& options);

// Checks numbering, both modularities against a direct sum over pairs of rows, that levels are
// nested and that no two communities gain by becoming one. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyLouvain(const CsrView& view, const LouvainOptions& options,
                           const LouvainResult& result);

}  // namespace halqa
