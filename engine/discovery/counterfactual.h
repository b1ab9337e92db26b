#pragma once
// Scores as they would be without some accounts.

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"

namespace halqa::discovery {

// The graph without all arcs that begin or end at a vertex that is `gone`, whose own arcs to itself
// included; vertices keep their numbers. Both directions. Errors: InvalidArgument
// (LENGTH_MISMATCH), FailedPrecondition (MISSING_IN_ROWS), those of Checkpoint. Cost: one copy of
// what stays.
absl::StatusOr<Csr> WithoutVertices(const CsrView& graph, const std::vector<bool>& gone,
                                    RunContext& run);

struct WithoutOptions {
  double damping = 0.85;     // [0, 0.9999]
  double tolerance = 1e-12;  // [0, 1]: below that of rankings, so that places do not hang on noise
  // The jumps of the topic; with none only PageRank is made.
  absl::Span<const TeleportEntry> seeds;
  absl::Span<const double> page_rank;  // of the whole graph, where PageRank starts
};

struct WithoutScores {
  std::vector<double> page_rank;  // sum 1; 0 where gone
  std::vector<double> topic;      // not normalised; empty without seeds, all 0 where none stays
  double page_rank_l1_error_bound = 0, topic_l1_error_bound = 0;
};

// PageRank and the topic vector of the graph without the vertices that are gone: none of their arcs
// is left, no jump lands on them, and the jump distributions are divided by what stays. That equals
// the scores of a graph that never held them. Errors: InvalidArgument (LENGTH_MISMATCH,
// NOBODY_LEFT); ResourceExhausted (MEMORY_LIMIT); those of PageRank. Cost: one copy of the graph
// and the rounds of PageRank from a warm start.
absl::StatusOr<WithoutScores> ScoresWithout(const CsrView& graph, const std::vector<bool>& gone,
                                            const WithoutOptions& options, RunContext& run);

// Peak bytes of ScoresWithout, its result included.
uint64_t EstimateWithout(const CsrView& graph, const WithoutOptions& options);

}  // namespace halqa::discovery
