#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/algo/community/co_audience_communities.h"
#include "engine/base/error.h"

namespace halqa {
namespace {

absl::Status Wrong(const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

using Sets = std::vector<std::set<VertexIndex>>;

Sets Followers(const CsrView& view, const CoAudienceOptions& o) {
  Sets sets(view.vertices);
  for (VertexIndex f = 0; f < view.vertices; ++f) {
    if (view.OutDegree(f) > o.follows_max) continue;
    for (const VertexIndex p : view.Out(f)) {
      if (p != f) sets[p].insert(f);
    }
  }
  return sets;
}

// Who shares an audience with whom.
Sets Alike(const CsrView& view, const CoAudienceOptions& o) {
  const Sets followers = Followers(view, o);
  Sets alike(view.vertices);
  for (VertexIndex p = 0; p < view.vertices; ++p) {
    for (VertexIndex q = 0; q < view.vertices; ++q) {
      const auto &a = followers[p], &b = followers[q];
      if (p == q || a.size() < o.followers_min || b.size() < o.followers_min) continue;
      const auto shared = std::count_if(a.begin(), a.end(), [&](auto f) { return b.count(f) > 0; });
      const double sizes = static_cast<double>(a.size()) * static_cast<double>(b.size());
      if (shared > 0 && static_cast<double>(shared) / std::sqrt(sizes) >= o.cosine_min) {
        alike[p].insert(q);
      }
    }
  }
  return alike;
}

// Every own community is one piece, numbered by its smallest vertex.
absl::Status VerifyGroups(const Sets& alike, const CoAudienceCommunitiesResult& result) {
  std::vector<uint8_t> met(alike.size(), 0);
  uint32_t count = 0, grouped = 0;
  for (VertexIndex v = 0; v < alike.size(); ++v) {
    if (alike[v].empty()) continue;
    ++grouped;
    if (met[v] != 0) continue;
    if (result.communities[v] != count++) return Wrong(absl::StrCat("group of vertex ", v));
    std::vector<VertexIndex> stack = {v};
    met[v] = 1;
    while (!stack.empty()) {
      const VertexIndex u = stack.back();
      stack.pop_back();
      for (const VertexIndex w : alike[u]) {
        if (met[w] != 0 || result.communities[w] != result.communities[v]) continue;
        met[w] = 1;
        stack.push_back(w);
      }
    }
  }
  return count == result.count && grouped == result.grouped ? absl::OkStatus() : Wrong("counts");
}

absl::Status VerifyMember(const CsrView& view, const Sets& alike, VertexIndex v,
                          const CoAudienceCommunitiesResult& result) {
  std::map<uint32_t, double> around;
  double total = 0;
  for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
    const VertexIndex p = view.out_targets[a];
    if (alike[p].empty() || !(view.OutWeight(a) > 0)) continue;
    around[result.communities[p]] += view.OutWeight(a);
    total += view.OutWeight(a);
  }
  uint32_t best = kNoCommunity;
  for (const auto& [community, weight] : around) {
    if (best == kNoCommunity || weight > around[best] * (1 + 1e-12)) best = community;
  }
  const double share = best == kNoCommunity ? 0 : around[best] / total;
  const bool near = std::fabs(share - result.shares[v]) <= 1e-6;
  return near && best == result.communities[v] ? absl::OkStatus()
                                               : Wrong(absl::StrCat("member ", v));
}

}  // namespace

absl::Status VerifyCoAudienceCommunities(const CsrView& view,
                                         const CoAudienceCommunitiesOptions& options,
                                         const CoAudienceCommunitiesResult& result) {
  const Sets alike = Alike(view, options.co_audience);
  uint64_t arcs = 0;
  for (const auto& row : alike) arcs += row.size();
  if (arcs != 2 * result.pairs) return Wrong("number of pairs");
  if (const absl::Status groups = VerifyGroups(alike, result); !groups.ok()) return groups;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (!alike[v].empty()) {
      if (result.shares[v] != 1) return Wrong(absl::StrCat("share of vertex ", v));
      continue;
    }
    const absl::Status member = VerifyMember(view, alike, v, result);
    if (!member.ok()) return member;
  }
  return absl::OkStatus();
}

}  // namespace halqa
