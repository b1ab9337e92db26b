#include <cmath>
#include <map>
#include <set>

#include "engine/algo/community/leiden.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

absl::Status Failed(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

// Vertices of one community reached from its first member.
bool Connected(const CsrView& view, const std::vector<uint32_t>& of,
               const std::vector<VertexIndex>& members) {
  std::set<VertexIndex> reached = {members[0]};
  std::vector<VertexIndex> queue = {members[0]};
  for (size_t i = 0; i < queue.size(); ++i) {
    for (uint64_t a = view.out_offsets[queue[i]]; a < view.out_offsets[queue[i] + 1]; ++a) {
      const VertexIndex u = view.out_targets[a];
      if (of[u] != of[queue[i]] || !(view.OutWeight(a) > 0)) continue;
      if (reached.insert(u).second) queue.push_back(u);
    }
  }
  return reached.size() == members.size();
}

}  // namespace

absl::Status VerifyLeiden(const CsrView& view, const LeidenOptions& options,
                          const LeidenResult& result) {
  const std::vector<uint32_t>& of = result.communities;
  if (of.size() != view.vertices) return Failed("one community per vertex expected");
  std::map<uint32_t, std::vector<VertexIndex>> members;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (of[v] > members.size()) return Failed("communities are not numbered by first vertex");
    members[of[v]].push_back(v);
  }
  if (members.size() != result.count) return Failed("wrong number of communities");
  std::vector<long double> degree(view.vertices, 0.0L), whole(result.count, 0.0L);
  long double total = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      degree[v] += view.InWeight(a);
    }
    whole[of[v]] += degree[v];
    total += degree[v];
  }
  long double modularity = 0;
  for (const auto& [c, vertices] : members) {
    if (!Connected(view, of, vertices))
      return Failed(absl::StrCat("community ", c, " is in pieces"));
    for (const VertexIndex v : vertices) {
      for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
        if (of[view.in_sources[a]] == c) modularity += view.InWeight(a);
      }
    }
    if (total > 0) modularity -= options.resolution * whole[c] * whole[c] / total;
  }
  if (total > 0) modularity /= total;
  if (std::fabs(modularity - result.modularity) > 1e-9L) return Failed("wrong modularity");
  if (std::fabs(modularity - result.tracked_modularity) > 1e-9L) {
    return Failed("the gains of the moves do not add up to the modularity");
  }
  if (!result.converged || !(total > 0)) return absl::OkStatus();
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    std::map<uint32_t, long double> around;
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      if (view.in_sources[a] != v) around[of[view.in_sources[a]]] += view.InWeight(a);
    }
    const long double rate = options.resolution * degree[v] / total;
    const long double stay = around[of[v]] - rate * (whole[of[v]] - degree[v]);
    for (const auto& [c, w] : around) {
      if (c != of[v] && w - rate * whole[c] - stay > 1e-9L * total) {
        return Failed(absl::StrCat("vertex ", v, " gains by moving to community ", c));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
