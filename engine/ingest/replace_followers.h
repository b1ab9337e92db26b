#pragma once
// A complete list of followers, as of a time.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/base/run_context.h"
#include "engine/ingest/live_graph.h"

namespace halqa::ingest {

struct FollowerList {
  std::string account;
  UnixSeconds as_of = 0;               // when the list was complete
  std::vector<std::string> followers;  // external ids; repetitions count once
  Provenance provenance;
};

inline constexpr uint64_t kFollowerListMax = 5'000'000;

struct ReplaceReport {
  uint64_t followers = 0;  // distinct ids in the list
  uint64_t added = 0;      // not known as active before
  uint64_t removed = 0;    // active before and not in the list: an unfollow at as_of was written
  uint64_t suppressed_rows = 0;
  Lsn lsn = 0;
};

// Writes a follow at as_of for everybody in the list who is not known to follow, and an unfollow at
// as_of for everybody else who does. Events that are newer than as_of win as always. The events are
// durable batch by batch; killed in between, the same list again completes it.
// Errors: InvalidArgument (FOLLOWER_LIST_TOO_LONG, AS_OF_REQUIRED, TIME_IN_FUTURE,
// INVALID_EXTERNAL_ID, SELF_LOOP), those of LiveGraph::Write and Checkpoint.
absl::StatusOr<ReplaceReport> ReplaceFollowers(LiveGraph& graph, const FollowerList& list,
                                               RunContext& run);

}  // namespace halqa::ingest
