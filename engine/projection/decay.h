#pragma once
// How much an interaction counts after a while.

#include <cmath>
#include <cstdint>

namespace halqa::projection {

// Weight of one interaction of that hour at as_of; events after as_of do not grow.
inline double Decay(uint32_t hour, uint32_t as_of_hour, double half_life_days) {
  if (hour >= as_of_hour) return 1;
  return std::exp2(-static_cast<double>(as_of_hour - hour) / 24.0 / half_life_days);
}

}  // namespace halqa::projection
