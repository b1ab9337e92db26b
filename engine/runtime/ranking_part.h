#pragma once
// What a ranking has finished so far, in a file, so that one that was killed goes on after its last
// finished stage.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/runtime/generation.h"

namespace halqa::runtime {

// Where the part of a store is kept.
std::string RankingPartPath(const store::Store& db);

struct RankingPart {
  uint32_t stages_done = 0;
  Generation generation;              // columns that no stage has made yet are empty
  std::vector<uint32_t> communities;  // by vertex; empty before they are found
};

// Writes the part durably in place of the one before. `key` says of what it is a part: data,
// parameters, versions. Cost: about 50 bytes per account.
absl::Status SaveRankingPart(const std::string& path, absl::string_view key,
                             const RankingPart& part);

// The part of that key; nullopt where there is none, it is of another ranking, or its bytes are
// damaged: then the ranking is made from the start, which gives the same.
std::optional<RankingPart> LoadRankingPart(const std::string& path, absl::string_view key);

}  // namespace halqa::runtime
