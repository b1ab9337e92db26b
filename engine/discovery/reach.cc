#include "engine/discovery/reach.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace halqa::discovery {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Tally {
  double observed = 0, interacting = 0;
  double Rate() const { return observed > 0 ? interacting / observed : kUnknown; }
};

// 95 % Wilson interval of a share seen in `n` observations.
std::pair<double, double> Wilson95(double share, double n) {
  constexpr double z = 1.959963984540054;
  const double z2n = z * z / n;
  const double middle = share + z2n / 2;
  const double half = z * std::sqrt(share * (1 - share) / n + z2n / (4 * n));
  return {std::max(0.0, (middle - half) / (1 + z2n)), std::min(1.0, (middle + half) / (1 + z2n))};
}

}  // namespace

ReachModel ReachModel::Fit(const AccountSource& accounts, const TierBands& bands,
                           const ReachOptions& options) {
  const size_t platforms = accounts.platforms().size();
  const size_t tiers = bands.names.size();
  std::vector<Tally> groups(platforms * tiers), totals(platforms);
  for (uint32_t a = 0; a < accounts.size(); ++a) {
    if (!accounts.Listed(AccountId{a})) continue;
    const AccountFacts facts = accounts.Facts(AccountId{a});
    const auto n = static_cast<double>(facts.known_followers);
    const double interacting = std::min(n, static_cast<double>(facts.interacting_followers));
    for (Tally* tally : {&groups[facts.platform * tiers + bands.TierOf(FollowersOf(facts))],
                         &totals[facts.platform]}) {
      tally->observed += n;
      tally->interacting += interacting;
    }
  }
  ReachModel model;
  model.bands_ = bands;
  model.options_ = options;
  for (size_t p = 0; p < platforms; ++p) {
    const double rate = totals[p].interacting > 0 ? totals[p].Rate() : kUnknown;
    model.platform_rates_.push_back(rate);
    for (size_t t = 0; t < tiers; ++t) {
      const Tally& group = groups[p * tiers + t];
      model.group_rates_.push_back(std::isnan(rate) || group.observed == 0 ? rate : group.Rate());
    }
  }
  return model;
}

double ReachModel::Prior(const AccountFacts& facts) const {
  if (facts.platform >= platform_rates_.size()) return kUnknown;
  return group_rates_[facts.platform * bands_.names.size() + bands_.TierOf(FollowersOf(facts))];
}

ReachEstimate ReachModel::Estimate(const AccountFacts& facts) const {
  ReachEstimate out;
  out.window_days = options_.window_days;
  out.observed_followers = facts.known_followers;
  out.interacting_followers = std::min(facts.known_followers, facts.interacting_followers);
  if (facts.declared_followers.has_value()) {
    out.potential_source = PotentialSource::kDeclared;
    out.potential = static_cast<double>(*facts.declared_followers);
  } else if (facts.known_followers > 0) {
    out.potential_source = PotentialSource::kKnownFollowers;
    out.potential = static_cast<double>(facts.known_followers);
  }
  const double prior = Prior(facts);
  // Without one known follower there is nothing to estimate from.
  if (std::isnan(prior) || !out.potential.has_value() || out.observed_followers == 0) return out;
  const double n = static_cast<double>(out.observed_followers) + options_.kappa;
  out.prior_rate = prior;
  out.rate = (static_cast<double>(out.interacting_followers) + options_.kappa * prior) / n;
  const auto [low, high] = Wilson95(out.rate, n);
  out.expected = *out.potential * out.rate;
  out.expected_low = *out.potential * low;
  out.expected_high = *out.potential * high;
  return out;
}

}  // namespace halqa::discovery
