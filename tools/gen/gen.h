#pragma once
// An invented sphere of influence with a planted truth, for demonstrations, tests and benchmarks.
// Nothing in it describes a real person or account.

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "engine/base/run_context.h"

namespace halqa::gen {

struct GenOptions {
  uint32_t accounts = 100'000;      // range [1 000, 5 000 000]
  double follows_per_account = 32;  // mean; range [2, 200]
  uint64_t seed = 1;
  std::string out_dir;  // made when missing; files of the same names are replaced

  // InvalidArgument (OUT_OF_RANGE, MISSING_FIELD) naming the wrong field.
  absl::Status Validate() const;
};

struct GenSummary {
  uint64_t accounts = 0, follows = 0, interactions = 0, posts = 0;
  uint64_t experts = 0, stars = 0, bought = 0;  // accounts of each kind
};

// Writes into `out_dir`:
//   accounts.ndjson.zst      account records
//   follows.tsv.zst          follower, followee, time
//   interactions.tsv.zst     actor, target, kind, count, time, value_micros
//   posts.ndjson.zst         posts of the influencers
//   truth.csv                what the ranking should find: expertise per topic (0 to 10), role,
//                            person, community, bought followers. In no imported field.
//   README                   says that the data is invented, and how it was made
// The same options give the same bytes on every machine. Shape: memory about 4 bytes per account
// besides a constant. Cost: about 0.4 us per follow. Errors: those of Validate and of the files;
// Cancelled.
absl::Status Generate(const GenOptions& options, RunContext& run, GenSummary* summary = nullptr);

}  // namespace halqa::gen
