// Communities of shared audiences.

#include "engine/algo/community/co_audience_communities.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

CoAudienceCommunitiesOptions OptionsFrom(const Values& p) {
  CoAudienceCommunitiesOptions options;
  options.co_audience.cosine_min = p.Double("cosine_min");
  options.co_audience.followers_min = static_cast<uint32_t>(p.Integer("followers_min"));
  options.co_audience.follows_max = static_cast<uint32_t>(p.Integer("follows_max"));
  options.resolution = p.Double("resolution");
  options.seed = static_cast<uint64_t>(p.Integer("seed"));
  options.arcs_max = static_cast<uint64_t>(p.Integer("arcs_max"));
  return options;
}

absl::StatusOr<AlgorithmResult> RunAudience(const CsrView& view, const Values& p, RunContext* run,
                                            Estimate* estimate) {
  const CoAudienceCommunitiesOptions options = OptionsFrom(p);
  HALQA_ESTIMATE_MOST(EstimateCoAudienceCommunities(view, options));
  HALQA_ASSIGN_OR_RETURN(CoAudienceCommunitiesResult got,
                         CoAudienceCommunities(view, options, *run));
  AlgorithmResult result;
  double share = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    share += got.shares[v];
    got.communities[v] = got.communities[v] == kNoCommunity ? 0 : got.communities[v] + 1;
  }
  result.values = std::move(got.communities);
  const double others = got.members;
  result.figures = {{"communities", got.count},
                    {"grouped", got.grouped},
                    {"members", others},
                    {"member_share_mean", others > 0 ? (share - got.grouped) / others : 0},
                    {"modularity", got.modularity},
                    {"pairs", static_cast<double>(got.pairs)}};
  return result;
}

}  // namespace

std::vector<AlgorithmEntry> AudienceAlgorithms() {
  return {
      {{.name = "co_audience_communities",
        .version = kCoAudienceCommunitiesVersion,
        .summary = "communities of accounts with the same followers, and which of them each "
                   "other account follows most; from 1, 0 = none",
        .value = ValueType::kCount,
        .adaptive = true,
        .parameters = {NumberParameter("cosine_min", 1e-6, 1, "0.1",
                                       "least likeness of two audiences"),
                       IntegerParameter("followers_min", 1, 1e9, "10",
                                        "followers that an account of a group has at least"),
                       IntegerParameter("follows_max", 1, 1e9, "1000",
                                        "followers of more accounts do not count"),
                       NumberParameter("resolution", 1e-9, 1e9, "1", "larger: smaller communities"),
                       IntegerParameter("seed", 0, 9e15, "1", "order of visits"),
                       IntegerParameter("arcs_max", 2, 1099511627776.0, "100000000",
                                        "two per pair with a like audience; more are refused")},
        .time = "O(arcs * follows_max) at most",
        .memory = "at most 115 bytes per vertex and 24 per arc between like audiences",
        .paper = "Satuluri and others 2020; Traag, Waltman, van Eck 2019"},
       RunAudience}};
}

}  // namespace halqa
