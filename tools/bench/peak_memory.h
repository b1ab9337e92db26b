#pragma once
// How much memory a piece of work takes above what was there before.

#include <cstdint>

namespace halqa::bench {

class PeakMemory {
 public:
  // Gives free memory back to the system first, so that the work cannot take it unseen.
  PeakMemory();
  // The most resident since then, above what was resident then; 0 where the system does not say.
  uint64_t Bytes() const;

 private:
  uint64_t before_ = 0;
};

}  // namespace halqa::bench
