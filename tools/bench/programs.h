#pragma once
// Other programs that a benchmark runs: the peer, the importer, and what it asks of a service.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "halqa/v1/graph_service.pb.h"

namespace halqa::bench {

struct Finished {
  double seconds = 0;
  double core_seconds = 0;  // on cores, waiting not counted
  uint64_t peak_bytes = 0;  // resident
  std::string output;       // of stdout
};
// Runs a program to its end; its stderr is dropped. Errors: NotFound (PROGRAM_MISSING), Internal
// (COMMAND_FAILED).
absl::StatusOr<Finished> RunProgram(const std::vector<std::string>& arguments);

// Where a program is: `given`, or beside this one, or on the PATH; "" when nowhere.
std::string FindProgram(const std::string& given, const std::string& name);

// The peer: edges per second of db_bench writing one random 9-byte key and 4-byte value per edge
// into an empty database in `directory`, 1,000 in a batch, each batch synced.
absl::StatusOr<double> PeerEdgesPerSecond(const std::string& db_bench, const std::string& directory,
                                          uint64_t edges);

absl::StatusOr<v1::GetGraphStatsResponse> Stats(const std::string& address);

// Bytes resident in a process, private ones only and with shared file pages.
struct Resident {
  uint64_t all = 0, anonymous = 0;
};
Resident ResidentBytes(int pid);

// Bytes of all files below a directory.
uint64_t DirectoryBytes(const std::string& directory);

}  // namespace halqa::bench
