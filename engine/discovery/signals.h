#pragma once
// Signals of an account, their percentiles among comparable accounts, and their fusion into one
// score whose parts add up exactly.

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/base/run_context.h"
#include "engine/discovery/reach.h"
#include "engine/discovery/sources.h"

namespace halqa::discovery {

// Rises whenever a percentile or score can change for the same values.
inline constexpr int kSignalsVersion = 2;

// In the order of answers. The first three depend on the query, the others on the generation.
enum class Signal : uint8_t {
  kRelevance,       // BM25F of the query over the account's document
  kTopicAuthority,  // PPR·(PPR/PR)^γ of the query's topics
  kNicheFit,        // lower bound of how much the account's niche is about the topics
  kExpectedReach,   // ReachEstimate::expected, people
  kPotentialReach,  // ReachEstimate::potential, people
  kInDegree,        // followers known to the graph
};
inline constexpr int kSignals = 6;
inline constexpr int kQuerySignals = 3;

// One value per signal; NaN = not known, which never stands for 0.
using SignalValues = std::array<double, kSignals>;
inline constexpr double kUnknownSignal = std::numeric_limits<double>::quiet_NaN();
inline SignalValues UnknownSignals() {
  SignalValues values;
  values.fill(kUnknownSignal);
  return values;
}

// "relevance", "topic_authority", "niche_fit", "expected_reach", "potential_reach", "in_degree".
absl::string_view SignalName(Signal signal);

// Weights that sum to 1.
using SignalWeights = std::array<double, kSignals>;
inline constexpr SignalWeights kDefaultWeights = {0.25, 0.35, 0.10, 0.15, 0.10, 0.05};

// Weights by name; signals left out weigh 0; no entry at all means kDefaultWeights. Only ratios
// matter. Errors: InvalidArgument, field "weights": UNKNOWN_SIGNAL (with the known names),
// NEGATIVE_WEIGHT (also NaN and infinite), ALL_WEIGHTS_ZERO.
absl::StatusOr<SignalWeights> ParseWeights(const std::map<std::string, double>& weights);

// The fused score exp(Σ w·ln(ε + s)), ε = 0.01, s the percentiles, and its exact parts.
// Paper: weighted geometric mean; an unknown percentile counts as the median 0.5, which is also the
// reference of every contribution, so that an unknown signal contributes exactly 0.
// Invariant: ln score = baseline + Σ contributions (to rounding).
struct FusedScore {
  double score = 0;
  double baseline = 0;  // Σ w·ln(ε + 0.5): ln of the score of an account at every median
  SignalValues contributions = {};  // w·(ln(ε + s) - ln(ε + 0.5))
};
FusedScore Fuse(const SignalValues& percentiles, const SignalWeights& weights);

// Groups of comparable accounts: platform × tier.
inline uint16_t GroupOf(uint16_t platform, int tier) {
  return static_cast<uint16_t>(platform * TierBands::kTiersMax + static_cast<unsigned>(tier));
}

// Percentiles of one signal inside groups: (smaller + equal/2) / known values of the group. A group
// with fewer than `group_min` known values is too small to compare in: its platform stands in, then
// all accounts. Values are floats, so that rounding in the last bits never orders accounts.
// Thread safety: immutable.
class PercentileIndex {
 public:
  static constexpr size_t kGroupMin = 10;
  // REQUIRES: groups.size() == values.size(). NaN values are left out. Cost: one sort.
  PercentileIndex(absl::Span<const float> values, absl::Span<const uint16_t> groups,
                  size_t group_min = kGroupMin);

  // Of the values given, in their order; NaN for NaN, else in (0, 1).
  absl::Span<const float> percentiles() const { return percentiles_; }

  // Of any value: in [0, 1]; NaN for NaN and when no value is known at all. Cost: two binary
  // searches; linear for a group that is too small and had no member.
  double Percentile(float value, uint16_t group) const;

 private:
  absl::Span<const float> Values(size_t group_begin, size_t group_end) const;
  absl::Span<const float> OfGroup(size_t group) const { return Values(group, group + 1); }
  absl::Span<const float> OfPlatform(size_t platform) const {
    return Values(platform * TierBands::kTiersMax, (platform + 1) * TierBands::kTiersMax);
  }
  void SortWiderLists();

  size_t group_min_;
  std::vector<float> sorted_;      // by group, then value
  std::vector<uint32_t> offsets_;  // of each group in sorted_
  // Sorted values of the platforms that some small group needs, and of all; empty: not needed.
  std::vector<std::vector<float>> platforms_;
  std::vector<float> all_;
  std::vector<float> percentiles_;
};

// The signals that do not depend on the query, with percentiles over all listed accounts; made once
// per generation. 26 bytes per account.
// Thread safety: immutable.
class GlobalSignals {
 public:
  GlobalSignals() = default;
  // Errors: Cancelled, DeadlineExceeded. Cost: a few hundred ns per account.
  static absl::StatusOr<GlobalSignals> Build(const AccountSource& accounts, const ReachModel& reach,
                                             RunContext& run);

  // REQUIRES: account below the number of ids at Build (see size()), signal >= kQuerySignals.
  double value(AccountId account, Signal signal) const {
    return columns_[Column(signal)].values[Raw(account)];
  }
  double percentile(AccountId account, Signal signal) const {
    return columns_[Column(signal)].percentiles[Raw(account)];
  }
  uint16_t group(AccountId account) const { return groups_[Raw(account)]; }
  uint32_t size() const { return static_cast<uint32_t>(groups_.size()); }

 private:
  static size_t Column(Signal signal) { return static_cast<size_t>(signal) - kQuerySignals; }
  struct SignalColumn {
    std::vector<float> values, percentiles;
  };
  std::array<SignalColumn, kSignals - kQuerySignals> columns_;
  std::vector<uint16_t> groups_;
};

}  // namespace halqa::discovery
