#pragma once
// A client that writes follows as fast as the service takes them: columnar batches with string ids
// over several StreamWrites calls, uniform random pairs.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace halqa::bench {

struct FollowLoadOptions {
  uint32_t accounts = 1'000'000;
  uint64_t edges = 1'000'000;   // to write, over all streams
  uint32_t batch = 5'000;       // edges per message
  int streams = 2;              // calls at once, each with a thread of its own
  int window = 2;               // unacknowledged batches per stream
  bool each_once = false;       // instead of random pairs: account 2i follows 2i + 1
  double edges_per_second = 0;  // 0 = as fast as they go
  uint64_t seed = 1;
  std::string producer = "bench";  // of each stream, its number appended; new names for each run
};

struct FollowLoadResult {
  uint64_t edges = 0;
  double seconds = 0;
  std::vector<double> latencies_ms;  // of each batch, from Write to its acknowledgement; sorted
  std::vector<double> second_marks;  // edges acknowledged in each full second

  double rate() const { return seconds > 0 ? static_cast<double>(edges) / seconds : 0; }
  // p in [0, 1].
  double LatencyMs(double p) const;
};

// "instagram:u0000123": the external id of an account of the load.
std::string LoadId(uint32_t account);

// Returns when every batch is acknowledged. Errors: those of the service.
absl::StatusOr<FollowLoadResult> WriteFollows(const std::string& address,
                                              const FollowLoadOptions& options);

}  // namespace halqa::bench
