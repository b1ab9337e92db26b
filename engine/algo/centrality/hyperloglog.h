#pragma once
// HyperLogLog counters of 2^bits one-byte registers. Flajolet, Fusy, Gandouet, Meunier, 2007.

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "engine/base/random.h"

namespace halqa::hyperloglog {

// Adds `item` to the counter at `registers`.
inline void Add(uint64_t item, uint64_t seed, int bits, uint8_t* registers) {
  const uint64_t hash = Mix64(item ^ Mix64(seed));
  const uint64_t index = hash >> (64 - bits);
  const uint64_t rest = hash << bits;
  const int rank = rest == 0 ? 64 - bits + 1 : __builtin_clzll(rest) + 1;
  if (registers[index] < rank) registers[index] = static_cast<uint8_t>(rank);
}

// Makes `to` the union of itself and `from`. REQUIRES: `size` is a multiple of 16.
inline void Unite(uint8_t* __restrict to, const uint8_t* __restrict from, uint64_t size) {
  for (uint64_t i = 0; i < size; i += 16) {
    for (int j = 0; j < 16; ++j) to[i + j] = to[i + j] < from[i + j] ? from[i + j] : to[i + j];
  }
}

// The standard deviation of a size, relative to the size (Flajolet et al., theorem 1).
inline double RelativeStandardDeviation(int bits) {
  const double beta = bits == 4   ? 1.106
                      : bits == 5 ? 1.070
                      : bits == 6 ? 1.054
                      : bits == 7 ? 1.046
                                  : 1.039;
  return beta / std::sqrt(std::ldexp(1.0, bits));
}

// Ertl's sigma: what registers that are still 0 stand for. REQUIRES: 0 <= x <= 1.
inline double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double power = 1, sum = x;
  for (double before = -1; sum != before; power += power) {
    x *= x;
    before = sum;
    sum += x * power;
  }
  return sum;
}

// Ertl's tau: the same for registers that are full. REQUIRES: 0 <= x <= 1.
inline double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double power = 1, sum = 1 - x;
  for (double before = -1; sum != before;) {
    x = std::sqrt(x);
    before = sum;
    power /= 2;
    sum -= (1 - x) * (1 - x) * power;
  }
  return sum / 3;
}

// The number of different items added. Exact counts are summed in a fixed order.
inline double Size(const uint8_t* registers, int bits) {
  const uint64_t size = uint64_t{1} << bits;
  const int full = 64 - bits + 1;
  uint32_t histogram[66] = {};
  for (uint64_t i = 0; i < size; ++i) ++histogram[registers[i]];
  const auto m = static_cast<double>(size);
  double sum = m * Tau(1 - histogram[full] / m);
  for (int rank = full - 1; rank >= 1; --rank) sum = (sum + histogram[rank]) / 2;
  sum += m * Sigma(histogram[0] / m);
  return m * m / (2 * std::log(2.0) * sum);
}

}  // namespace halqa::hyperloglog
