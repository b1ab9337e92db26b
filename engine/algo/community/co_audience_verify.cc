#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/algo/community/co_audience.h"
#include "engine/algo/kernel.h"

namespace halqa {
namespace {

absl::Status Failed(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "VERIFY_FAILED", what);
}

std::set<VertexIndex> Audience(const CsrView& view, const CoAudienceOptions& options,
                               VertexIndex p) {
  std::set<VertexIndex> audience;
  for (VertexIndex f = 0; f < view.vertices; ++f) {
    const absl::Span<const VertexIndex> row = view.Out(f);
    if (f == p || row.size() > options.follows_max) continue;
    if (std::find(row.begin(), row.end(), p) != row.end()) audience.insert(f);
  }
  return audience;
}

}  // namespace

absl::Status VerifyCoAudience(const CsrView& view, const CoAudienceOptions& options,
                              const CoAudienceResult& result) {
  std::vector<std::set<VertexIndex>> audiences;
  uint32_t producers = 0;
  for (VertexIndex p = 0; p < view.vertices; ++p) {
    audiences.push_back(Audience(view, options, p));
    if (audiences[p].size() < options.followers_min) audiences[p].clear();
    producers += audiences[p].empty() ? 0 : 1;
  }
  if (producers != result.producers) return Failed("wrong number of producers");
  const CsrView graph = result.graph.View();
  for (VertexIndex p = 0; p < view.vertices; ++p) {
    std::map<VertexIndex, double> row;
    for (uint64_t a = graph.out_offsets[p]; a < graph.out_offsets[p + 1]; ++a) {
      row[graph.out_targets[a]] = graph.OutWeight(a);
    }
    for (VertexIndex q = 0; q < view.vertices; ++q) {
      double cosine = 0;
      if (p != q && !audiences[p].empty() && !audiences[q].empty()) {
        double shared = 0;
        for (const VertexIndex f : audiences[p]) shared += audiences[q].count(f) > 0 ? 1 : 0;
        cosine = shared / std::sqrt(static_cast<double>(audiences[p].size() * audiences[q].size()));
      }
      const double found = row.count(q) > 0 ? row[q] : 0;
      const double want = cosine >= options.cosine_min ? cosine : 0;
      if (std::fabs(found - want) > 1e-6) return Failed("an edge is missing, spurious or wrong");
    }
  }
  return absl::OkStatus();
}

absl::Status VerifyMembership(const CsrView& view, absl::Span<const uint32_t> communities,
                              const MembershipOptions& options, const MembershipResult& result) {
  if (result.offsets.size() != uint64_t{view.vertices} + 1) return Failed("one row per account");
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    std::map<uint32_t, double> all;
    double total = 0;
    for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
      const uint32_t c = communities[view.out_targets[a]];
      if (c != 0xffffffffu && view.OutWeight(a) > 0) all[c] += view.OutWeight(a);
    }
    for (const auto& [c, w] : all) total += w;
    const uint64_t kept = result.offsets[v + 1] - result.offsets[v];
    if (kept != std::min<uint64_t>(options.top, all.size())) return Failed("wrong length of a row");
    std::vector<double> shares;
    for (const auto& [c, w] : all) shares.push_back(w / total);
    std::sort(shares.rbegin(), shares.rend());
    for (uint64_t i = 0; i < kept; ++i) {
      const Membership& m = result.memberships[result.offsets[v] + i];
      if (std::fabs(m.share - shares[i]) > 1e-6) return Failed("wrong order or share");
      if (std::fabs(all[m.community] / total - m.share) > 1e-6) return Failed("wrong share");
    }
  }
  return absl::OkStatus();
}

}  // namespace halqa
