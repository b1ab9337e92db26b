#pragma once
// Of what the weights of the arcs into one account are made.

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/projection/projection.h"

namespace halqa::projection {

// A month of UTC as year * 12 + (month - 1); kMonthUnknown where the event has no time.
inline constexpr int32_t kMonthUnknown = -1;
int32_t MonthOf(UnixSeconds time);

// One part of one arc's weight. kind 0 is the follow, others are InteractionKind.
struct WeightOrigin {
  AccountId source = kNoAccount;
  uint8_t kind = 0;
  int32_t month = kMonthUnknown;  // of the event that made the follow, or of the interactions
  double weight = 0;              // the arc's weight is the sum over its origins
};

struct OriginsQuery {
  AccountId target = kNoAccount;
  absl::Span<const AccountId> sources;  // rising
  UnixSeconds as_of = 0;                // the projection's as_of: ages count to it
};

// The origins of the weights of the arcs from `sources` to `target`, by source, kind, month: what
// BuildProjection of the same view and options adds up. Where the cap cuts the interactions of a
// source, each of their parts is cut in proportion. Errors: DataLoss (a row is damaged), those of
// Checkpoint. Cost: one row of f_out and x_out per source, about 0.1 ms where
// they are far apart; where they are dense, a scan of what lies between.
absl::StatusOr<std::vector<WeightOrigin>> ArcOrigins(const store::Store& db,
                                                     const store::ReadView* view,
                                                     const ProjectionOptions& options,
                                                     const OriginsQuery& query, RunContext& run);

}  // namespace halqa::projection
