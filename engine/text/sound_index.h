#pragma once
// Words by their sounds: who is spelled like this one.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace halqa::text {

// Thread safety: const methods from any thread once filled.
class SoundIndex {
 public:
  struct Match {
    uint32_t id;
    double distance;
  };

  // Adds a word under `id`. REQUIRES: `sounds` as Sounds gives them; "" adds nothing.
  void Add(absl::string_view sounds, uint32_t id);
  // Words within `distance_max`, nearest first, the smaller id among equals, each id once. Cost: as
  // many distances as words share a skeleton with it.
  std::vector<Match> Find(absl::string_view sounds, double distance_max) const;

 private:
  struct Word {
    std::string sounds;
    uint32_t id;
  };
  absl::flat_hash_map<std::string, std::vector<Word>> by_key_;
};

}  // namespace halqa::text
