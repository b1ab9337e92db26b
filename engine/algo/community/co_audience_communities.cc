#include "engine/algo/community/co_audience_communities.h"

#include <algorithm>
#include <cmath>

#include "engine/algo/community/leiden.h"
#include "engine/algo/kernel.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

LeidenOptions LeidenFrom(const CoAudienceCommunitiesOptions& o) {
  LeidenOptions options;
  options.resolution = o.resolution;
  options.seed = o.seed;
  return options;
}

// Arcs of the co-audience graph at most. Of an account with `size` followers: each of its paths
// leads to one like it, and one like it takes at least cosine · sqrt(size · size of the other) of
// them, where that size is at least cosine² · size.
uint64_t ArcsMax(const CsrView& view, const CoAudienceCommunitiesOptions& o) {
  const double cosine = o.co_audience.cosine_min, least = o.co_audience.followers_min;
  double arcs = 0;
  for (VertexIndex p = 0; view.has_in() && p < view.vertices; ++p) {
    double size = 0, paths = 0;
    for (const VertexIndex f : view.In(p)) {
      if (f == p || view.OutDegree(f) > o.co_audience.follows_max) continue;
      ++size;
      paths += static_cast<double>(view.OutDegree(f)) - 1;
    }
    if (size < least) continue;
    const double each = std::max({1.0, cosine * std::sqrt(size * least), cosine * cosine * size});
    arcs += std::min(paths / each, view.vertices - 1.0);
  }
  // A little more, for cosines that rounding lifts to the limit.
  return static_cast<uint64_t>(std::min(static_cast<double>(o.arcs_max), arcs * 1.001 + 16));
}

// What the limit of arcs leaves CoAudience to use.
absl::StatusOr<CoAudienceResult> Pairs(const CsrView& view, const CoAudienceCommunitiesOptions& o,
                                       RunContext run) {
  const uint64_t all = run.memory_bytes_max();
  const uint64_t most = EstimateCoAudience(view, o.co_audience, run.threads()) + 24 * o.arcs_max;
  if (all > 0 && all < most) return CoAudience(view, o.co_audience, run);
  run.set_memory_bytes_max(most);
  auto pairs = CoAudience(view, o.co_audience, run);
  if (ErrorReason(pairs.status()) != "MEMORY_LIMIT") return pairs;
  return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_ARCS",
                   absl::StrCat("more than ", o.arcs_max,
                                " arcs between accounts with a like audience; raise cosine_min or "
                                "followers_min"));
}

// Keeps the communities of vertices that share an audience, and numbers them anew.
void Number(const CsrView& pairs, std::vector<uint32_t> found,
            CoAudienceCommunitiesResult* result) {
  std::vector<uint32_t> names(pairs.vertices, kNoCommunity);
  for (VertexIndex v = 0; v < pairs.vertices; ++v) {
    if (pairs.OutDegree(v) == 0) {
      found[v] = kNoCommunity;
      continue;
    }
    uint32_t& name = names[found[v]];
    if (name == kNoCommunity) name = result->count++;
    found[v] = name;
    ++result->grouped;
  }
  result->communities = std::move(found);
}

absl::Status AddMembers(const CsrView& view, RunContext& run, CoAudienceCommunitiesResult* result) {
  HALQA_ASSIGN_OR_RETURN(const MembershipResult rows,
                         OverlappingMembership(view, result->communities, {.top = 1}, run));
  result->shares.assign(view.vertices, 0);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (result->communities[v] != kNoCommunity) {
      result->shares[v] = 1;
    } else if (rows.offsets[v] < rows.offsets[v + 1]) {
      result->communities[v] = rows.memberships[rows.offsets[v]].community;
      result->shares[v] = rows.memberships[rows.offsets[v]].share;
      ++result->members;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CoAudienceCommunitiesOptions::Validate() const {
  HALQA_RETURN_IF_ERROR(co_audience.Validate());
  HALQA_RETURN_IF_ERROR(RequireRange("resolution", resolution, 1e-9, 1e9));
  return RequireRange("arcs_max", static_cast<double>(arcs_max), 2, 1099511627776.0);
}

uint64_t EstimateCoAudienceCommunities(const CsrView& view,
                                       const CoAudienceCommunitiesOptions& options) {
  const uint64_t arcs = ArcsMax(view, options), n = view.vertices;
  const int cores = RunContext().threads();
  const uint64_t pairs = EstimateCoAudience(view, options.co_audience, cores) + 24 * arcs;
  // The graph of pairs, and Leiden on it (level_memory.h).
  const uint64_t leiden = 8 * n + 8 * arcs + 96 * n + 42 * arcs;
  const uint64_t members = 4 * n + EstimateMembership(view, {.top = 1});
  return WithSmallThings(8 * n + std::max({pairs, leiden, members}));
}

absl::StatusOr<CoAudienceCommunitiesResult> CoAudienceCommunities(
    const CsrView& view, const CoAudienceCommunitiesOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  // Pairs and communities ask for the rest as they find it.
  HALQA_RETURN_IF_ERROR(
      RequireMemory(run, 8 * uint64_t{view.vertices} +
                             EstimateCoAudience(view, options.co_audience, run.threads())));
  CoAudienceCommunitiesResult result;
  {
    HALQA_ASSIGN_OR_RETURN(const CoAudienceResult pairs, Pairs(view, options, run.Part(0, 0.5)));
    if (view.vertices > 0) {
      RunContext part = run.Part(0.5, 0.8);
      HALQA_ASSIGN_OR_RETURN(LeidenResult found,
                             Leiden(pairs.graph.View(), LeidenFrom(options), part));
      result.modularity = found.modularity;
      result.pairs = pairs.graph.View().arcs() / 2;
      Number(pairs.graph.View(), std::move(found.communities), &result);
    }
  }
  RunContext part = run.Part(0.8, 0.99);
  HALQA_RETURN_IF_ERROR(AddMembers(view, part, &result));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
