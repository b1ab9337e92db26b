#include "engine/text/sound_index.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "engine/text/skeleton.h"

namespace halqa::text {

void SoundIndex::Add(absl::string_view sounds, uint32_t id) {
  std::string key = SkeletonKey(sounds);
  if (!key.empty()) by_key_[std::move(key)].push_back({std::string(sounds), id});
}

std::vector<SoundIndex::Match> SoundIndex::Find(absl::string_view sounds,
                                                double distance_max) const {
  std::vector<Match> found;
  for (const std::string& key : SkeletonKeys(sounds)) {
    const auto words = by_key_.find(key);
    if (words == by_key_.end()) continue;
    for (const Word& word : words->second) {
      const double distance = SoundDistance(sounds, word.sounds);
      if (distance <= distance_max) found.push_back({word.id, distance});
    }
  }
  std::sort(found.begin(), found.end(), [](const Match& a, const Match& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id < b.id;
  });
  absl::flat_hash_set<uint32_t> seen;
  found.erase(std::remove_if(found.begin(), found.end(),
                             [&](const Match& m) { return !seen.insert(m.id).second; }),
              found.end());
  return found;
}

}  // namespace halqa::text
