#pragma once
// Graphs for measuring, from a seed.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"

namespace halqa::bench {

// `name` is "kronecker:SCALE" (Graph500 R-MAT, 16 edges per vertex, undirected, ids mixed up) or
// "planted:VERTICES" (power-law degrees and communities, 30 % of the edges leave the community,
// undirected, about 24 arcs per vertex), either followed by ":ordered": vertices by in-degree,
// largest first, as the snapshots of the product are. Errors: InvalidArgument (UNKNOWN_GRAPH).
absl::StatusOr<Csr> Generate(const std::string& name, RunContext& run);

}  // namespace halqa::bench
