#include <algorithm>

#include "engine/algo/community/leiden_level.h"
#include "engine/algo/community/leiden_weights.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {
namespace {

// Vertices grouped by a number below n, ascending inside a group.
struct Groups {
  Array<uint64_t> first;    // groups + 1
  Array<uint32_t> members;  // vertices
};

Groups GroupBy(const Array<uint32_t>& of, uint32_t groups) {
  Groups g{Array<uint64_t>(uint64_t{groups} + 1, uint64_t{0}), Array<uint32_t>(of.size())};
  for (const uint32_t c : of) ++g.first[c + 1];
  for (uint64_t c = 1; c <= groups; ++c) g.first[c] += g.first[c - 1];
  std::vector<uint64_t> at(g.first.begin(), g.first.end());
  for (uint32_t v = 0; v < of.size(); ++v) g.members[at[of[v]]++] = v;
  return g;
}

// Runs of groups with about kBlockArcs arcs each.
std::vector<uint32_t> GroupBlocks(const LevelGraph& graph, const Groups& groups) {
  std::vector<uint32_t> bounds = {0};
  uint64_t weight = 0;
  const uint64_t count = groups.first.size() - 1;
  for (uint64_t c = 0; c < count; ++c) {
    for (uint64_t i = groups.first[c]; i < groups.first[c + 1]; ++i) {
      const uint32_t v = groups.members[i];
      weight += 16 + graph.offsets[v + 1] - graph.offsets[v];
    }
    if (weight >= kBlockArcs || c + 1 == count) {
      bounds.push_back(static_cast<uint32_t>(c + 1));
      weight = 0;
    }
  }
  return bounds;
}

// State of the parts, by the vertex that each part is named after. Communities share nothing, so
// they are refined side by side.
template <typename Weight>
class Refiner {
 public:
  Refiner(const LevelGraph& graph, Weight weight, const Partition& partition, double resolution)
      : graph_(graph),
        weight_(weight),
        p_(partition),
        rate_(resolution / graph.total),
        part_(graph.n),
        degree_(graph.n),
        outward_(graph.n),
        alone_(graph.n, uint8_t{1}) {}

  void Refine(absl::Span<const uint32_t> members, NeighbourWeights* around);
  Array<uint32_t> TakeParts() { return std::move(part_); }

 private:
  bool WellConnected(uint32_t part, double community_degree) const {
    return outward_[part] >= rate_ * degree_[part] * (community_degree - degree_[part]);
  }
  void MergeInto(uint32_t v, uint32_t part, double weight) {
    part_[v] = part;
    degree_[part] += graph_.degree[v];
    outward_[part] += outward_[v] - 2 * weight;
    alone_[v] = 0;
    alone_[part] = 0;
  }
  void Visit(uint32_t v, NeighbourWeights* around);

