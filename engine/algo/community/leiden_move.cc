#include <algorithm>

#include "engine/algo/community/leiden_level.h"
#include "engine/algo/community/leiden_weights.h"
#include "engine/base/random.h"
#include "engine/base/status_macros.h"

namespace halqa::internal {

absl::Status SumDegrees(LevelGraph* graph, RunContext& run, const Progress& progress) {
  graph->degree = Array<double>(graph->n);
  const std::vector<uint32_t> bounds = RowBlocks(graph->offsets);
  HALQA_RETURN_IF_ERROR(WithWeights(*graph, [&](auto weight) {
    return CheckedBlocks(run, bounds.size() - 1, progress, [&](uint64_t b) {
      for (uint32_t v = bounds[b]; v < bounds[b + 1]; ++v) {
        double sum = 0;
        for (uint64_t a = graph->offsets[v]; a < graph->offsets[v + 1]; ++a) sum += weight(a);
        graph->degree[v] = sum;
      }
    });
  }));
  graph->total = 0;
  for (const double k : graph->degree) graph->total += k;
  return absl::OkStatus();
}

void SumPartition(const LevelGraph& graph, Partition* partition) {
  partition->degree = Array<double>(graph.n, 0.0);
  partition->size = Array<uint32_t>(graph.n, 0u);
  partition->count = 0;
  for (uint32_t v = 0; v < graph.n; ++v) {
    const uint32_t c = partition->of[v];
    partition->degree[c] += graph.degree[v];
    if (partition->size[c]++ == 0) ++partition->count;
  }
}

namespace {

// First in, first out; every vertex at most once.
class VertexQueue {
 public:
  VertexQueue(uint32_t n, uint64_t seed) : ring_(n), queued_(n, uint8_t{1}), size_(n) {
    for (uint32_t v = 0; v < n; ++v) ring_[v] = v;
    CounterRng rng(seed, 0x1e1de);
    for (uint32_t i = n; i > 1; --i) std::swap(ring_[i - 1], ring_[rng.Below(i)]);
  }
  bool empty() const { return size_ == 0; }
  uint32_t Pop() {
    const uint32_t v = ring_[head_];
    head_ = head_ + 1 == ring_.size() ? 0 : head_ + 1;
    --size_;
    queued_[v] = 0;
    return v;
  }
  // The vertex that is `ahead` places behind the front, or the front's own where there is none.
  uint32_t Ahead(uint64_t ahead) const {
    const uint64_t at = head_ + (ahead < size_ ? ahead : 0);
    return ring_[at >= ring_.size() ? at - ring_.size() : at];
  }
  void Push(uint32_t v) {
    if (queued_[v] != 0) return;
    queued_[v] = 1;
    uint64_t at = head_ + size_;
    if (at >= ring_.size()) at -= ring_.size();
    ring_[at] = v;
    ++size_;
  }

 private:
  Array<uint32_t> ring_;
  Array<uint8_t> queued_;
  uint64_t head_ = 0;
  uint64_t size_ = 0;
};

template <typename Weight>
class Mover {
 public:
  Mover(const LevelGraph& graph, Weight weight, const MoveOptions& options, Partition* partition)
      : graph_(graph),
        weight_(weight),
        p_(*partition),
        queue_(graph.n, options.seed),
        rate_(options.resolution / graph.total),
        least_gain_(1e-12 * graph.total) {
    for (uint32_t c = graph.n; c > 0; --c) {
      if (p_.size[c - 1] == 0) free_.push_back(c - 1);
    }
  }

  absl::Status Run(RunContext& run, const Progress& progress, MoveResult* result);

 private:
  struct Choice {
    uint32_t community;
    double gain;  // over staying, in weight
  };
  // Asks for the rows of the vertices to come: the visiting order is random.
  void Fetch() const {
    __builtin_prefetch(&graph_.offsets[queue_.Ahead(6)]);
    const uint64_t row = graph_.offsets[queue_.Ahead(2)];
    __builtin_prefetch(graph_.targets.data() + row);
    __builtin_prefetch(graph_.targets.data() + row + 16);
  }
  Choice Best(uint32_t v);
  void Move(uint32_t v, uint32_t to);

