#pragma once
// The planted truth of `halqa gen`, read back to judge an answer. It is in no imported field.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::cli {

struct PlantedTruth {
  // Accounts that are experts of this topic.
  std::vector<std::string> experts;
};

// Errors: NotFound (FILE_NOT_FOUND), InvalidArgument (UNKNOWN_TOPIC).
absl::StatusOr<PlantedTruth> ReadPlantedTruth(const std::string& path, absl::string_view topic);

// How many of the first ten ids are experts of the topic.
int ExpertsInTopTen(const PlantedTruth& truth, const std::vector<std::string>& ids);

}  // namespace halqa::cli
