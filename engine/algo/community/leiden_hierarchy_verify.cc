#include <cmath>
#include <map>
#include <set>

#include "engine/algo/community/leiden_hierarchy.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

absl::Status Failed(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

// Pair by pair of row and community, over the in-rows.
long double DirectModularity(const CsrView& view, const std::vector<uint32_t>& of,
                             double resolution) {
  std::map<uint32_t, long double> rows;
  long double inside = 0, total = 0, squares = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      const long double w = view.InWeight(a);
      rows[of[v]] += w;
      total += w;
      inside += of[v] == of[view.in_sources[a]] ? w : 0;
    }
  }
  for (const auto& [c, k] : rows) squares += k * k;
  return total > 0 ? inside / total - resolution * squares / (total * total) : 0;
}

// Joins ends of arcs inside communities until nothing changes: connected when one name is left in
// each.
absl::Status CheckConnected(const CsrView& view, const std::vector<uint32_t>& of) {
  std::vector<VertexIndex> name(view.vertices);
  for (VertexIndex v = 0; v < view.vertices; ++v) name[v] = v;
  for (bool again = true; again;) {
    again = false;
    for (VertexIndex v = 0; v < view.vertices; ++v) {
      for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
        const VertexIndex u = view.in_sources[a];
        if (of[u] != of[v] || !(view.InWeight(a) > 0) || name[u] >= name[v]) continue;
        name[v] = name[u];
        again = true;
      }
    }
  }
  std::map<uint32_t, std::set<VertexIndex>> names;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    names[of[v]].insert(name[v]);
    if (names[of[v]].size() > 1) return Failed(absl::StrCat("community ", of[v], " is in pieces"));
  }
  return absl::OkStatus();
}

absl::Status CheckLevel(const CsrView& view, const HierarchyLevel& level,
                        const HierarchyLevel* above) {
  if (level.communities.size() != view.vertices) return Failed("one community per vertex expected");
  uint32_t count = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    const uint32_t c = level.communities[v];
    if (c > count) return Failed("communities are not numbered by first vertex");
    count += c == count ? 1 : 0;
    if (c >= level.parents.size()) return Failed("a community has no parent");
    if (level.parents[c] != (above == nullptr ? 0 : above->communities[v])) {
      return Failed(absl::StrCat("vertex ", v, " does not lie in the parent of its community"));
    }
  }
  if (count != level.parents.size()) return Failed("wrong number of communities");
  return CheckConnected(view, level.communities);
}

}  // namespace

absl::Status VerifyLeidenHierarchy(const CsrView& view, const LeidenHierarchyOptions& options,
                                   const LeidenHierarchyResult& result) {
  if (result.levels.size() != static_cast<size_t>(options.levels)) {
    return Failed("wrong number of levels");
  }
  double resolution = options.resolution;
  const HierarchyLevel* above = nullptr;
  for (const HierarchyLevel& level : result.levels) {
    HALQA_RETURN_IF_ERROR(CheckLevel(view, level, above));
    if (std::fabs(level.resolution - resolution) > 1e-12 * resolution) {
      return Failed("wrong resolution");
    }
    const long double is = DirectModularity(view, level.communities, resolution);
    const long double allowed = 1e-9L * std::max(1.0L, std::fabs(is));
    if (std::fabs(is - level.modularity) > allowed) return Failed("wrong modularity");
    if (above != nullptr && is < DirectModularity(view, above->communities, resolution) - allowed) {
      return Failed("dividing lost modularity");
    }
    resolution *= options.factor;
    above = &level;
  }
  return absl::OkStatus();
}

}  // namespace halqa
