#pragma once
// How the parts of a generation are written: shared by the published one (generation.cc) and the
// one that is being made (ranking_part.cc).

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/generation.h"

namespace halqa::runtime {

// DataLoss (GENERATION_CORRUPT).
absl::Status GenerationCorrupt(absl::string_view what);

// Calls fn(name, column) for every column in the order of their names.
template <typename Columns, typename Fn>
absl::Status ForEachColumn(Columns& c, Fn fn) {
  HALQA_RETURN_IF_ERROR(fn("core_number", c.core_number));
  HALQA_RETURN_IF_ERROR(fn("engaged_followers", c.engaged_followers));
  HALQA_RETURN_IF_ERROR(fn("followers", c.followers));
  HALQA_RETURN_IF_ERROR(fn("niche", c.niche));
  HALQA_RETURN_IF_ERROR(fn("page_rank", c.page_rank));
  HALQA_RETURN_IF_ERROR(fn("strong_component", c.strong_component));
  HALQA_RETURN_IF_ERROR(fn("weak_component", c.weak_component));
  return fn("weighted_in_degree", c.weighted_in_degree);
}

// With a checksum. Errors: DataLoss (GENERATION_CORRUPT).
std::string EncodeTopic(const TopicScores& topic);
absl::StatusOr<TopicScores> DecodeTopic(absl::string_view name, absl::string_view bytes);

}  // namespace halqa::runtime
