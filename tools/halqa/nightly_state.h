#pragma once
// How far the night's work has come.

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace halqa::cli {

// Lines "NAME VALUE" under a head line, written durably in one step.
struct NightlyState {
  std::string key;      // of the flags and the content of the files
  int64_t started = 0;  // Unix seconds
  // Finished stages and what they left: "import" -> refused lines, "before" -> the generation that
  // was current when the ranking began, "rank" -> generation, "export" -> generation.
  std::map<std::string, uint64_t> done;
};

// The state in that directory; an empty one where there is none. Errors: DataLoss
// (NIGHTLY_STATE_DAMAGED), those of reading.
absl::StatusOr<NightlyState> LoadNightlyState(const std::string& data);
absl::Status SaveNightlyState(const std::string& data, const NightlyState& state);

}  // namespace halqa::cli
