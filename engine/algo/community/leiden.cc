#include "engine/algo/community/leiden.h"

#include "engine/algo/community/level_memory.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
absl::Status LeidenOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(internal::ValidateCommunityOptions(view, resolution, start));
  return RequireRange("iterations", iterations, 1, 100);
}

uint64_t EstimateLeiden(const CsrView& view, const LeidenOptions&) {
  return internal::LevelsMostBytes(view);
}

absl::StatusOr<LeidenResult> Leiden(const CsrView& view, const LeidenOptions& options,
                                    RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, internal::LevelsLeastBytes(view)));
  LeidenResult result;
  HALQA_ASSIGN_OR_RETURN(internal::LevelsResult found,
                         internal::RunLevels(view,
                                             {.quality = options.quality,
                                              .resolution = options.resolution,
                                              .iterations = options.iterations,
                                              .refine = true,
                                              .seed = options.seed,
                                              .keep_levels = options.keep_levels,
                                              .start = options.start},
                                             run));
  result.count = found.count;
  result.quality = result.modularity = found.quality;
  result.tracked_quality = found.start_quality + found.gain;
  if (options.quality == CommunityQuality::kCpm) {
    HALQA_ASSIGN_OR_RETURN(result.modularity,
                           internal::DirectQuality(view, found.communities, {}, run, {1, 0, 1}));
  }
  result.communities = std::move(found.communities);
  result.levels = std::move(found.levels);
  result.rounds = found.rounds;
  result.converged = found.converged;
  return result;
}

}  // namespace halqa
