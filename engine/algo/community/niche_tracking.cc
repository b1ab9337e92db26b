#include "engine/algo/community/niche_tracking.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

constexpr size_t kAccountsPerCheck = 1 << 16;

struct Match {
  double jaccard;
  uint32_t id, community;
};

struct Overlaps {
  uint32_t communities = 0;            // of today
  std::map<uint32_t, uint64_t> sizes;  // of yesterday, by id
  std::vector<Match> matches;          // at least jaccard_min, the closest first
};

absl::StatusOr<Overlaps> FindMatches(absl::Span<const uint32_t> ids,
                                     absl::Span<const uint32_t> communities, double jaccard_min,
                                     RunContext& run) {
  Overlaps result;
  std::vector<uint64_t> today;
  absl::flat_hash_map<uint32_t, uint64_t> yesterday;
  absl::flat_hash_map<uint64_t, uint64_t> both;
  for (size_t a = 0; a < ids.size(); ++a) {
    if (a % kAccountsPerCheck == 0) {
      HALQA_RETURN_IF_ERROR(
          run.Checkpoint(static_cast<double>(a), static_cast<double>(ids.size())));
    }
    const uint32_t id = ids[a], c = communities[a];
    if (id != kUntracked) ++yesterday[id];
    if (c == kUntracked) continue;
    if (c >= today.size()) today.resize(uint64_t{c} + 1, 0);
    ++today[c];
    if (id != kUntracked) ++both[uint64_t{id} << 32 | c];
  }
  result.communities = static_cast<uint32_t>(today.size());
  result.sizes.insert(yesterday.begin(), yesterday.end());
  for (const auto& [pair, shared] : both) {
    const auto id = static_cast<uint32_t>(pair >> 32), c = static_cast<uint32_t>(pair);
    const auto united = static_cast<double>(yesterday[id] + today[c] - shared);
    const double jaccard = static_cast<double>(shared) / united;
    if (jaccard >= jaccard_min) result.matches.push_back({jaccard, id, c});
  }
  std::sort(result.matches.begin(), result.matches.end(), [](const Match& a, const Match& b) {
    if (a.jaccard != b.jaccard) return a.jaccard > b.jaccard;
    return a.id != b.id ? a.id < b.id : a.community < b.community;
  });
  return result;
}

// Today's communities: who goes on, who is new. Leaves where each id of yesterday went on.
std::map<uint32_t, uint32_t> NameToday(const Overlaps& overlaps, NicheTrackingResult* result) {
  result->ids.assign(overlaps.communities, kUntracked);
  result->changes.resize(overlaps.communities);
  std::map<uint32_t, uint32_t> heirs;
  for (const Match& m : overlaps.matches) {
    if (result->ids[m.community] != kUntracked || heirs.count(m.id) > 0) continue;
    heirs[m.id] = m.community;
    result->ids[m.community] = m.id;
    result->changes[m.community] = {NicheFate::kContinued, m.id, m.community, kUntracked,
                                    m.jaccard};
  }
  for (uint32_t c = 0; c < overlaps.communities; ++c) {
    if (result->ids[c] != kUntracked) continue;
    result->ids[c] = result->next_id++;
    result->changes[c] = {NicheFate::kBorn, result->ids[c], c, kUntracked, 0};
  }
  for (const Match& m : overlaps.matches) {
    NicheChange& change = result->changes[m.community];
    if (change.fate != NicheFate::kBorn) continue;
    change = {NicheFate::kSplit, change.id, m.community, m.id, m.jaccard};
  }
  return heirs;
}

}  // namespace

absl::Status NicheTrackingOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("jaccard_min", jaccard_min, 1e-9, 1));
  return RequireRange("next_id", next_id, 0, kUntracked - 1);
}

absl::StatusOr<NicheTrackingResult> TrackNiches(absl::Span<const uint32_t> ids_before,
                                                absl::Span<const uint32_t> communities,
                                                const NicheTrackingOptions& options,
                                                RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (ids_before.size() != communities.size()) {
    return FieldError("LENGTH_MISMATCH", "communities", "one value per account expected");
  }
  HALQA_ASSIGN_OR_RETURN(const Overlaps overlaps,
                         FindMatches(ids_before, communities, options.jaccard_min, run));
  NicheTrackingResult result;
  result.next_id = options.next_id;
  if (!overlaps.sizes.empty()) {
    result.next_id = std::max(result.next_id, overlaps.sizes.rbegin()->first + 1);
  }
  if (overlaps.communities >= kUntracked - result.next_id) {
    return MakeError(absl::StatusCode::kResourceExhausted, "NICHE_IDS_EXHAUSTED",
                     "there are no niche ids left that were never given");
  }
  const std::map<uint32_t, uint32_t> heirs = NameToday(overlaps, &result);
  std::map<uint32_t, NicheChange> ends;
  for (const auto& [id, size] : overlaps.sizes) {
    if (heirs.count(id) == 0) ends[id] = {NicheFate::kDied, id, kUntracked, kUntracked, 0};
  }
  for (const Match& m : overlaps.matches) {
    const auto end = ends.find(m.id);
    if (end == ends.end() || end->second.fate != NicheFate::kDied) continue;
    end->second = {NicheFate::kMerged, m.id, kUntracked, result.ids[m.community], m.jaccard};
  }
  for (const auto& [id, change] : ends) result.changes.push_back(change);
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
