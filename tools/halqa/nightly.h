#pragma once
// The night's work: import, ranking with niches, export, as one job that goes on where it was
// killed.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/halqa/import_run.h"

namespace halqa::cli {

struct NightlyFlags {
  ImportFlags import;  // import.data is the directory; no files: nothing new is brought in
  std::string output;  // where exports go
  std::vector<std::string> formats = {"parquet", "csv"};
  std::vector<std::string> parameters;  // of the ranking
  double shrink_max = 0.2;              // [0, 1]
  uint32_t keep = 3;                    // generations and exports kept, [1, 8]
  int threads = 0;
  uint64_t memory_max = 0;
  bool json = false;
};

struct NightlyOutcome {
  uint32_t generation = 0;
  uint64_t rejected = 0;             // lines, with import.lenient
  std::string directory;             // of the export
  std::vector<std::string> resumed;  // stages that an earlier, killed try had finished
  std::vector<std::pair<std::string, double>> stages;  // seconds of those that worked
};

// Runs the stages that are not done yet. What is done is kept in DATA/nightly.state; the same flags
// and the same content of the files go on after the last finished stage (within the ranking: after
// its last finished stage), others start anew. Errors: FailedPrecondition (GRAPH_SHRANK: nothing
// was published; PARQUET_UNAVAILABLE, before anything is done), those of the stages.
absl::StatusOr<NightlyOutcome> RunNightly(const NightlyFlags& flags);

}  // namespace halqa::cli
