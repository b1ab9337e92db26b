#pragma once
// Reading all sorted files of a directory again, in a process of its own.

#include <string>

#include "tools/stress/process.h"

namespace halqa::stress {

inline constexpr int kScrubFound = 4;  // exit code: a damaged file was found

// Runs this program again to scrub `data`.
Ending RunScrub(const std::string& data, const std::string& log);

// What that other process does. Returns its exit code: 0 clean, kScrubFound, 1 for other errors.
int ScrubHere(const std::string& data);

}  // namespace halqa::stress
