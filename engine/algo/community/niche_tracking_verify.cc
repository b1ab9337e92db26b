#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/algo/community/niche_tracking.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

using Sets = std::map<uint32_t, std::set<size_t>>;

absl::Status Failed(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

Sets ByName(absl::Span<const uint32_t> names) {
  Sets sets;
  for (size_t a = 0; a < names.size(); ++a) {
    if (names[a] != kUntracked) sets[names[a]].insert(a);
  }
  return sets;
}

double Jaccard(const Sets& sets, uint32_t name, const std::set<size_t>& other) {
  const auto it = sets.find(name);
  if (it == sets.end()) return 0;
  size_t shared = 0;
  for (const size_t a : it->second) shared += other.count(a);
  const size_t united = it->second.size() + other.size() - shared;
  return united == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(united);
}

// The pair of a free id and a free community that are most alike, until none is alike enough.
std::map<uint32_t, uint32_t> Heirs(const Sets& before, const Sets& today, double least) {
  std::map<uint32_t, uint32_t> id_of;
  std::set<uint32_t> given;
  for (;;) {
    double best = 0;
    std::pair<uint32_t, uint32_t> pair;
    for (const auto& [id, old] : before) {
      for (const auto& [c, set] : today) {
        if (given.count(id) > 0 || id_of.count(c) > 0) continue;
        const double j = Jaccard(before, id, set);
        if (j > best) {
          best = j;
          pair = {id, c};
        }
      }
    }
    if (best < least || best == 0) return id_of;
    id_of[pair.second] = pair.first;
    given.insert(pair.first);
  }
}

// What one change says about the set that it is about.
absl::Status CheckChange(const NicheChange& change, const Sets& before, const Sets& named,
                         double least) {
  const bool ends = change.fate == NicheFate::kDied || change.fate == NicheFate::kMerged;
  const Sets& others = ends ? named : before;
  const auto& set = ends ? before.at(change.id) : named.at(change.id);
  double best = 0;
  for (const auto& [id, other] : others) best = std::max(best, Jaccard(others, id, set));
  const bool alike = best >= least;
  const bool lonely = change.fate == NicheFate::kDied || change.fate == NicheFate::kBorn;
  if (lonely == alike) return Failed("a change does not fit the sets");
  if (lonely) return absl::OkStatus();
  const uint32_t partner = change.fate == NicheFate::kContinued ? change.id : change.other;
  if (std::fabs(Jaccard(others, partner, set) - change.jaccard) > 1e-12) {
    return Failed("wrong Jaccard index");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyNicheTracking(absl::Span<const uint32_t> ids_before,
                                 absl::Span<const uint32_t> communities,
                                 const NicheTrackingOptions& options,
                                 const NicheTrackingResult& result) {
  const Sets before = ByName(ids_before), today = ByName(communities);
  const std::map<uint32_t, uint32_t> heirs = Heirs(before, today, options.jaccard_min);
  std::set<uint32_t> ids(result.ids.begin(), result.ids.end());
  if (ids.size() != result.ids.size()) return Failed("an id is given twice");
  Sets named;
  for (uint32_t c = 0; c < result.ids.size(); ++c) {
    const auto heir = heirs.find(c);
    if (heir != heirs.end() && heir->second != result.ids[c]) return Failed("the wrong heir");
    if (heir == heirs.end() && result.ids[c] < options.next_id) return Failed("an id came back");
    if (result.ids[c] >= result.next_id) return Failed("the next id is in use");
    const auto set = today.find(c);
    named[result.ids[c]] = set == today.end() ? std::set<size_t>() : set->second;
  }
  std::map<uint32_t, int> told;
  for (const NicheChange& change : result.changes) {
    ++told[change.id];
    const absl::Status status = CheckChange(change, before, named, options.jaccard_min);
    if (!status.ok()) return status;
  }
  std::set<uint32_t> all = ids;
  for (const auto& [id, set] : before) all.insert(id);
  if (told.size() != all.size() || result.changes.size() != all.size()) {
    return Failed("every id has one fate");
  }
  return absl::OkStatus();
}

}  // namespace halqa
