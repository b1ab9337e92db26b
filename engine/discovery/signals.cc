#include "engine/discovery/signals.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa::discovery {
namespace {

constexpr std::array<absl::string_view, kSignals> kNames = {
    "relevance", "topic_authority", "niche_fit", "expected_reach", "potential_reach", "in_degree"};
constexpr double kEpsilon = 0.01;
constexpr double kMedian = 0.5;

double MidRank(double smaller, double equal, size_t all) {
  return (smaller + equal / 2) / static_cast<double>(all);
}

double SortedMidRank(absl::Span<const float> sorted, float value) {
  const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
  return MidRank(static_cast<double>(low - sorted.begin()), static_cast<double>(high - low),
                 sorted.size());
}

double CountedMidRank(absl::Span<const float> values, float value) {
  double smaller = 0, equal = 0;
  for (float other : values) {
    smaller += other < value ? 1 : 0;
    equal += other == value ? 1 : 0;
  }
  return MidRank(smaller, equal, values.size());
}

// Orders like (group, value); -0 equals 0.
uint64_t SortKey(uint16_t group, float value) {
  const float positive_zero = value + 0.0f;
  uint32_t bits = 0;
  std::memcpy(&bits, &positive_zero, sizeof(bits));
  bits ^= (bits >> 31) != 0 ? 0xffffffffu : 0x80000000u;
  return (uint64_t{group} << 32) | bits;
}

// Radix sort by key; stable. Bytes that all keys share cost one pass to find out.
void SortByKey(std::vector<std::pair<uint64_t, uint32_t>>* order) {
  std::vector<std::pair<uint64_t, uint32_t>> other(order->size());
  for (int shift = 0; shift < 48; shift += 8) {
    std::array<size_t, 257> begin = {};
    for (const auto& [key, i] : *order) ++begin[((key >> shift) & 0xff) + 1];
    if (std::find(begin.begin(), begin.end(), order->size()) != begin.end()) continue;
    for (size_t digit = 0; digit < 256; ++digit) begin[digit + 1] += begin[digit];
    for (const auto& entry : *order) other[begin[(entry.first >> shift) & 0xff]++] = entry;
    order->swap(other);
  }
}

}  // namespace

absl::string_view SignalName(Signal signal) { return kNames.at(static_cast<size_t>(signal)); }

absl::StatusOr<SignalWeights> ParseWeights(const std::map<std::string, double>& weights) {
  if (weights.empty()) return kDefaultWeights;
  SignalWeights out = {};
  double sum = 0;
  for (const auto& [name, weight] : weights) {
    const auto it = std::find(kNames.begin(), kNames.end(), name);
    if (it == kNames.end()) {
      const std::string known = absl::StrJoin(kNames, ", ");
      return WithDetail(
          FieldError("UNKNOWN_SIGNAL", "weights",
                     absl::StrCat("unknown signal \"", name, "\"; the signals are ", known)),
          "known_signals", known);
    }
    if (!(weight >= 0) || std::isinf(weight)) {
      return FieldError(
          "NEGATIVE_WEIGHT", "weights",
          absl::StrCat("the weight of ", name, " is ", weight, "; expected a finite number >= 0"));
    }
    out[it - kNames.begin()] = weight;
    sum += weight;
  }
  if (!(sum > 0) || std::isinf(sum)) {
    return FieldError("ALL_WEIGHTS_ZERO", "weights", "some weight must be above 0");
  }
  for (double& weight : out) weight /= sum;
  return out;
}

FusedScore Fuse(const SignalValues& percentiles, const SignalWeights& weights) {
  static const double reference = std::log(kEpsilon + kMedian);
  FusedScore out;
  double log_score = 0;
  for (int i = 0; i < kSignals; ++i) {
    const double s = std::isnan(percentiles[i]) ? kMedian : percentiles[i];
    const double log_s = std::log(kEpsilon + s);
    out.baseline += weights[i] * reference;
    out.contributions[i] = weights[i] * (log_s - reference);
    log_score += weights[i] * log_s;
  }
  out.score = std::exp(log_score);
  return out;
}

