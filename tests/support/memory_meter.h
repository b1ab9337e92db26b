#pragma once
// How many bytes the program holds: every allocation of this process is counted. The counters come
// with memory_meter.cc, which replaces malloc and its kin in the one test program that links it.

#include <cstdint>

namespace halqa::testing {

// False where something else has replaced malloc, as sanitizers do: nothing is counted then.
bool MemoryIsMetered();

// Bytes that are allocated now; stacks of threads are not counted.
uint64_t LiveBytes();

// The most bytes that were live at once since ResetPeak, and forgets former peaks.
uint64_t PeakBytes();
void ResetPeak();

}  // namespace halqa::testing