  const LevelGraph& graph_;
  Weight weight_;
  Partition& p_;
  VertexQueue queue_;
  NeighbourWeights around_;
  std::vector<uint32_t> free_;  // names of empty communities
  const double rate_;           // resolution / total weight
  const double least_gain_;     // keeps rounding from moving vertices in circles
};

template <typename Weight>
typename Mover<Weight>::Choice Mover<Weight>::Best(uint32_t v) {
  const uint64_t begin = graph_.offsets[v];
  const uint64_t end = graph_.offsets[v + 1];
  const uint32_t own = p_.of[v];
  around_.Prepare(std::min<uint64_t>(end - begin, graph_.n) + 1);
  for (uint64_t a = begin; a < end; ++a) {
    const uint32_t u = graph_.targets[a];
    if (u != v) around_.Add(p_.of[u], weight_(a));
  }
  const double k = graph_.degree[v];
  const double stay = around_.Of(own) - rate_ * k * (p_.degree[own] - k);
  Choice best{own, 0};
  around_.ForEach([&](uint32_t c, double w) {
    if (c == own || !(w > 0)) return;
    const double gain = w - rate_ * k * p_.degree[c] - stay;
    if (gain > best.gain || (gain == best.gain && c < best.community && best.community != own)) {
      best = {c, gain};
    }
  });
  around_.Clear();
  // Alone is better than with anybody.
  if (-stay > best.gain && p_.size[own] > 1 && !free_.empty()) best = {free_.back(), -stay};
  return best;
}

template <typename Weight>
void Mover<Weight>::Move(uint32_t v, uint32_t to) {
  const uint32_t from = p_.of[v];
  if (!free_.empty() && free_.back() == to) {
    free_.pop_back();
    ++p_.count;
  }
  p_.of[v] = to;
  p_.degree[from] -= graph_.degree[v];
  p_.degree[to] += graph_.degree[v];
  ++p_.size[to];
  if (--p_.size[from] == 0) {
    p_.degree[from] = 0;
    free_.push_back(from);
    --p_.count;
  }
  for (uint64_t a = graph_.offsets[v]; a < graph_.offsets[v + 1]; ++a) {
    const uint32_t u = graph_.targets[a];
    if (p_.of[u] != to) queue_.Push(u);
  }
}

template <typename Weight>
absl::Status Mover<Weight>::Run(RunContext& run, const Progress& progress, MoveResult* result) {
  uint64_t visited = 0;
  uint64_t since = 0;
  double gain = 0;
  while (!queue_.empty()) {
    const uint32_t v = queue_.Pop();
    if (!queue_.empty()) Fetch();
    const Choice best = Best(v);
    if (best.community != p_.of[v] && best.gain > least_gain_) {
      gain += best.gain;
      ++result->moves;
      Move(v, best.community);
    }
    since += 32 + graph_.offsets[v + 1] - graph_.offsets[v];
    ++visited;
    if (since > 2 * kBlockArcs) {
      since = 0;
      const double share = static_cast<double>(visited) / static_cast<double>(visited + graph_.n);
      HALQA_RETURN_IF_ERROR(run.Checkpoint(progress.done + progress.part * share, progress.total));
    }
  }
  result->gain = 2 * gain / graph_.total;
  return run.Checkpoint(progress.done + progress.part, progress.total);
}

}  // namespace

absl::Status MoveVertices(const LevelGraph& graph, const MoveOptions& options, RunContext& run,
                          const Progress& progress, Partition* partition, MoveResult* result) {
  return WithWeights(graph, [&](auto weight) {
    return Mover(graph, weight, options, partition).Run(run, progress, result);
  });
}

}  // namespace halqa::internal
