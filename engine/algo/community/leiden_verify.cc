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

using Members = std::map<uint32_t, std::vector<VertexIndex>>;

absl::StatusOr<Members> CheckNumbering(const CsrView& view, const LeidenResult& result) {
  const std::vector<uint32_t>& of = result.communities;
  if (of.size() != view.vertices) return Failed("one community per vertex expected");
  Members members;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    if (of[v] > members.size()) return Failed("communities are not numbered by first vertex");
    members[of[v]].push_back(v);
  }
  if (members.size() != result.count) return Failed("wrong number of communities");
  return members;
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

// Quality in arcs, per unit of `scale`: w(c, c) - rate · mass · mass, over the in-rows.
struct Price {
  std::vector<long double> mass;  // by vertex
  long double rate = 0, total = 0;
};

Price PriceOf(const CsrView& view, const LeidenOptions& options) {
  Price price;
  price.mass.assign(view.vertices, 0.0L);
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      price.mass[v] += view.InWeight(a);
    }
    price.total += price.mass[v];
  }
  price.rate = options.resolution;
  if (options.quality == CommunityQuality::kCpm) {
    price.mass.assign(view.vertices, 1.0L);
  } else if (price.total > 0) {
    price.rate /= price.total;
  }
  return price;
}

// Pair by pair: a pair inside a community pays rate · mass · mass once.
long double DirectQuality(const CsrView& view, const LeidenOptions& options, const Members& members,
                          const std::vector<uint32_t>& of, const Price& price) {
  const bool cpm = options.quality == CommunityQuality::kCpm;
  long double quality = 0;
  for (const auto& [c, vertices] : members) {
    long double inside = 0, mass = 0, squares = 0;
    for (const VertexIndex v : vertices) {
      for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
        if (of[view.in_sources[a]] != c) continue;
        inside += view.InWeight(a) * (cpm && view.in_sources[a] == v ? 2.0L : 1.0L);
      }
      mass += price.mass[v];
      squares += price.mass[v] * price.mass[v];
    }
    quality += inside - price.rate * (cpm ? mass * mass - squares : mass * mass);
  }
  if (cpm) return quality / 2;
  return price.total > 0 ? quality / price.total : 0;
}

// That no single vertex gains by moving to a neighbouring community.
absl::Status CheckNoMove(const CsrView& view, const std::vector<uint32_t>& of,
                         const Members& members, const Price& price) {
  std::map<uint32_t, long double> whole;
  for (const auto& [c, vertices] : members) {
    for (const VertexIndex v : vertices) whole[c] += price.mass[v];
  }
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    std::map<uint32_t, long double> around;
    for (uint64_t a = view.in_offsets[v]; a < view.in_offsets[v + 1]; ++a) {
      if (view.in_sources[a] != v) around[of[view.in_sources[a]]] += view.InWeight(a);
    }
    const long double charge = price.rate * price.mass[v];
    const long double stay = around[of[v]] - charge * (whole[of[v]] - price.mass[v]);
    for (const auto& [c, w] : around) {
      if (c != of[v] && w > 0 && w - charge * whole[c] - stay > 1e-9L * price.total) {
        return Failed(absl::StrCat("vertex ", v, " gains by moving to community ", c));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyLeiden(const CsrView& view, const LeidenOptions& options,
                          const LeidenResult& result) {
  const auto members = CheckNumbering(view, result);
  if (!members.ok()) return members.status();
  for (const auto& [c, vertices] : *members) {
    if (!Connected(view, result.communities, vertices)) {
      return Failed(absl::StrCat("community ", c, " is in pieces"));
    }
  }
  const Price price = PriceOf(view, options);
  const long double quality = DirectQuality(view, options, *members, result.communities, price);
  const long double allowed = 1e-9L * std::max(1.0L, std::fabs(quality));
  if (std::fabs(quality - result.quality) > allowed) return Failed("wrong quality");
  if (std::fabs(quality - result.tracked_quality) > allowed) {
    return Failed("the gains of the moves do not add up to the quality");
  }
  if (!result.converged || !(price.total > 0)) return absl::OkStatus();
  return CheckNoMove(view, result.communities, *members, price);
}

}  // namespace halqa
