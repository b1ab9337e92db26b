// Refinement: each community, alone, is built anew from single vertices.

#include <algorithm>

#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/level_weights.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {
namespace {

constexpr uint32_t kUnseen = 0xffffffffu;

// Where a vertex stands: its community and its place among the members, in one word for one gather.
uint64_t Place(uint32_t community, uint32_t place) { return uint64_t{community} << 32 | place; }

template <typename Weight>
Array<uint32_t> Pieces(const LevelGraph& g, Weight weight, absl::Span<const uint32_t> of) {
  Array<uint32_t> pieces(g.n, kUnseen);
  std::vector<uint32_t> stack;
  for (uint32_t s = 0; s < g.n; ++s) {
    if (pieces[s] != kUnseen) continue;
    pieces[s] = s;
    stack.assign(1, s);
    while (!stack.empty()) {
      const uint32_t v = stack.back();
      stack.pop_back();
      for (uint64_t a = g.offsets[v]; a < g.offsets[v + 1]; ++a) {
        const uint32_t u = g.targets[a];
        if (pieces[u] != kUnseen || of[u] != of[v] || !(weight(a) > 0)) continue;
        pieces[u] = s;
        stack.push_back(u);
      }
    }
  }
  return pieces;
}

class Refiner {
 public:
  Refiner(const LevelGraph& graph, double rate, uint64_t seed, const Groups& groups)
      : graph_(graph), rate_(rate), seed_(seed), groups_(groups), places_(graph.n) {
    for (uint64_t c = 0; c + 1 < groups.first.size(); ++c) {
      for (uint64_t i = groups.first[c]; i < groups.first[c + 1]; ++i) {
        const auto place = static_cast<uint32_t>(i - groups.first[c]);
        places_[groups.members[i]] = Place(static_cast<uint32_t>(c), place);
      }
    }
  }

  // Writes part[v] for the members of `community`: the first vertex of the part.
  absl::Status Refine(uint32_t community, RunContext& run, Array<uint32_t>* part) const;

 private:
  absl::Span<const uint32_t> Members(uint32_t c) const {
    return {groups_.members.data() + groups_.first[c], groups_.first[c + 1] - groups_.first[c]};
  }
  LevelGraph Induced(uint32_t community) const;
  absl::Status Merge(const LevelGraph& induced, RunContext& run, Partition* partition) const;

  const LevelGraph& graph_;
  const double rate_;
  const uint64_t seed_;
  const Groups& groups_;
  Array<uint64_t> places_;  // by vertex
};

// The graph of one community's members without self-loops; they do not bear on any move.
LevelGraph Refiner::Induced(uint32_t community) const {
  const absl::Span<const uint32_t> members = Members(community);
  LevelGraph g;
  g.n = static_cast<uint32_t>(members.size());
  g.mass = Array<double>(g.n);
  g.own_offsets = Array<uint64_t>(uint64_t{g.n} + 1);
  uint64_t room = 0;
  for (const uint32_t v : members) room += graph_.offsets[v + 1] - graph_.offsets[v];
  g.own_targets = Array<uint32_t>(room);
  if (!graph_.floats.empty()) g.own_floats = Array<float>(room);
  if (!graph_.doubles.empty()) g.own_doubles = Array<double>(room);
  uint64_t at = 0;
  for (uint32_t i = 0; i < g.n; ++i) {
    const uint32_t v = members[i];
    if (i + 1 < g.n) PrefetchRow(graph_, places_.data(), members[i + 1]);
    g.own_offsets[i] = at;
    g.mass[i] = graph_.mass[v];
    for (uint64_t a = graph_.offsets[v]; a < graph_.offsets[v + 1]; ++a) {
      const uint64_t place = places_[graph_.targets[a]];
      g.own_targets[at] = static_cast<uint32_t>(place);
      if (!graph_.floats.empty()) g.own_floats[at] = graph_.floats[a];
      if (!graph_.doubles.empty()) g.own_doubles[at] = graph_.doubles[a];
      at += (place >> 32) == community && static_cast<uint32_t>(place) != i ? 1 : 0;
    }
  }
  g.own_offsets[g.n] = at;
  g.offsets = g.own_offsets.span();
  g.targets = g.own_targets.span().subspan(0, at);
  if (!g.own_floats.empty()) g.floats = g.own_floats.span().subspan(0, at);
  if (!g.own_doubles.empty()) g.doubles = g.own_doubles.span().subspan(0, at);
  return g;
}

// Moves vertices until none gains: labels[v] is the part of each. Not further, by aggregation: the
// next level would then have too little to choose from.
absl::Status Refiner::Merge(const LevelGraph& induced, RunContext& run,
                            Partition* partition) const {
  partition->of = Array<uint32_t>(induced.n);
  for (uint32_t v = 0; v < induced.n; ++v) partition->of[v] = v;
  SumPartition(induced, partition);
  MoveOptions options;
  options.rate = rate_;
  options.seed = seed_ ^ induced.n;
  MoveResult moved;
  return MoveVertices(induced, options, Pacer::Inside(run), partition, &moved);
}

absl::Status Refiner::Refine(uint32_t community, RunContext& run, Array<uint32_t>* part) const {
  const absl::Span<const uint32_t> members = Members(community);
  if (members.size() == 1) (*part)[members[0]] = members[0];
  if (members.size() <= 1) return absl::OkStatus();
  const LevelGraph induced = Induced(community);
  Partition partition;
  HALQA_RETURN_IF_ERROR(Merge(induced, run, &partition));
  const Array<uint32_t> pieces = ConnectedPieces(induced, partition.of.span());
  for (uint32_t i = 0; i < induced.n; ++i) (*part)[members[i]] = members[pieces[i]];
  return absl::OkStatus();
}

}  // namespace

Array<uint32_t> ConnectedPieces(const LevelGraph& graph, absl::Span<const uint32_t> of) {
  return WithWeights(graph, [&](auto weight) { return Pieces(graph, weight, of); });
}

absl::Status RefinePartition(const LevelGraph& graph, const Partition& partition, double rate,
                             uint64_t seed, RunContext& run, const Progress& progress,
                             Array<uint32_t>* part, uint32_t* parts) {
  const Groups groups = GroupBy(partition.of.span(), graph.n);
  const std::vector<uint32_t> bounds = GroupBlocks(graph, groups);
  const Refiner refiner(graph, rate, seed, groups);
  *part = Array<uint32_t>(graph.n);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, bounds.size() - 1, progress, [&](uint64_t b) {
    for (uint32_t c = bounds[b]; c < bounds[b + 1]; ++c) {
      if (!refiner.Refine(c, run, part).ok()) return;  // the next checkpoint says why
    }
  }));
  *parts = Renumber(part->mutable_span());
  return absl::OkStatus();
}

}  // namespace halqa::internal
