#include "engine/algo/centrality/path_sampler.h"

#include <cmath>

#include "engine/graph/blocks.h"

namespace halqa {

PathSampler::PathSampler(const CsrView& view) : view_(view) {
  for (Side& side : sides_) {
    side.distance = Array<uint32_t>(view.vertices, kNoVertex);
    side.paths = Array<double>(view.vertices);
    side.order = Array<VertexIndex>(view.vertices);
  }
  sides_[1].forwards = false;
}

void PathSampler::Find(Side* side, VertexIndex v, uint32_t distance) {
  side->distance[v] = distance;
  side->paths[v] = 0;
  side->order[side->found++] = v;
  side->arcs += Row(*side, v).size();
}

void PathSampler::Begin(Side* side, VertexIndex v) {
  side->level = side->found = side->arcs = 0;
  Find(side, v, 0);
  side->paths[v] = 1;
}

void PathSampler::End(Side* side) {
  for (uint64_t i = 0; i < side->found; ++i) side->distance[side->order[i]] = kNoVertex;
}

void PathSampler::Cross(VertexIndex near, VertexIndex far, double paths, CounterRng& rng) {
  crossing_paths_ += paths;
  if (rng.Uniform() * crossing_paths_ >= paths) return;
  chosen_[0] = near;
  chosen_[1] = far;
}

bool PathSampler::Expand(Side* side, const Side& other, CounterRng& rng, const RunContext& run) {
  const uint64_t end = side->found;
  uint64_t arcs = 0;
  side->arcs = 0;
  for (uint64_t i = side->level; i < end; ++i) {
    const VertexIndex u = side->order[i];
    const uint32_t next = side->distance[u] + 1;
    const absl::Span<const VertexIndex> row = Row(*side, u);
    for (const VertexIndex w : row) {
      // No vertex was found from both ends before, so that what the other has found is in its last
      // level, and all shortest paths cross here.
      if (other.distance[w] != kNoVertex) {
        Cross(u, w, side->paths[u] * other.paths[w], rng);
        continue;
      }
      if (side->distance[w] == kNoVertex) Find(side, w, next);
      if (side->distance[w] == next) side->paths[w] += side->paths[u];
    }
    if ((arcs += 1 + row.size()) < kBlockArcs) continue;
    arcs = 0;
    if (run.ShouldStop()) return false;
  }
  side->level = end;
  return true;
}

void PathSampler::Walk(const Side& side, VertexIndex v, CounterRng& rng) {
  while (side.distance[v] > 0) {
    inner_.push_back(v);
    const uint32_t before = side.distance[v] - 1;
    double paths = 0;
    VertexIndex chosen = kNoVertex;
    for (const VertexIndex u : side.forwards ? view_.In(v) : view_.Out(v)) {
      if (side.distance[u] != before) continue;
      paths += side.paths[u];
      if (rng.Uniform() * paths < side.paths[u]) chosen = u;
    }
    v = chosen;
  }
}

PathSampler::Outcome PathSampler::Sample(VertexIndex s, VertexIndex t, CounterRng& rng,
                                         const RunContext& run) {
  inner_.clear();
  crossing_paths_ = 0;
  Begin(&sides_[0], s);
  Begin(&sides_[1], t);
  Outcome outcome = Outcome::kNoPath;
  while (crossing_paths_ == 0 && sides_[0].level < sides_[0].found &&
         sides_[1].level < sides_[1].found) {
    const int near = sides_[0].arcs <= sides_[1].arcs ? 0 : 1;
    if (!Expand(&sides_[near], sides_[1 - near], rng, run)) {
      outcome = Outcome::kStopped;
      crossing_paths_ = 0;
      break;
    }
    if (crossing_paths_ == 0) continue;
    outcome = std::isfinite(crossing_paths_) ? Outcome::kPath : Outcome::kTooManyPaths;
    if (outcome != Outcome::kPath) break;
    Walk(sides_[near], chosen_[0], rng);
    Walk(sides_[1 - near], chosen_[1], rng);
  }
  End(&sides_[0]);
  End(&sides_[1]);
  return outcome;
}

}  // namespace halqa
