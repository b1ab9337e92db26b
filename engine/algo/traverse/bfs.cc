#include "engine/algo/traverse/bfs.h"

#include <algorithm>
#include <atomic>
#include <bit>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr uint64_t kFound = 1024;         // vertices that a thread keeps for itself
constexpr uint64_t kFrontierBlock = 128;  // vertices of a frontier per block
constexpr uint64_t kWordBlock = 128;      // words of 64 vertices per block
// Pull when the frontier has more than 1/15 of the arcs that are left, and push again when it is
// below 1/18 of the vertices and shrinks: the paper's values.
constexpr uint64_t kAlpha = 15;
constexpr uint64_t kBeta = 18;

uint64_t Words(const CsrView& view) { return (uint64_t{view.vertices} + 63) / 64; }

// What a thread has found and not yet put into the queue.
struct Found {
  uint64_t size = 0;
  VertexIndex items[kFound];
};

class Search {
 public:
  Search(const CsrView& view, RunContext& run, BfsResult* result)
      : view_(view), run_(run), result_(*result), hops_(result->hops), queue_(view.vertices) {
    hops_.assign(view.vertices, kNoVertex);
    if (!view.has_in()) return;
    for (Array<uint64_t>* bits : {&visited_, &front_, &next_}) *bits = Array<uint64_t>(Words(view));
  }

  absl::Status Run(const std::vector<VertexIndex>& sources);

 private:
  absl::Status Blocks(uint64_t blocks, const std::function<void(uint64_t)>& fn) {
    const Progress progress{static_cast<double>(result_.reached), 0,
                            static_cast<double>(view_.vertices)};
    return CheckedBlocks(run_, blocks, progress, fn);
  }
  // The frontier is the queue's [begin_, end_); the next one is written behind it.
  absl::Status Push();
  void PushBlock(uint64_t block, Found* found);
  // Moves what was found to the end of the queue.
  void Append(Found* found);
  // Pulls until the frontier is small again; it is then back in the queue.
  absl::Status PullWhileLarge();
  absl::Status ToBits();
  absl::Status Pull();
  void PullBlock(uint64_t block);
  void ToQueue();

  const CsrView& view_;
  RunContext& run_;
  BfsResult& result_;
  std::vector<uint32_t>& hops_;
  Array<VertexIndex> queue_;  // every vertex enters at most once
  uint64_t begin_ = 0, end_ = 0;
  uint32_t level_ = 0;        // hops of the frontier
  uint64_t front_arcs_ = 0;   // out-arcs of the frontier
  uint64_t front_count_ = 0;  // vertices of the frontier
  std::atomic<uint64_t> tail_{0}, arcs_{0}, looked_{0}, count_{0};
  Array<uint64_t> visited_;  // or without in-arcs
  Array<uint64_t> front_, next_;
};

void Search::Append(Found* found) {
  const uint64_t at = tail_.fetch_add(found->size, std::memory_order_relaxed);
  std::copy(found->items, found->items + found->size, queue_.data() + at);
  found->size = 0;
}

void Search::PushBlock(uint64_t block, Found* found) {
  const uint64_t first = begin_ + block * kFrontierBlock;
  const uint64_t last = std::min(end_, first + kFrontierBlock);
  uint64_t arcs = 0, looked = 0;
  for (uint64_t i = first; i < last; ++i) {
    const absl::Span<const VertexIndex> row = view_.Out(queue_[i]);
    looked += row.size();
    for (const VertexIndex v : row) {
      std::atomic_ref<uint32_t> hops(hops_[v]);
      uint32_t none = kNoVertex;
      if (hops.load(std::memory_order_relaxed) != none) continue;
      if (!hops.compare_exchange_strong(none, level_ + 1, std::memory_order_relaxed)) continue;
      found->items[found->size++] = v;
      if (found->size == kFound) Append(found);
      arcs += view_.OutDegree(v);
    }
  }
  arcs_.fetch_add(arcs, std::memory_order_relaxed);
  looked_.fetch_add(looked, std::memory_order_relaxed);
  Append(found);
}

absl::Status Search::Push() {
  tail_ = end_;
  arcs_ = 0;
  const uint64_t blocks = (end_ - begin_ + kFrontierBlock - 1) / kFrontierBlock;
  HALQA_RETURN_IF_ERROR(Blocks(blocks, [&](uint64_t b) {
    Found found;
    PushBlock(b, &found);
  }));
  begin_ = end_;
  end_ = tail_;
  front_arcs_ = arcs_;
  front_count_ = end_ - begin_;
  result_.reached += front_count_;
  ++level_;
  return absl::OkStatus();
}

