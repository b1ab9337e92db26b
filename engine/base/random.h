#pragma once
// Seeded random numbers that depend on nothing but their key: never on the clock, the thread or the
// order of calls.

#include <cstdint>

namespace halqa {

// One strong 64-bit mix (SplitMix64 finaliser; Steele, Lea, Flood, OOPSLA 2014).
constexpr uint64_t Mix64(uint64_t z) {
  z += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// A counter-based stream: draw k of stream (seed, stream) is Mix64 of the key and k, so streams can
// be drawn in any order on any thread. Not for cryptography. Satisfies UniformRandomBitGenerator.
class CounterRng {
 public:
  using result_type = uint64_t;
  constexpr CounterRng(uint64_t seed, uint64_t stream)
      : key_(Mix64(seed ^ Mix64(stream ^ 0xd1b54a32d192ed03ull))) {}

  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return ~uint64_t{0}; }
  constexpr uint64_t operator()() { return Mix64(key_ + counter_++ * 0x9e3779b97f4a7c15ull); }

  // Uniform in [0, 1).
  constexpr double Uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  // Uniform in [0, n), without the modulo bias that matters (Lemire's multiply). REQUIRES: n > 0.
  constexpr uint64_t Below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<Wide>((*this)()) * n) >> 64);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  uint64_t key_;
  uint64_t counter_ = 0;
};

}  // namespace halqa
