#pragma once
// Former figures of the kernels, committed: "GRAPH KERNEL SWEEPS ROUNDS WORK" per line, measured
// with one thread. Ratios and counts move less between machines than seconds do.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/bench/kernels.h"

namespace halqa::bench {

inline constexpr double kAllowedRatio = 1.15;

// What exceeds its baseline by more than kAllowedRatio, or is not in the file, one line each; ""
// when nothing does. A file that cannot be read is one such line.
std::string Worse(const std::string& path, const std::vector<Line>& lines);

// Takes the smaller ratios of `more`, line by line. REQUIRES: of the same options.
void KeepBest(const std::vector<Line>& more, std::vector<Line>* lines);

// Errors: Internal (FILE_WRITE_FAILED).
absl::Status WriteBaseline(const std::string& path, const std::vector<Line>& lines);

}  // namespace halqa::bench
