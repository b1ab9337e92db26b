#include <algorithm>

#include "engine/algo/community/co_audience.h"
#include "engine/algo/community/neighbour_weights.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint32_t kNone = 0xffffffffu;
using Table = internal::NeighbourWeights<double>;

// Appends the memberships of one account.
uint32_t AddRow(const CsrView& view, absl::Span<const uint32_t> communities, uint32_t top,
                VertexIndex v, Table* around, std::vector<Membership>* row,
                std::vector<Membership>* all) {
  around->Prepare(view.OutDegree(v) + 1, uint64_t{kNone});
  double total = 0;
  for (uint64_t a = view.out_offsets[v]; a < view.out_offsets[v + 1]; ++a) {
    const uint32_t c = communities[view.out_targets[a]];
    if (c == kNone || !(view.OutWeight(a) > 0)) continue;
    around->Add(c, view.OutWeight(a));
    total += view.OutWeight(a);
  }
  row->clear();
  around->ForEach([&](uint32_t c, double w) {
    row->push_back({c, static_cast<float>(w / total)});
  });
  around->Clear();
  const uint64_t kept = std::min<uint64_t>(top, row->size());
  std::partial_sort(row->begin(), row->begin() + static_cast<int64_t>(kept), row->end(),
                    [](const Membership& a, const Membership& b) {
                      return a.share != b.share ? a.share > b.share : a.community < b.community;
                    });
  all->insert(all->end(), row->begin(), row->begin() + static_cast<int64_t>(kept));
  return static_cast<uint32_t>(kept);
}

}  // namespace

absl::Status MembershipOptions::Validate() const { return RequireRange("top", top, 1, 1000); }

uint64_t EstimateMembership(const CsrView& view, const MembershipOptions& options) {
  uint64_t rows = 0;
  for (VertexIndex v = 0; v < view.vertices; ++v) {
    rows += std::min<uint64_t>(options.top, view.OutDegree(v));
  }
  return 32 * uint64_t{view.vertices} + 16 * rows;
}

absl::StatusOr<MembershipResult> OverlappingMembership(const CsrView& view,
                                                       absl::Span<const uint32_t> communities,
                                                       const MembershipOptions& options,
                                                       RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  if (communities.size() != view.vertices) {
    return FieldError("LENGTH_MISMATCH", "communities", "one value per vertex expected");
  }
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateMembership(view, options)));
  const std::vector<uint32_t> bounds = RowBlocks(view.out_offsets);
  std::vector<std::vector<Membership>> blocks(bounds.size() - 1);
  std::vector<uint32_t> lengths(view.vertices);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks.size(), {0, 0.9, 1}, [&](uint64_t b) {
    Table around;
    std::vector<Membership> row;
    for (VertexIndex v = bounds[b]; v < bounds[b + 1]; ++v) {
      lengths[v] = AddRow(view, communities, options.top, v, &around, &row, &blocks[b]);
    }
  }));
  MembershipResult result;
  result.offsets.push_back(0);
  for (const uint32_t length : lengths) result.offsets.push_back(result.offsets.back() + length);
  result.memberships.reserve(result.offsets.back());
  for (std::vector<Membership>& b : blocks) {
    result.memberships.insert(result.memberships.end(), b.begin(), b.end());
    b = {};
    HALQA_RETURN_IF_ERROR(run.Checkpoint(0.95, 1));
  }
  HALQA_RETURN_IF_ERROR(run.Checkpoint(1, 1));
  return result;
}

}  // namespace halqa
