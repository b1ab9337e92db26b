#include "engine/algo/community/louvain.h"

#include "engine/algo/community/level_memory.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {

absl::Status LouvainOptions::Validate(const CsrView& view) const {
  return internal::ValidateCommunityOptions(view, resolution, start);
}

uint64_t EstimateLouvain(const CsrView& view, const LouvainOptions&) {
  return internal::LevelsMostBytes(view);
}

absl::StatusOr<LouvainResult> Louvain(const CsrView& view, const LouvainOptions& options,
                                      RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, internal::LevelsLeastBytes(view)));
  LouvainResult result;
  HALQA_ASSIGN_OR_RETURN(internal::LevelsResult found,
                         internal::RunLevels(view,
                                             {.resolution = options.resolution,
                                              .seed = options.seed,
                                              .keep_levels = options.keep_levels,
                                              .start = options.start},
                                             run));
  result.communities = std::move(found.communities);
  result.count = found.count;
  result.modularity = found.quality;
  result.tracked_modularity = found.start_quality + found.gain;
  result.rounds = found.rounds;
  result.levels = std::move(found.levels);
  return result;
}

}  // namespace halqa