PercentileIndex::PercentileIndex(absl::Span<const float> values, absl::Span<const uint16_t> groups,
                                 size_t group_min)
    : group_min_(group_min), percentiles_(values.size(), static_cast<float>(kUnknownSignal)) {
  HALQA_CHECK(values.size() == groups.size());
  std::vector<std::pair<uint64_t, uint32_t>> order;
  order.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    order.emplace_back(SortKey(groups[i], values[i]), static_cast<uint32_t>(i));
    if (offsets_.size() < size_t{groups[i]} + 2) offsets_.resize(size_t{groups[i]} + 2, 0);
    ++offsets_[groups[i] + 1];
  }
  SortByKey(&order);
  for (size_t g = 1; g < offsets_.size(); ++g) offsets_[g] += offsets_[g - 1];
  sorted_.reserve(order.size());
  for (const auto& [key, i] : order) sorted_.push_back(values[i]);
  SortWiderLists();
  for (size_t i = 0; i < order.size();) {
    size_t end = i + 1;
    while (end < order.size() && order[end].first == order[i].first) ++end;
    const uint16_t group = groups[order[i].second];
    const double equal = static_cast<double>(end - i);
    const size_t size = OfGroup(group).size();
    const double percentile = size >= group_min_
                                  ? MidRank(static_cast<double>(i - offsets_[group]), equal, size)
                                  : Percentile(sorted_[i], group);
    for (; i < end; ++i) percentiles_[order[i].second] = static_cast<float>(percentile);
  }
}

absl::Span<const float> PercentileIndex::Values(size_t group_begin, size_t group_end) const {
  if (offsets_.empty()) return {};
  const size_t begin = offsets_[std::min(group_begin, offsets_.size() - 1)];
  const size_t end = offsets_[std::min(group_end, offsets_.size() - 1)];
  return absl::MakeConstSpan(sorted_).subspan(begin, end - begin);
}

void PercentileIndex::SortWiderLists() {
  for (size_t g = 0; g + 1 < offsets_.size(); ++g) {
    const size_t size = OfGroup(g).size();
    if (size == 0 || size >= group_min_) continue;
    const size_t platform = g / TierBands::kTiersMax;
    const auto wider = OfPlatform(platform);
    if (wider.size() < group_min_) {
      if (all_.empty()) all_ = sorted_;
      continue;
    }
    if (platforms_.size() <= platform) platforms_.resize(platform + 1);
    if (platforms_[platform].empty()) platforms_[platform].assign(wider.begin(), wider.end());
  }
  for (auto& platform : platforms_) std::sort(platform.begin(), platform.end());
  std::sort(all_.begin(), all_.end());
}

double PercentileIndex::Percentile(float value, uint16_t group) const {
  if (std::isnan(value) || sorted_.empty()) return kUnknownSignal;
  const auto own = OfGroup(group);
  if (own.size() >= group_min_) return SortedMidRank(own, value);
  const size_t platform = group / TierBands::kTiersMax;
  const auto wider = OfPlatform(platform);
  if (wider.size() >= group_min_) {
    const bool sorted = platform < platforms_.size() && !platforms_[platform].empty();
    return sorted ? SortedMidRank(platforms_[platform], value) : CountedMidRank(wider, value);
  }
  return all_.empty() ? CountedMidRank(sorted_, value) : SortedMidRank(all_, value);
}

absl::StatusOr<GlobalSignals> GlobalSignals::Build(const AccountSource& accounts,
                                                   const ReachModel& reach, RunContext& run) {
  GlobalSignals out;
  const uint32_t n = accounts.size();
  for (SignalColumn& column : out.columns_) {
    column.values.assign(n, static_cast<float>(kUnknownSignal));
  }
  out.groups_.assign(n, 0);
  for (uint32_t a = 0; a < n; ++a) {
    if (a % 8192 == 0) HALQA_RETURN_IF_ERROR(run.Checkpoint(a, 2.0 * n));
    if (!accounts.Listed(AccountId{a})) continue;
    const AccountFacts facts = accounts.Facts(AccountId{a});
    out.groups_[a] = GroupOf(facts.platform, reach.bands().TierOf(FollowersOf(facts)));
    const ReachEstimate estimate = reach.Estimate(facts);
    auto set = [&out, a](Signal signal, double v) {
      out.columns_[Column(signal)].values[a] = static_cast<float>(v);
    };
    if (estimate.expected.has_value()) set(Signal::kExpectedReach, *estimate.expected);
    if (estimate.potential.has_value()) set(Signal::kPotentialReach, *estimate.potential);
    if (!facts.isolated) set(Signal::kInDegree, static_cast<double>(facts.known_followers));
  }
  for (size_t c = 0; c < out.columns_.size(); ++c) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(out.columns_.size() + c),
                                         2.0 * static_cast<double>(out.columns_.size())));
    const PercentileIndex index(out.columns_[c].values, out.groups_);
    out.columns_[c].percentiles.assign(index.percentiles().begin(), index.percentiles().end());
  }
  return out;
}

}  // namespace halqa::discovery
