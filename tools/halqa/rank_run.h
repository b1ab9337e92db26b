#pragma once
// One ranking of a directory, as `halqa rank` and `halqa nightly` make it.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace halqa::cli {

struct RankFlags {
  std::string data, server;
  std::vector<std::string> parameters;
  int threads = 0;
  uint64_t memory_max = 0;
  bool json = false;
};

struct RankOutcome {
  uint32_t generation = 0;
  std::map<std::string, std::string> figures;
  std::vector<std::pair<std::string, double>> stages;  // seconds
  double seconds = 0;
  uint64_t peak_bytes = 0, estimated_bytes = 0;
};

// NAME=VALUE texts as a map. Errors: InvalidArgument (INVALID_PARAMETER).
absl::StatusOr<std::map<std::string, std::string>> ParseParameters(
    const std::vector<std::string>& texts);

// Ranks and publishes, with a progress bar. Errors: those of Graph::Open, PlanRanking and Rank.
absl::StatusOr<RankOutcome> RankDirectory(const RankFlags& flags,
                                          const std::map<std::string, std::string>& parameters);

}  // namespace halqa::cli
