#pragma once
// What a graph directory costs without a service: scans, rebuilds, folds.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace halqa::bench {

// Rates are edges per second of a core's time on one thread; rebuild_wall is per second of the
// clock.
struct OfflineFigures {
  uint64_t follows = 0, folded = 0;
  double scan_before = 0, scan = 0, rebuild = 0, rebuild_wall = 0, fold = 0;
  double compact_seconds = 0, open_seconds = 0;
  uint64_t store_bytes = 0, snapshot_bytes = 0;
  double plain_csr_bytes = 0;  // both directions: 4-byte neighbours, 8-byte offsets
};

// Folds and compacts the graph of `directory` while it measures. Errors: those of LiveGraph.
absl::StatusOr<OfflineFigures> MeasureOffline(const std::string& directory);

// A table of uniform random follows with times. Errors: Internal (FILE_WRITE_FAILED).
absl::Status WriteFollowFile(const std::string& path, uint32_t accounts, uint64_t edges);

}  // namespace halqa::bench
