// From one level to the next.

#include <algorithm>
#include <atomic>

#include "engine/algo/community/level_graph.h"
#include "engine/algo/community/level_weights.h"
#include "engine/algo/community/neighbour_weights.h"
#include "engine/base/memory.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {
namespace {

constexpr uint32_t kUnnamed = 0xffffffffu;

// Rows of one block of parts.
struct Rows {
  std::vector<uint32_t> lengths;
  std::vector<uint32_t> targets;
  std::vector<double> weights;

  uint64_t bytes() const {
    return 4 * (lengths.capacity() + targets.capacity()) + 8 * weights.capacity();
  }
};

struct Parts {
  absl::Span<const uint32_t> of;
  uint32_t count;
  const Groups& groups;
};

template <typename Weight>
void SumRow(const LevelGraph& graph, Weight weight, const Parts& parts, uint32_t c,
            NeighbourWeights<typename Weight::Sum>* around, Rows* rows) {
  double inside = 0;
  bool any = false;
  for (uint64_t i = parts.groups.first[c]; i < parts.groups.first[c + 1]; ++i) {
    const uint32_t v = parts.groups.members[i];
    if (i + 1 < parts.groups.first[c + 1]) {
      PrefetchRow(graph, parts.of.data(), parts.groups.members[i + 1]);
    }
    for (uint64_t a = graph.offsets[v]; a < graph.offsets[v + 1]; ++a) {
      const uint32_t target = parts.of[graph.targets[a]];
      if (target == c) {
        inside += weight(a);
        any = true;
      } else {
        around->Add(target, weight(a));
      }
    }
  }
  if (any) {
    rows->targets.push_back(c);
    rows->weights.push_back(inside);
  }
  around->ForEach([&](uint32_t target, auto w) {
    rows->targets.push_back(target);
    rows->weights.push_back(w);
  });
  rows->lengths.push_back(static_cast<uint32_t>(around->size() + (any ? 1 : 0)));
  around->Clear();
}

template <typename Weight>
void SumRows(const LevelGraph& graph, Weight weight, const Parts& parts, uint32_t first,
             uint32_t last, Rows* rows) {
  NeighbourWeights<typename Weight::Sum> around;
  for (uint32_t c = first; c < last; ++c) {
    uint64_t arcs = 0;
    for (uint64_t i = parts.groups.first[c]; i < parts.groups.first[c + 1]; ++i) {
      const uint32_t v = parts.groups.members[i];
      arcs += graph.offsets[v + 1] - graph.offsets[v];
    }
    around.Prepare(std::min<uint64_t>(arcs, parts.count) + 1, parts.count);
    SumRow(graph, weight, parts, c, &around, rows);
  }
}

// Puts the blocks' rows behind each other.
LevelGraph Join(std::vector<Rows>* blocks, uint32_t parts) {
  LevelGraph result;
  uint64_t arcs = 0;
  for (const Rows& b : *blocks) arcs += b.targets.size();
  result.n = parts;
  result.own_offsets = Array<uint64_t>(uint64_t{parts} + 1);
  result.own_targets = Array<uint32_t>(arcs);
  result.own_doubles = Array<double>(arcs);
  uint64_t row = 0;
  uint64_t at = 0;
  result.own_offsets[0] = 0;
  for (Rows& b : *blocks) {
    std::copy(b.targets.begin(), b.targets.end(), result.own_targets.data() + at);
    std::copy(b.weights.begin(), b.weights.end(), result.own_doubles.data() + at);
    at += b.targets.size();
    for (const uint32_t length : b.lengths) {
      result.own_offsets[row + 1] = result.own_offsets[row] + length;
      ++row;
    }
    b = {};
  }
  result.offsets = result.own_offsets.span();
  result.targets = result.own_targets.span();
  result.doubles = result.own_doubles.span();
  return result;
}

void SumMasses(const LevelGraph& graph, absl::Span<const uint32_t> part, LevelGraph* next) {
  next->mass = Array<double>(next->n, 0.0);
  for (uint32_t v = 0; v < graph.n; ++v) next->mass[part[v]] += graph.mass[v];
}

}  // namespace

Groups GroupBy(absl::Span<const uint32_t> of, uint32_t groups) {
  Groups g{Array<uint64_t>(uint64_t{groups} + 1, uint64_t{0}), Array<uint32_t>(of.size())};
  for (const uint32_t c : of) ++g.first[c + 1];
  for (uint64_t c = 1; c <= groups; ++c) g.first[c] += g.first[c - 1];
  // first[c] walks to the end of group c, which is the beginning of the next.
  for (uint32_t v = 0; v < of.size(); ++v) g.members[g.first[of[v]]++] = v;
  for (uint64_t c = groups; c > 0; --c) g.first[c] = g.first[c - 1];
  g.first[0] = 0;
  return g;
}

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

uint32_t Renumber(absl::Span<uint32_t> labels) {
  std::vector<uint32_t> names(labels.size(), kUnnamed);
  uint32_t count = 0;
  for (uint32_t& label : labels) {
    if (names[label] == kUnnamed) names[label] = count++;
    label = names[label];
  }
  return count;
}

void SumPartition(const LevelGraph& graph, Partition* partition) {
  partition->mass = Array<double>(graph.n, 0.0);
  partition->size = Array<uint32_t>(graph.n, 0u);
  partition->count = 0;
  for (uint32_t v = 0; v < graph.n; ++v) {
    const uint32_t c = partition->of[v];
    partition->mass[c] += graph.mass[v];
    if (partition->size[c]++ == 0) ++partition->count;
  }
}

absl::Status Aggregate(const LevelGraph& graph, absl::Span<const uint32_t> part, uint32_t parts,
                       RunContext& run, const Progress& progress, LevelGraph* result) {
  const Groups groups = GroupBy(part, parts);
  const std::vector<uint32_t> bounds = GroupBlocks(graph, groups);
  std::vector<Rows> blocks(bounds.size() - 1);
  // Sums of rows are kept twice for a moment, in blocks and in one piece.
  std::atomic<uint64_t> kept{graph.bytes_beside + graph.own_bytes()};
  HALQA_RETURN_IF_ERROR(WithWeights(graph, [&](auto weight) {
    return CheckedBlocks(run, blocks.size(), progress, [&](uint64_t b) {
      if (!RequireMemory(run, kept).ok()) return;
      SumRows(graph, weight, {part, parts, groups}, bounds[b], bounds[b + 1], &blocks[b]);
      kept += blocks[b].bytes() + 12 * blocks[b].targets.size();
    });
  }));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, kept));
  LevelGraph next = Join(&blocks, parts);
  next.bytes_beside = graph.bytes_beside;
  SumMasses(graph, part, &next);
  *result = std::move(next);
  return absl::OkStatus();
}

}  // namespace halqa::internal
