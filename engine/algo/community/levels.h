#pragma once
// The levels of Louvain and Leiden: move, aggregate, again.

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/run_context.h"
#include "engine/graph/blocks.h"
#include "engine/graph/csr_view.h"

namespace halqa {

// What communities are judged by.
enum class CommunityQuality {
  kModularity,
  kCpm,  // constant Potts model: the resolution is a density
};

namespace internal {

struct LevelsOptions {
  CommunityQuality quality = CommunityQuality::kModularity;
  double resolution = 1;
  int iterations = 1;
  // Leiden: the next level stands on connected parts of communities, and communities that end in
  // pieces are taken apart.
  bool refine = false;
  uint64_t seed = 1;
  bool keep_levels = false;
  absl::Span<const uint32_t> start;  // by vertex, below n; empty: every vertex alone
  // Of the whole graph, where the view holds only some of its arcs: weight of the row by vertex,
  // and of all rows. The qualities of the result are then left 0. Empty: of the view.
  absl::Span<const double> mass = {};
  double total = 0;
};

struct LevelsResult {
  std::vector<uint32_t> communities;  // by vertex, numbered by first vertex
  uint32_t count = 0;
  double start_quality = 0;
  double gain = 0;         // of all moves (and splits), in quality
  double quality = 0;      // computed afresh
  int rounds = 0;          // levels of all runs
  bool converged = false;  // the last run moved nothing
  std::vector<std::vector<uint32_t>> levels;
};

// REQUIRES: view.symmetric, options in range.
absl::StatusOr<LevelsResult> RunLevels(const CsrView& view, const LevelsOptions& options,
                                       RunContext& run);

// The quality of labels that are below the number of vertices (empty: every vertex alone), on many
// threads. REQUIRES: view.symmetric.
absl::StatusOr<double> DirectQuality(const CsrView& view, absl::Span<const uint32_t> labels,
                                     const LevelsOptions& options, RunContext& run,
                                     const Progress& progress);

// What both kernels check of their options.
absl::Status ValidateCommunityOptions(const CsrView& view, double resolution,
                                      absl::Span<const uint32_t> start);

}  // namespace internal
}  // namespace halqa
