#include "engine/projection/arc_origins.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "engine/base/status_macros.h"
#include "engine/projection/decay.h"
#include "engine/projection/scan.h"

namespace halqa::projection {
namespace {

constexpr size_t kSourcesPerCheckpoint = 1000;

using Parts = std::map<std::pair<uint8_t, int32_t>, double>;  // (kind, month) -> weight

// The interactions of one source with the target, cut to the cap.
absl::Status AddInteractions(const ScanScope& scope, const ProjectionOptions& options,
                             const OriginsQuery& query, uint32_t source, Parts* parts) {
  const uint32_t as_of_hour = store::HourBucket(query.as_of);
  Parts found;
  double sum = 0;
  HALQA_RETURN_IF_ERROR(ScanInteractions(
      scope, source, source + 1, [&](uint32_t, const std::vector<store::InteractionEntry>& all) {
        for (const store::InteractionEntry& e : all) {
          if (e.dst != Raw(query.target)) continue;
          double weight = options.kind_weights[e.kind - 1] * static_cast<double>(e.count);
          if (e.hour != 0) weight *= Decay(e.hour, as_of_hour, options.half_life_days);
          found[{e.kind, MonthOf(store::TimeOfHour(e.hour))}] += weight;
          sum += weight;
        }
      }));
  const double kept = sum > options.interaction_cap ? options.interaction_cap / sum : 1;
  for (const auto& [key, weight] : found) (*parts)[key] += weight * kept;
  return absl::OkStatus();
}

absl::Status AddFollow(const ScanScope& scope, const ProjectionOptions& options,
                       const OriginsQuery& query, uint32_t source, Parts* parts) {
  return ScanFollows(
      scope, source, source + 1, [&](uint32_t, const std::vector<store::FollowEntry>& follows) {
        auto it = std::lower_bound(
            follows.begin(), follows.end(), Raw(query.target),
            [](const store::FollowEntry& f, uint32_t target) { return f.dst < target; });
        if (it == follows.end() || it->dst != Raw(query.target)) return;
        if (!store::IsActive(it->word)) return;
        (*parts)[{uint8_t{0}, MonthOf(store::TimeOf(it->word))}] += options.follow_weight;
      });
}

}  // namespace

int32_t MonthOf(UnixSeconds time) {
  if (time == 0) return kMonthUnknown;
  const auto month = absl::ToCivilMonth(absl::FromUnixSeconds(time), absl::UTCTimeZone());
  return static_cast<int32_t>(month.year() * 12 + month.month() - 1);
}

absl::StatusOr<std::vector<WeightOrigin>> ArcOrigins(const store::Store& db,
                                                     const store::ReadView* view,
                                                     const ProjectionOptions& options,
                                                     const OriginsQuery& query, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_ASSIGN_OR_RETURN(const auto mask, store::LoadMask(db, view));
  const ScanScope scope{&db, view, mask.get(), options.as_of};
  std::vector<WeightOrigin> out;
  for (size_t i = 0; i < query.sources.size(); ++i) {
    if (i % kSourcesPerCheckpoint == 0) {
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(i), static_cast<double>(query.sources.size())));
    }
    Parts parts;
    const uint32_t source = Raw(query.sources[i]);
    HALQA_RETURN_IF_ERROR(AddFollow(scope, options, query, source, &parts));
    HALQA_RETURN_IF_ERROR(AddInteractions(scope, options, query, source, &parts));
    for (const auto& [key, weight] : parts) {
      if (weight > 0) out.push_back({query.sources[i], key.first, key.second, weight});
    }
  }
  return out;
}

}  // namespace halqa::projection
