#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr int kTopPageRankVersion = 1;

struct TopPageRankOptions {
  double damping = 0.85;  // [0, 0.9999]: probability of following an arc
  uint32_t k = 100;       // [1, 1000000]: how many vertices are asked for
  // Stop when the mass that is not yet placed is at most this, [0, 1].
  double residual_max = 1e-9;
  // Stop after about so many arcs were walked, 0 = no limit.
  uint64_t steps_max = 0;
  // Stop after so many milliseconds, 0 = no limit. The one option that makes an answer depend on
  // the machine.
  double milliseconds_max = 0;
  bool weighted = true;  // walk arcs in proportion to their weights, if the graph has any
  // Where a jump lands: at least one entry, weights >= 0 with sum > 0; repeated vertices add up.
  absl::Span<const TeleportEntry> source;

  absl::Status Validate(const CsrView& view) const;
};

struct TopPageRankResult {
  struct Entry {
    VertexIndex vertex = 0;
    double score = 0;  // the true score is in [score, score + residual]
  };
  // At most k, by falling score, equal ones by vertex; only vertices that mass has reached.
  std::vector<Entry> top;
  double residual = 0;     // mass not placed: the L1 distance to the true vector, exactly
  uint32_t certified = 0;  // so many from the front are surely among the true first k
  uint64_t steps = 0;      // arcs walked
  bool complete = false;   // certified == top.size(), or residual <= residual_max
};

// The first k of personalised PageRank (the scores of PageRank with this jump distribution) without
// the whole vector: mass is pushed from the source along arcs, first where there is much of it,
// with a threshold that falls until the first k are certain. Where a limit or the memory of the run
// stops it, the answer so far with its certificate. Where the mass has spread over much of the
// graph it sweeps in vertex order instead. One thread. Errors: InvalidArgument naming the field;
// ResourceExhausted (MEMORY_LIMIT); those of Checkpoint. Cost: at most 1 / ((1 - damping) ·
// threshold) arcs per threshold, independent of the size of the graph. Papers: Andersen, Chung,
// Lang, FOCS 2006 (push); Wu, Gan, Wei, Zhang, SIGMOD 2021 (sweeps).
absl::StatusOr<TopPageRankResult> TopPageRank(const CsrView& view,
                                              const TopPageRankOptions& options, RunContext& run);

// The most bytes that it may need, result included: 24 per vertex, and 21 for each one that mass
// reaches, here all of them. Where the run may use less it stops early, as at a limit.
uint64_t EstimateTopPageRank(const CsrView& view, const TopPageRankOptions& options);

// Compares with PageRank at 1e-12: every score and its residual enclose the true one, and the
// certified ones are among the first k. Errors: DataLoss (VERIFY_FAILED).
absl::Status VerifyTopPageRank(const CsrView& view, const TopPageRankOptions& options,
                               const TopPageRankResult& result);

}  // namespace halqa
