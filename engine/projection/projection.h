#pragma once
// From the store to graphs: the plain follow graph of a snapshot, and the weighted graph that a
// ranking runs on.

#include <array>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr.h"
#include "engine/graph/ordered_rows.h"
#include "engine/graph/snapshot_file.h"
#include "engine/store/store.h"

namespace halqa::projection {

// How edges become weights: w(u,v) = follow + min(cap, sum over kinds of kind_weight * count *
// 2^(-age / half-life)). Interactions without a time count at full weight. (ALGORITHMS.md, section
// 0.)
struct ProjectionOptions {
  double follow_weight = 1;  // [0, 1e6]
  std::array<double, kInteractionKinds> kind_weights = {1, 3, 5, 3, 3,
                                                        1, 1, 5};  // like, comment, ...: [0, 1e6]
  double half_life_days = 30;                                      // (0, 36500]
  double interaction_cap =
      20;  // largest weight one source's interactions may add, against fan spam
  double engaged_window_days = 90;  // a follower is engaged when it interacted in this window
  UnixSeconds as_of = 0;            // 0 = the newest event in the data

  absl::Status Validate() const;
};

// Thread safety: immutable after it is built.
struct Projection {
  Csr graph;  // weighted, both directions, vertices by in-degree (largest first)
  std::vector<AccountId> vertex_to_account;
  // Per vertex: how many of its known followers interacted with it in the window.
  std::vector<uint32_t> engaged_followers;
  std::vector<uint32_t> followers;  // active follows only
  uint64_t follows = 0;
  uint64_t interaction_arcs = 0;  // arcs with at least one interaction
  UnixSeconds as_of = 0;          // 0 = no dated event
};

// The weighted graph of all accounts [0, accounts) as `view` sees it. Same bits for every number of
// threads. Errors: InvalidArgument (options), DataLoss (a row is damaged), those of Checkpoint.
// Cost: one scan of f_out and x_out, then two counting sorts; about 40 bytes of scratch per arc.
absl::StatusOr<Projection> BuildProjection(const store::Store& db, const store::ReadView* view,
                                           uint32_t accounts, const ProjectionOptions& options,
                                           RunContext& run);

// Peak bytes of BuildProjection for that many arcs.
uint64_t EstimateProjection(uint64_t accounts, uint64_t arcs);

// The active follows of every account as `view` sees them.
absl::StatusOr<RowPieces> ActiveFollows(const store::Store& db, const store::ReadView* view,
                                        uint32_t accounts, RunContext& run);

// Writes the snapshot file of rows whose vertices are accounts; in the file they stand by in-degree
// (see OrderByInDegree).
absl::Status WriteRows(RowPieces rows, absl::Span<const uint32_t> in_degrees,
                       const SnapshotIdentity& identity, const std::string& path, RunContext& run);

// Writes the snapshot file of the active follows as `view` sees them, vertices by in-degree. Cost:
// one scan of f_out, two counting sorts, one write: peak 16 bytes per arc.
absl::Status BuildSnapshot(const store::Store& db, const store::ReadView* view, uint32_t accounts,
                           const SnapshotIdentity& identity, const std::string& path,
                           RunContext& run);

}  // namespace halqa::projection
