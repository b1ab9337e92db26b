#include "tools/bench/peak_memory.h"

#include <malloc.h>

#include <cstdio>

namespace halqa::bench {
namespace {

struct Resident {
  uint64_t now = 0, most = 0;  // most: since it was cleared
};

Resident ReadResident() {
  Resident resident;
  char line[256];
  if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
    while (std::fgets(line, sizeof line, status) != nullptr) {
      unsigned long long kib = 0;
      if (std::sscanf(line, "VmHWM: %llu", &kib) == 1) resident.most = kib << 10;
      if (std::sscanf(line, "VmRSS: %llu", &kib) == 1) resident.now = kib << 10;
    }
    std::fclose(status);
  }
  return resident;
}

}  // namespace

PeakMemory::PeakMemory() {
  ::malloc_trim(0);
  if (std::FILE* clear = std::fopen("/proc/self/clear_refs", "w")) {
    std::fputs("5", clear);
    std::fclose(clear);
  }
  before_ = ReadResident().now;
}

uint64_t PeakMemory::Bytes() const {
  const uint64_t most = ReadResident().most;
  return most > before_ ? most - before_ : 0;
}

}  // namespace halqa::bench
