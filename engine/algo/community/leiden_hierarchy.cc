#include "engine/algo/community/leiden_hierarchy.h"

#include <cmath>
#include <numeric>

#include "engine/algo/community/leiden.h"
#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/level_memory.h"
#include "engine/algo/community/levels.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/csr.h"

namespace halqa {
namespace {

// The arcs with both ends in one community that may be divided; all vertices stay.
absl::StatusOr<Csr> InsideArcs(const CsrView& view, const std::vector<uint32_t>& of,
                               const std::vector<bool>& divided, RunContext& run) {
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  CsrRows rows;
  rows.offsets = Array<uint64_t>(uint64_t{view.vertices} + 1);
  rows.offsets[0] = 0;
  auto inside = [&](VertexIndex v, uint64_t a) { return of[view.out_targets[a]] == of[v]; };
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 0.5, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      uint64_t kept = 0;
      if (divided[of[v]]) {
        for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
          kept += inside(v, a) ? 1 : 0;
        }
      }
      rows.offsets[uint64_t{v} + 1] = kept;
    }
  }));
  for (uint64_t v = 0; v < view.vertices; ++v) rows.offsets[v + 1] += rows.offsets[v];
  rows.values = Array<VertexIndex>(rows.offsets[view.vertices]);
  if (view.weighted()) rows.weights = Array<float>(rows.values.size());
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0.5, 0.5, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      uint64_t at = rows.offsets[v];
      if (!divided[of[v]]) continue;
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        if (!inside(v, a)) continue;
        rows.values[at] = view.out_targets[a];
        if (view.weighted()) rows.weights[at] = view.out_weights[a];
        ++at;
      }
    }
  }));
  return Csr::Symmetric(std::move(rows));
}

// Weight of each row, and of all.
struct Masses {
  Array<double> by_vertex;
  double total = 0;
};

absl::StatusOr<Masses> SumRows(const CsrView& view, RunContext& run) {
  Masses masses{Array<double>(view.vertices), 0};
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 1, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      double sum = 0;
      for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
        sum += view.OutWeight(a);
      }
      masses.by_vertex[v] = sum;
    }
  }));
  for (const double k : masses.by_vertex) masses.total += k;
  return masses;
}

class Hierarchy {
 public:
  Hierarchy(const CsrView& view, const LeidenHierarchyOptions& options, Masses masses)
      : view_(view), options_(options), masses_(std::move(masses)) {}

  absl::StatusOr<HierarchyLevel> First(RunContext& run) const;
  // The level below `above`.
  absl::StatusOr<HierarchyLevel> Divide(const HierarchyLevel& above, int depth,
                                        RunContext& run) const;

 private:
  absl::StatusOr<std::vector<bool>> Gains(const CsrView& inside, const HierarchyLevel& above,
                                          absl::Span<const uint32_t> parts, double resolution,
                                          RunContext& run) const;
  absl::StatusOr<HierarchyLevel> Finish(std::vector<uint32_t> communities, double resolution,
                                        const std::vector<uint32_t>& above, RunContext& run) const;

  const CsrView& view_;
  const LeidenHierarchyOptions& options_;
  const Masses masses_;
};

absl::StatusOr<HierarchyLevel> Hierarchy::First(RunContext& run) const {
  LeidenOptions options;
  options.resolution = options_.resolution;
  options.iterations = options_.iterations;
  options.seed = options_.seed;
  HALQA_ASSIGN_OR_RETURN(LeidenResult found, Leiden(view_, options, run));
  HierarchyLevel level;
  level.resolution = options_.resolution;
  level.communities = std::move(found.communities);
  level.parents.assign(found.count, 0);
  level.modularity = found.modularity;
  return level;
}

// By community of `above`: does dividing it into its parts gain modularity at `resolution`? Arcs
// between the parts are lost, and every pair of vertices in different parts is no longer paid for.
absl::StatusOr<std::vector<bool>> Hierarchy::Gains(const CsrView& inside,
                                                   const HierarchyLevel& above,
                                                   absl::Span<const uint32_t> parts,
                                                   double resolution, RunContext& run) const {
  Array<double> lost_by_vertex(view_.vertices);
  const std::vector<uint32_t> bounds = RowBlocks(inside.out_offsets);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, {0, 1, 1}, [&](uint64_t b) {
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      double lost = 0;
      for (uint64_t a = inside.out_offsets[v]; a < inside.out_offsets[v + 1]; ++a) {
        if (parts[inside.out_targets[a]] != parts[v]) lost += inside.OutWeight(a);
      }
      lost_by_vertex[v] = lost;
    }
  }));
  const size_t communities = above.parents.size();
  std::vector<double> lost(communities, 0.0), whole(communities, 0.0), squares(communities, 0.0);
  std::vector<double> part_mass(view_.vertices, 0.0);
  for (VertexIndex v = 0; v < view_.vertices; ++v) {
    const uint32_t c = above.communities[v];
    lost[c] += lost_by_vertex[v];
    whole[c] += masses_.by_vertex[v];
    // Sums to the square of the part's mass: (m + k)² - m² = k (2 m + k).
    const double k = masses_.by_vertex[v];
    squares[c] += k * (2 * part_mass[parts[v]] + k);
    part_mass[parts[v]] += k;
  }
  std::vector<bool> gains(communities);
  const double rate = resolution / masses_.total;
  for (size_t c = 0; c < communities; ++c) {
    gains[c] = rate * (whole[c] * whole[c] - squares[c]) - lost[c] > 1e-12 * masses_.total;
  }
  return gains;
}

