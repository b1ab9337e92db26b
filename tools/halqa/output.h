#pragma once
// What every subcommand prints alike: errors, JSON values, exit codes.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace halqa::cli {

inline constexpr int kExitError = 1;
inline constexpr int kExitUsage = 2;

// Prints "halqa: message [REASON]" to stderr and leaves the subcommand with exit code 1, or 2 where
// the command line itself is wrong. Must be called from a CLI11 callback.
[[noreturn]] void Fail(const absl::Status& status, int exit_code = kExitError);

// `text` as a JSON string, quotes included.
std::string JsonString(absl::string_view text);
// The shortest decimal text that reads back as the same number; JSON has no other numbers, so
// infinities and NaN become null there.
std::string NumberText(double value);
std::string JsonNumber(double value);

// One JSON object, members in the order of Add.
class JsonObject {
 public:
  void Add(absl::string_view key, absl::string_view json);
  std::string Text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace halqa::cli
