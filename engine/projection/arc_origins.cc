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

constexpr size_t kChunk = 1000;  // sources between checkpoints
// To find one row costs as much as to read about so many that follow each other.
constexpr uint64_t kRowsPerSeek = 20;

using Parts = std::map<std::pair<uint8_t, int32_t>, double>;  // (kind, month) -> weight

// The parts of the weights of some sources that rise.
class Chunk {
 public:
  Chunk(const ScanScope& scope, const ProjectionOptions& options, const OriginsQuery& query,
        absl::Span<const AccountId> sources)
      : scope_(scope),
        options_(options),
        query_(query),
        sources_(sources),
        parts_(sources.size()) {}

  absl::Status Read() {
    const uint64_t span = uint64_t{Raw(sources_.back())} - Raw(sources_.front()) + 1;
    if (span <= kRowsPerSeek * sources_.size()) {
      return ReadRange(Raw(sources_.front()), Raw(sources_.back()) + 1);
    }
    for (const AccountId source : sources_) {
      HALQA_RETURN_IF_ERROR(ReadRange(Raw(source), Raw(source) + 1));
    }
    return absl::OkStatus();
  }

  void Take(std::vector<WeightOrigin>* out) const {
    for (size_t i = 0; i < sources_.size(); ++i) {
      for (const auto& [key, weight] : parts_[i]) {
        if (weight > 0) out->push_back({sources_[i], key.first, key.second, weight});
      }
    }
  }

 private:
  Parts* PartsOf(uint32_t source) {
    auto it = std::lower_bound(sources_.begin(), sources_.end(), AccountId{source});
    return it != sources_.end() && Raw(*it) == source ? &parts_[it - sources_.begin()] : nullptr;
  }
  absl::Status ReadRange(uint32_t from, uint32_t to);
  void AddFollow(const std::vector<store::FollowEntry>& follows, Parts* parts) const;
  void AddInteractions(const std::vector<store::InteractionEntry>& all, Parts* parts) const;

  const ScanScope& scope_;
  const ProjectionOptions& options_;
  const OriginsQuery& query_;
  const absl::Span<const AccountId> sources_;
  std::vector<Parts> parts_;
};

absl::Status Chunk::ReadRange(uint32_t from, uint32_t to) {
  HALQA_RETURN_IF_ERROR(ScanFollows(
      scope_, from, to, [&](uint32_t source, const std::vector<store::FollowEntry>& follows) {
        if (Parts* parts = PartsOf(source); parts != nullptr) AddFollow(follows, parts);
      }));
  return ScanInteractions(scope_, from, to,
                          [&](uint32_t source, const std::vector<store::InteractionEntry>& all) {
                            if (Parts* parts = PartsOf(source); parts != nullptr)
                              AddInteractions(all, parts);
                          });
}

void Chunk::AddFollow(const std::vector<store::FollowEntry>& follows, Parts* parts) const {
  auto it =
      std::lower_bound(follows.begin(), follows.end(), Raw(query_.target),
                       [](const store::FollowEntry& f, uint32_t target) { return f.dst < target; });
  if (it == follows.end() || it->dst != Raw(query_.target) || !store::IsActive(it->word)) return;
  (*parts)[{uint8_t{0}, MonthOf(store::TimeOf(it->word))}] += options_.follow_weight;
}

// Cut to the cap, each in proportion.
void Chunk::AddInteractions(const std::vector<store::InteractionEntry>& all, Parts* parts) const {
  const uint32_t as_of_hour = store::HourBucket(query_.as_of);
  Parts found;
  double sum = 0;
  for (const store::InteractionEntry& e : all) {
    if (e.dst != Raw(query_.target)) continue;
    double weight = options_.kind_weights[e.kind - 1] * static_cast<double>(e.count);
    if (e.hour != 0) weight *= Decay(e.hour, as_of_hour, options_.half_life_days);
    found[{e.kind, MonthOf(store::TimeOfHour(e.hour))}] += weight;
    sum += weight;
  }
  const double kept = sum > options_.interaction_cap ? options_.interaction_cap / sum : 1;
  for (const auto& [key, weight] : found) (*parts)[key] += weight * kept;
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
  const size_t total = query.sources.size();
  for (size_t from = 0; from < total; from += kChunk) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(from), static_cast<double>(total)));
    Chunk chunk(scope, options, query, query.sources.subspan(from, kChunk));
    HALQA_RETURN_IF_ERROR(chunk.Read());
    chunk.Take(&out);
  }
  return out;
}

}  // namespace halqa::projection
