#include "engine/algo/community/triangles.h"

#include "engine/algo/community/triangle_links.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

internal::LinkCount What(const TrianglesOptions& options) {
  return options.each ? internal::LinkCount::kTriangles : internal::LinkCount::kTotal;
}

}  // namespace

uint64_t EstimateTriangles(const CsrView& view, const TrianglesOptions& options, int threads) {
  return internal::EstimateLinks(view, What(options), threads);
}

absl::StatusOr<TrianglesResult> Triangles(const CsrView& view, const TrianglesOptions& options,
                                          RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  HALQA_RETURN_IF_ERROR(RequireInRows(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateTriangles(view, options, run.threads())));
  HALQA_ASSIGN_OR_RETURN(internal::LinkResult links,
                         internal::CountLinks(view, What(options), run));
  return TrianglesResult{std::move(links.links), links.triangles, links.wedges};
}

}  // namespace halqa
