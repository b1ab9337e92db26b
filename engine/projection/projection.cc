#include "engine/projection/projection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/graph/builder.h"
#include "engine/projection/decay.h"
#include "engine/projection/scan.h"
#include "engine/store/edge_list.h"

namespace halqa::projection {
namespace {

using store::FollowEntry;
using store::InteractionEntry;

constexpr double kSecondsPerDay = 86400;

// One arc. dated: its interactions with a time, decayed to as_of.
struct RawArc {
  uint32_t src = 0, dst = 0;
  bool follows = false;
  float undated = 0;
  double dated = 0;
  uint32_t newest_hour = 0;
};

struct Block {
  std::vector<RawArc> arcs;
};

// Reads the interactions of one block into arcs sorted by (src, dst), follows = false.
absl::Status ReadInteractions(const ScanScope& scope, uint32_t from, uint32_t to,
                              const ProjectionOptions& options, UnixSeconds as_of, Block* block) {
  const uint32_t as_of_hour = store::HourBucket(as_of);
  auto add = [&](uint32_t src, const std::vector<InteractionEntry>& entries) {
    for (const InteractionEntry& e : entries) {
      if (block->arcs.empty() || block->arcs.back().src != src || block->arcs.back().dst != e.dst) {
        block->arcs.push_back({src, e.dst, false, 0, 0, 0});
      }
      RawArc& arc = block->arcs.back();
      const double weight = options.kind_weights[e.kind - 1] * static_cast<double>(e.count);
      if (e.hour == 0) {
        arc.undated += static_cast<float>(weight);
      } else {
        arc.dated += weight * Decay(e.hour, as_of_hour, options.half_life_days);
        arc.newest_hour = std::max(arc.newest_hour, e.hour);
      }
    }
  };
  return ScanInteractions(scope, from, to, add);
}

// Joins the active follows of one block with its interaction arcs; both are sorted by (src, dst).
absl::Status JoinFollows(const ScanScope& scope, uint32_t from, uint32_t to, Block* block) {
  std::vector<RawArc> interactions = std::move(block->arcs);
  block->arcs.clear();
  size_t next = 0;
  auto before = [](const RawArc& a, uint32_t src, uint32_t dst) {
    return a.src < src || (a.src == src && a.dst < dst);
  };
  auto add = [&](uint32_t src, const std::vector<FollowEntry>& follows) {
    for (const FollowEntry& f : follows) {
      if (!store::IsActive(f.word)) continue;
      while (next < interactions.size() && before(interactions[next], src, f.dst)) {
        block->arcs.push_back(interactions[next++]);
      }
      RawArc arc{src, f.dst, true, 0, 0, 0};
      if (next < interactions.size() && interactions[next].src == src &&
          interactions[next].dst == f.dst) {
        arc = interactions[next++];
        arc.follows = true;
      }
      block->arcs.push_back(arc);
    }
  };
  HALQA_RETURN_IF_ERROR(ScanFollows(scope, from, to, add));
  block->arcs.insert(block->arcs.end(), interactions.begin() + static_cast<ptrdiff_t>(next),
                     interactions.end());
  return absl::OkStatus();
}

// The time of the newest event of the data, 0 when none is dated. One scan of both families.
absl::StatusOr<UnixSeconds> NewestEvent(const ScanScope& scope, uint32_t accounts,
                                        RunContext& run) {
  std::vector<UnixSeconds> newest(BlockCount(accounts));
  auto read = [&](uint32_t block, uint32_t from, uint32_t to) -> absl::Status {
    UnixSeconds& max = newest[block];
    HALQA_RETURN_IF_ERROR(ScanInteractions(
        scope, from, to, [&](uint32_t, const std::vector<InteractionEntry>& entries) {
          for (const InteractionEntry& e : entries) max = std::max(max, store::TimeOfHour(e.hour));
        }));
    return ScanFollows(scope, from, to, [&](uint32_t, const std::vector<FollowEntry>& follows) {
      for (const FollowEntry& f : follows) max = std::max(max, store::TimeOf(f.word));
    });
  };
  HALQA_RETURN_IF_ERROR(ForEachBlock(accounts, run, 1, read));
  return newest.empty() ? 0 : *std::max_element(newest.begin(), newest.end());
}

struct Weigher {
  ProjectionOptions options;
  double scale = 1;          // turns forward-decay sums into decayed sums at as_of
  uint32_t window_from = 0;  // first hour of the engagement window

