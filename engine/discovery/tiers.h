#pragma once
// Size tiers: accounts are compared with accounts of their own size.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace halqa::discovery {

// Lower bounds of the tiers, in followers; configuration. Default: below 1 K, nano 1-10 K, micro
// 10-50 K, mid 50-500 K, macro 500 K-1 M, mega from 1 M.
// Invariants: 1. names and lower_bounds have one entry per tier, at most kTiersMax. 2. lower_bounds
// rise from 0.
struct TierBands {
  static constexpr size_t kTiersMax = 16;
  std::vector<std::string> names = {"below_nano", "nano", "micro", "mid", "macro", "mega"};
  std::vector<uint64_t> lower_bounds = {0, 1000, 10000, 50000, 500000, 1000001};

  // Index of the tier of an account with so many followers.
  int TierOf(uint64_t followers) const {
    int tier = 0;
    while (tier + 1 < static_cast<int>(lower_bounds.size()) &&
           followers >= lower_bounds[tier + 1]) {
      ++tier;
    }
    return tier;
  }
};

}  // namespace halqa::discovery