absl::StatusOr<HierarchyLevel> Hierarchy::Finish(std::vector<uint32_t> communities,
                                                 double resolution,
                                                 const std::vector<uint32_t>& above,
                                                 RunContext& run) const {
  HierarchyLevel level;
  level.resolution = resolution;
  level.parents.resize(internal::Renumber(absl::MakeSpan(communities)));
  for (VertexIndex v = 0; v < view_.vertices; ++v) level.parents[communities[v]] = above[v];
  internal::LevelsOptions judged;
  judged.resolution = resolution;
  HALQA_ASSIGN_OR_RETURN(level.modularity,
                         internal::DirectQuality(view_, communities, judged, run, {0, 1, 1}));
  level.communities = std::move(communities);
  return level;
}

// Which communities are large enough to be divided.
std::vector<bool> Large(const HierarchyLevel& level, uint32_t least) {
  std::vector<uint32_t> sizes(level.parents.size(), 0);
  for (const uint32_t c : level.communities) ++sizes[c];
  std::vector<bool> large(sizes.size());
  for (size_t c = 0; c < sizes.size(); ++c) large[c] = sizes[c] >= least;
  return large;
}

// `parts` of the communities that are divided, the others whole. A part is called by its first
// vertex, so that no two have one name.
std::vector<uint32_t> Chosen(const HierarchyLevel& above, const std::vector<bool>& divided,
                             const std::vector<uint32_t>& parts, uint32_t count) {
  std::vector<VertexIndex> first_of_whole(above.parents.size()), first_of_part(count);
  for (size_t v = parts.size(); v-- > 0;) {
    first_of_whole[above.communities[v]] = static_cast<VertexIndex>(v);
    first_of_part[parts[v]] = static_cast<VertexIndex>(v);
  }
  std::vector<uint32_t> chosen(parts.size());
  for (size_t v = 0; v < parts.size(); ++v) {
    const uint32_t c = above.communities[v];
    chosen[v] = divided[c] ? first_of_part[parts[v]] : first_of_whole[c];
  }
  return chosen;
}

absl::StatusOr<HierarchyLevel> Hierarchy::Divide(const HierarchyLevel& above, int depth,
                                                 RunContext& run) const {
  RunContext filling = run.Part(0, 0.1), moving = run.Part(0.1, 0.9);
  RunContext weighing = run.Part(0.9, 0.95), judging = run.Part(0.95, 1);
  const std::vector<bool> large = Large(above, options_.divide_min);
  HALQA_ASSIGN_OR_RETURN(const Csr rows, InsideArcs(view_, above.communities, large, filling));
  internal::LevelsOptions options;
  options.resolution = options_.resolution * std::pow(options_.factor, depth);
  options.iterations = options_.iterations;
  options.refine = true;
  options.seed = options_.seed + static_cast<uint64_t>(depth);
  options.mass = masses_.by_vertex.span();
  options.total = masses_.total;
  HALQA_ASSIGN_OR_RETURN(const internal::LevelsResult found,
                         internal::RunLevels(rows.View(), options, moving));
  HALQA_ASSIGN_OR_RETURN(std::vector<bool> divided, Gains(rows.View(), above, found.communities,
                                                          options.resolution, weighing));
  for (size_t c = 0; c < divided.size(); ++c) divided[c] = divided[c] && large[c];
  return Finish(Chosen(above, divided, found.communities, found.count), options.resolution,
                above.communities, judging);
}

// The level below one in which nothing can be divided.
HierarchyLevel Same(const HierarchyLevel& above, double factor) {
  HierarchyLevel level = above;
  level.resolution *= factor;
  std::iota(level.parents.begin(), level.parents.end(), 0u);
  return level;
}

}  // namespace

absl::Status LeidenHierarchyOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(RequireRange("levels", levels, 1, 16));
  HALQA_RETURN_IF_ERROR(RequireRange("resolution", resolution, 1e-9, 1e9));
  HALQA_RETURN_IF_ERROR(RequireRange("factor", factor, 1.01, 1000));
  return RequireRange("iterations", iterations, 1, 100);
}

uint64_t EstimateLeidenHierarchy(const CsrView& view, const LeidenHierarchyOptions& options) {
  const uint64_t rows = 8 * uint64_t{view.vertices} + (view.weighted() ? 8 : 4) * view.arcs();
  const auto levels = static_cast<uint64_t>(options.levels);
  return EstimateLeiden(view, {}) + (levels > 1 ? rows : 0) + 8 * levels * view.vertices;
}

// What a run needs even where communities shrink fast: the rest is asked for as it comes.
static uint64_t LeastBytes(const CsrView& view, const LeidenHierarchyOptions& options) {
  return EstimateLeidenHierarchy(view, options) - EstimateLeiden(view, {}) +
         internal::LevelsLeastBytes(view);
}

absl::StatusOr<LeidenHierarchyResult> LeidenHierarchy(const CsrView& view,
                                                      const LeidenHierarchyOptions& options,
                                                      RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireSymmetric(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, LeastBytes(view, options)));
  RunContext summing = run.Part(0, 0.01);
  HALQA_ASSIGN_OR_RETURN(Masses masses, SumRows(view, summing));
  const bool weightless = !(masses.total > 0);
  const Hierarchy hierarchy(view, options, std::move(masses));
  LeidenHierarchyResult result;
  for (int depth = 0; depth < options.levels; ++depth) {
    const double share = 0.99 / options.levels;
    RunContext part = run.Part(0.01 + depth * share, 0.01 + (depth + 1) * share);
    auto level = depth == 0   ? hierarchy.First(part)
                 : weightless ? Same(result.levels.back(), options.factor)
                              : hierarchy.Divide(result.levels.back(), depth, part);
    HALQA_RETURN_IF_ERROR(level.status());
    result.levels.push_back(*std::move(level));
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
