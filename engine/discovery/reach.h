#pragma once
// How many people an account can reach, and how many of those are expected to react.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/discovery/sources.h"
#include "engine/discovery/tiers.h"

namespace halqa::discovery {

// Rises whenever an estimate can change for the same facts.
inline constexpr int kReachVersion = 2;

enum class PotentialSource : uint8_t { kUnknown, kDeclared, kKnownFollowers };

// One account alone. Potential reach = its followers: the declared count, else the followers that
// the crawl knows. Expected engaged reach = potential × rate; rate = share of the known followers
// who interacted with the account in the window, smoothed: (a + κ·p0) / (n + κ).
struct ReachEstimate {
  std::optional<double> potential;
  PotentialSource potential_source = PotentialSource::kUnknown;

  // Unknown where no interaction was seen on the platform, or no follower is known.
  std::optional<double> expected;
  double expected_low = 0, expected_high = 0;  // 95 % interval of expected
  double rate = 0;
  uint64_t observed_followers = 0;     // n, the denominator of the rate
  uint64_t interacting_followers = 0;  // a
  double prior_rate = 0;               // p0: mean of the platform and tier
  int window_days = 0;
  // What rate and interval are; stable.
  static constexpr absl::string_view kEstimator = "smoothed_share_of_known_followers_wilson95";
};

struct ReachOptions {
  double kappa = 20;     // weight of the prior, in followers
  int window_days = 30;  // of AccountFacts::interacting_followers
};

// The prior rates of platforms and tiers.
// Paper: smoothing as in Goyal, Bonchi, Lakshmanan (WSDM 2010), per account instead of per edge.
// Departure: the prior is per platform and tier, not per community. Interval: Wilson (1927) with
// n + κ observations, so it is never empty and stays in [0, 1].
// Thread safety: immutable.
class ReachModel {
 public:
  ReachModel() = default;
  // Means over listed accounts with known followers. A platform and tier without any takes the mean
  // of its platform. Cost: one call of Facts per account.
  static ReachModel Fit(const AccountSource& accounts, const TierBands& bands,
                        const ReachOptions& options);

  ReachEstimate Estimate(const AccountFacts& facts) const;
  const TierBands& bands() const { return bands_; }

 private:
  // NaN: no interaction on the platform.
  double Prior(const AccountFacts& facts) const;

  TierBands bands_;
  ReachOptions options_;
  std::vector<double> group_rates_;     // platform × tier
  std::vector<double> platform_rates_;  // platform
};

// Followers that decide tier and potential reach: declared, else known.
inline uint64_t FollowersOf(const AccountFacts& facts) {
  return facts.declared_followers.value_or(facts.known_followers);
}

}  // namespace halqa::discovery