  const LevelGraph& graph_;
  Weight weight_;
  const Partition& p_;
  const double rate_;
  Array<uint32_t> part_;
  Array<double> degree_;   // weight of the part's rows
  Array<double> outward_;  // weight between the part and the rest of its community
  Array<uint8_t> alone_;   // the part of this vertex is the vertex
};

template <typename Weight>
void Refiner<Weight>::Visit(uint32_t v, NeighbourWeights* around) {
  const uint32_t community = p_.of[v];
  const double whole = p_.degree[community];
  if (!WellConnected(v, whole)) return;
  const uint64_t begin = graph_.offsets[v];
  const uint64_t end = graph_.offsets[v + 1];
  around->Prepare(std::min<uint64_t>(end - begin, graph_.n) + 1);
  for (uint64_t a = begin; a < end; ++a) {
    const uint32_t u = graph_.targets[a];
    if (u != v && p_.of[u] == community) around->Add(part_[u], weight_(a));
  }
  uint32_t best = v;
  double best_gain = 0;
  double best_weight = 0;
  around->ForEach([&](uint32_t part, double w) {
    if (!(w > 0) || !WellConnected(part, whole)) return;
    const double gain = w - rate_ * graph_.degree[v] * degree_[part];
    const bool better = gain > best_gain || (gain == best_gain && (best == v || part < best));
    if (!better) return;
    best = part;
    best_gain = gain;
    best_weight = w;
  });
  around->Clear();
  if (best != v) MergeInto(v, best, best_weight);
}

template <typename Weight>
void Refiner<Weight>::Refine(absl::Span<const uint32_t> members, NeighbourWeights* around) {
  for (const uint32_t v : members) {
    part_[v] = v;
    degree_[v] = graph_.degree[v];
    outward_[v] = 0;
    if (members.size() == 1) continue;
    for (uint64_t a = graph_.offsets[v]; a < graph_.offsets[v + 1]; ++a) {
      const uint32_t u = graph_.targets[a];
      if (u != v && p_.of[u] == p_.of[v]) outward_[v] += weight_(a);
    }
  }
  if (members.size() == 1) return;
  for (const uint32_t v : members) {
    if (alone_[v] != 0) Visit(v, around);
  }
}

// Renames parts to 0, 1, ... by first vertex. Returns their number.
uint32_t Renumber(Array<uint32_t>* part) {
  std::vector<uint32_t> names(part->size(), NeighbourWeights::kFree);
  uint32_t count = 0;
  for (uint32_t& p : *part) {
    if (names[p] == NeighbourWeights::kFree) names[p] = count++;
    p = names[p];
  }
  return count;
}

// Rows of one block of parts.
struct Rows {
  std::vector<uint32_t> lengths;
  std::vector<uint32_t> targets;
  std::vector<double> weights;
};

template <typename Weight>
void SumRows(const LevelGraph& graph, Weight weight, const Array<uint32_t>& part,
             const Groups& groups, uint32_t first, uint32_t last, uint32_t parts, Rows* rows) {
  NeighbourWeights around;
  for (uint32_t c = first; c < last; ++c) {
    uint64_t arcs = 0;
    for (uint64_t i = groups.first[c]; i < groups.first[c + 1]; ++i) {
      arcs += graph.offsets[groups.members[i] + 1] - graph.offsets[groups.members[i]];
    }
    around.Prepare(std::min<uint64_t>(arcs, parts) + 1);
    for (uint64_t i = groups.first[c]; i < groups.first[c + 1]; ++i) {
      const uint32_t v = groups.members[i];
      for (uint64_t a = graph.offsets[v]; a < graph.offsets[v + 1]; ++a) {
        around.Add(part[graph.targets[a]], weight(a));
      }
    }
    rows->lengths.push_back(static_cast<uint32_t>(around.size()));
    around.ForEach([&](uint32_t target, double w) {
      rows->targets.push_back(target);
      rows->weights.push_back(w);
    });
    around.Clear();
  }
}

// Puts the blocks' rows behind each other.
void Join(const std::vector<Rows>& blocks, uint32_t parts, LevelGraph* result) {
  uint64_t arcs = 0;
  for (const Rows& b : blocks) arcs += b.targets.size();
  result->n = parts;
  result->own_offsets = Array<uint64_t>(uint64_t{parts} + 1);
  result->own_targets = Array<uint32_t>(arcs);
  result->own_weights = Array<double>(arcs);
  uint64_t row = 0;
  uint64_t at = 0;
  result->own_offsets[0] = 0;
  for (const Rows& b : blocks) {
    std::copy(b.targets.begin(), b.targets.end(), result->own_targets.data() + at);
    std::copy(b.weights.begin(), b.weights.end(), result->own_weights.data() + at);
    at += b.targets.size();
    for (const uint32_t length : b.lengths) {
      result->own_offsets[row + 1] = result->own_offsets[row] + length;
      ++row;
    }
  }
  result->offsets = result->own_offsets.span();
  result->targets = result->own_targets.span();
  result->doubles = result->own_weights.span();
}

}  // namespace

absl::Status RefinePartition(const LevelGraph& graph, const Partition& partition, double resolution,
                             RunContext& run, const Progress& progress, Array<uint32_t>* part,
                             uint32_t* parts) {
  const Groups groups = GroupBy(partition.of, graph.n);
  const std::vector<uint32_t> bounds = GroupBlocks(graph, groups);
  HALQA_RETURN_IF_ERROR(WithWeights(graph, [&](auto weight) {
    Refiner refiner(graph, weight, partition, resolution);
    const absl::Status status = CheckedBlocks(run, bounds.size() - 1, progress, [&](uint64_t b) {
      NeighbourWeights around;
      for (uint32_t c = bounds[b]; c < bounds[b + 1]; ++c) {
        const uint64_t size = groups.first[c + 1] - groups.first[c];
        if (size > 0) refiner.Refine({groups.members.data() + groups.first[c], size}, &around);
      }
    });
    *part = refiner.TakeParts();
    return status;
  }));
  *parts = Renumber(part);
  return absl::OkStatus();
}

absl::Status Aggregate(const LevelGraph& graph, const Array<uint32_t>& part, uint32_t parts,
                       RunContext& run, const Progress& progress, LevelGraph* result) {
  const Groups groups = GroupBy(part, parts);
  const std::vector<uint32_t> bounds = GroupBlocks(graph, groups);
  std::vector<Rows> blocks(bounds.size() - 1);
  HALQA_RETURN_IF_ERROR(WithWeights(graph, [&](auto weight) {
    return CheckedBlocks(run, blocks.size(), progress, [&](uint64_t b) {
      SumRows(graph, weight, part, groups, bounds[b], bounds[b + 1], parts, &blocks[b]);
    });
  }));
  LevelGraph next;
  Join(blocks, parts, &next);
  next.degree = Array<double>(parts, 0.0);
  for (uint32_t v = 0; v < graph.n; ++v) next.degree[part[v]] += graph.degree[v];
  next.total = graph.total;
  *result = std::move(next);
  return absl::OkStatus();
}

}  // namespace halqa::internal