  Weigher(const ProjectionOptions& o, UnixSeconds as_of) : options(o) {
    if (as_of == 0) return;
    window_from =
        store::HourBucket(as_of - static_cast<int64_t>(o.engaged_window_days * kSecondsPerDay));
  }
  float Weight(const RawArc& arc) const {
    const double interactions = arc.undated + arc.dated;
    return static_cast<float>((arc.follows ? options.follow_weight : 0) +
                              std::min(options.interaction_cap, interactions));
  }
  // Without dates every interaction counts as inside the window.
  bool Engaged(const RawArc& arc) const {
    return arc.follows &&
           (arc.undated > 0 || (arc.newest_hour != 0 && arc.newest_hour >= window_from));
  }
};

struct Edges {
  std::vector<VertexIndex> sources, targets;
  std::vector<float> weights;
};

// Turns the blocks into edge arrays, frees them as it goes and counts followers per account.
absl::StatusOr<Edges> TakeEdges(std::vector<Block>* blocks, const Weigher& weigher,
                                Projection* out) {
  Edges edges;
  uint64_t total = 0;
  for (const Block& b : *blocks) total += b.arcs.size();
  edges.sources.reserve(total);
  edges.targets.reserve(total);
  edges.weights.reserve(total);
  for (Block& block : *blocks) {
    for (const RawArc& arc : block.arcs) {
      if (arc.dst >= out->followers.size()) {
        return MakeError(
            absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
            absl::StrCat("account ", arc.src, " points at ", arc.dst, ", which does not exist"));
      }
      const float weight = weigher.Weight(arc);
      const bool interacts = arc.undated > 0 || arc.newest_hour != 0;
      out->interaction_arcs += interacts ? 1 : 0;
      if (arc.follows) {
        ++out->follows;
        ++out->followers[arc.dst];
        if (weigher.Engaged(arc)) ++out->engaged_followers[arc.dst];
      }
      if (weight <= 0) continue;
      edges.sources.push_back(arc.src);
      edges.targets.push_back(arc.dst);
      edges.weights.push_back(weight);
    }
    block.arcs = {};
  }
  return edges;
}

template <typename T>
void Permute(absl::Span<const VertexIndex> order, std::vector<T>* values) {
  std::vector<T> out(values->size());
  for (size_t i = 0; i < order.size(); ++i) out[i] = (*values)[order[i]];
  *values = std::move(out);
}

}  // namespace

absl::Status ProjectionOptions::Validate() const {
  auto bad = [](absl::string_view field, absl::string_view range) {
    return FieldError("PARAMETER_OUT_OF_RANGE", field, absl::StrCat("must be in ", range));
  };
  if (!(follow_weight >= 0 && follow_weight <= 1e6)) return bad("follow_weight", "[0, 1e6]");
  for (double w : kind_weights) {
    if (!(w >= 0 && w <= 1e6)) return bad("kind_weights", "[0, 1e6]");
  }
  if (!(half_life_days > 0 && half_life_days <= 36500)) return bad("half_life_days", "(0, 36500]");
  if (!(interaction_cap >= 0 && interaction_cap <= 1e9)) return bad("interaction_cap", "[0, 1e9]");
  if (!(engaged_window_days > 0 && engaged_window_days <= 36500)) {
    return bad("engaged_window_days", "(0, 36500]");
  }
  return absl::OkStatus();
}

uint64_t EstimateProjection(uint64_t accounts, uint64_t arcs) {
  // Raw arcs, then edge arrays beside the graph's two directions and one more copy while
  // relabelling.
  return accounts * 64 + arcs * std::max<uint64_t>(sizeof(RawArc) + 12, 12 + 3 * 16);
}

absl::StatusOr<Projection> BuildProjection(const store::Store& db, const store::ReadView* view,
                                           uint32_t accounts, const ProjectionOptions& options,
                                           RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate());
  Projection out;
  out.followers.resize(accounts);
  out.engaged_followers.resize(accounts);
  out.as_of = options.as_of;
  HALQA_ASSIGN_OR_RETURN(const auto mask, store::LoadMask(db, view));
  const ScanScope scope{&db, view, mask.get(), options.as_of};
  if (out.as_of == 0) {
    RunContext first = run.Part(0, 0.2);
    HALQA_ASSIGN_OR_RETURN(out.as_of, NewestEvent(scope, accounts, first));
  }
  std::vector<Block> blocks(BlockCount(accounts));
  auto read = [&](uint32_t block, uint32_t from, uint32_t to) -> absl::Status {
    HALQA_RETURN_IF_ERROR(ReadInteractions(scope, from, to, options, out.as_of, &blocks[block]));
    return JoinFollows(scope, from, to, &blocks[block]);
  };
  RunContext scan = run.Part(0.2, 0.6);
  HALQA_RETURN_IF_ERROR(ForEachBlock(accounts, scan, 1, read));
  HALQA_ASSIGN_OR_RETURN(Edges edges, TakeEdges(&blocks, Weigher(options, out.as_of), &out));
  HALQA_RETURN_IF_ERROR(run.Checkpoint(0.6, 1));

  BuildOptions build;
  build.vertices = accounts;
  RunContext part = run.Part(0.6, 0.8);
  HALQA_ASSIGN_OR_RETURN(Csr csr,
                         BuildCsr({edges.sources, edges.targets, edges.weights}, build, part));
  edges = {};
  HALQA_ASSIGN_OR_RETURN(const std::vector<VertexIndex> order, InDegreeOrder(csr.View()));
  RunContext last = run.Part(0.8, 1);
  HALQA_ASSIGN_OR_RETURN(out.graph, Relabelled(csr.View(), order, last));
  out.vertex_to_account = AsAccounts(order);
  Permute(order, &out.followers);
  Permute(order, &out.engaged_followers);
  return out;
}

}  // namespace halqa::projection