absl::Status Search::ToBits() {
  return Blocks((Words(view_) + kWordBlock - 1) / kWordBlock, [&](uint64_t b) {
    const uint64_t last = std::min(Words(view_), (b + 1) * kWordBlock);
    for (uint64_t w = b * kWordBlock; w < last; ++w) {
      const uint64_t size = std::min<uint64_t>(64, view_.vertices - w * 64);
      // Beyond the last vertex everything counts as visited.
      uint64_t seen = size == 64 ? 0 : ~uint64_t{0} << size;
      uint64_t front = 0;
      for (uint64_t i = 0; i < size; ++i) {
        const uint32_t hops = hops_[w * 64 + i];
        seen |= uint64_t{hops != kNoVertex} << i;
        front |= uint64_t{hops == level_} << i;
      }
      visited_[w] = seen;
      front_[w] = front;
    }
  });
}

void Search::PullBlock(uint64_t block) {
  const uint64_t* const front = front_.data();
  const uint64_t last = std::min(Words(view_), (block + 1) * kWordBlock);
  uint64_t looked = 0, count = 0;
  for (uint64_t w = block * kWordBlock; w < last; ++w) {
    uint64_t found = 0, done = 0;
    for (uint64_t left = ~visited_[w]; left != 0; left &= left - 1) {
      const uint64_t bit = left & -left;
      const uint64_t v = w * 64 + static_cast<uint64_t>(std::countr_zero(left));
      uint64_t a = view_.in_offsets[v];
      const uint64_t end = view_.in_offsets[v + 1];
      if (a == end) done |= bit;
      for (const uint64_t begin = a; a < end; ++a) {
        const VertexIndex u = view_.in_sources[a];
        if (((front[u >> 6] >> (u & 63)) & 1) == 0) continue;
        looked += 1 + a - begin;
        hops_[v] = level_ + 1;
        found |= bit;
        break;
      }
      if ((found & bit) == 0) looked += end - view_.in_offsets[v];
    }
    visited_[w] |= found | done;
    next_[w] = found;
    count += static_cast<uint64_t>(std::popcount(found));
  }
  looked_.fetch_add(looked, std::memory_order_relaxed);
  count_.fetch_add(count, std::memory_order_relaxed);
}

absl::Status Search::Pull() {
  count_ = 0;
  const uint64_t blocks = (Words(view_) + kWordBlock - 1) / kWordBlock;
  HALQA_RETURN_IF_ERROR(Blocks(blocks, [&](uint64_t b) { PullBlock(b); }));
  std::swap(front_, next_);
  front_count_ = count_;
  result_.reached += front_count_;
  ++level_;
  return absl::OkStatus();
}

void Search::ToQueue() {
  begin_ = 0;  // whatever was pushed before is done with
  end_ = 0;
  front_arcs_ = 0;
  for (uint64_t w = 0; w < Words(view_); ++w) {
    for (uint64_t left = front_[w]; left != 0; left &= left - 1) {
      const auto v = static_cast<VertexIndex>(w * 64 + std::countr_zero(left));
      queue_[end_++] = v;
      front_arcs_ += view_.OutDegree(v);
    }
  }
}

absl::Status Search::PullWhileLarge() {
  HALQA_RETURN_IF_ERROR(ToBits());
  uint64_t before = 0;
  do {
    before = front_count_;
    HALQA_RETURN_IF_ERROR(Pull());
  } while (front_count_ > 0 && (front_count_ >= before || front_count_ > view_.vertices / kBeta));
  ToQueue();
  return absl::OkStatus();
}

absl::Status Search::Run(const std::vector<VertexIndex>& sources) {
  for (const VertexIndex s : sources) {
    if (hops_[s] == 0) continue;
    hops_[s] = 0;
    queue_[end_++] = s;
    front_arcs_ += view_.OutDegree(s);
  }
  result_.reached = front_count_ = end_;
  uint64_t arcs_left = view_.arcs();
  while (front_count_ > 0) {
    if (view_.has_in() && front_arcs_ > arcs_left / kAlpha) {
      HALQA_RETURN_IF_ERROR(PullWhileLarge());
      // The pulls may have seen any of the arcs: push once before it is decided again.
      if (front_count_ == 0) break;
    }
    arcs_left -= std::min(arcs_left, front_arcs_);
    HALQA_RETURN_IF_ERROR(Push());
  }
  result_.arcs_examined = looked_;
  result_.depth = level_ == 0 ? 0 : level_ - 1;
  return run_.Checkpoint(1, 1);
}

}  // namespace

absl::Status BfsOptions::Validate(const CsrView& view) const {
  return RequireSources(view, sources);
}

uint64_t EstimateBfs(const CsrView& view, const BfsOptions&) {
  return WithSmallThings(8 * uint64_t{view.vertices} + (view.has_in() ? 3 * 8 * Words(view) : 0));
}

absl::StatusOr<BfsResult> Bfs(const CsrView& view, const BfsOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateBfs(view, options)));
  BfsResult result;
  HALQA_RETURN_IF_ERROR(Search(view, run, &result).Run(options.sources));
  return result;
}

}  // namespace halqa
