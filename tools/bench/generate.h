#pragma once
// Graphs for measuring, from a seed.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"

namespace halqa::bench {

// `name` is "kronecker:SCALE" (Graph500 R-MAT, 16 edges per vertex, undirected, ids mixed up) or
// "planted:VERTICES" (degrees by a power law of 2.4 from 8 to 5000, communities of 30 to 20000 by
// one of 1.5, 30 % of the ends leave the community, joined at random, undirected, about 24 arcs per
// vertex), either followed by ":ordered": vertices by in-degree, largest first, as the snapshots of
// the product are. `truth`, unless null, gets the planted communities by vertex; empty where there
// are none. Errors: InvalidArgument (UNKNOWN_GRAPH).
absl::StatusOr<Csr> Generate(const std::string& name, RunContext& run,
                             std::vector<uint32_t>* truth = nullptr);

}  // namespace halqa::bench
