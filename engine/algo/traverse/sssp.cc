#include "engine/algo/traverse/sssp.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/graph/array.h"
#include "engine/graph/blocks.h"

namespace halqa {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr uint64_t kListBlock = 256;     // open vertices per block of work
constexpr uint64_t kFarBlock = 1 << 14;  // far vertices per block of sorting out
constexpr uint64_t kShort = 1024;        // vertices that a thread keeps for itself
constexpr uint64_t kSmallFar = 4096;     // sorting out so few is cheap however often it happens

// Where an open vertex waits.
enum Place : uint8_t { kNowhere, kFar, kNear };

// Vertices, written by many threads in whole blocks.
struct List {
  Array<VertexIndex> items;
  std::atomic<uint64_t> size{0};

  void Append(absl::Span<const VertexIndex> more) {
    const uint64_t at = size.fetch_add(more.size(), std::memory_order_relaxed);
    std::copy(more.begin(), more.end(), items.data() + at);
  }
};

// A thread's additions to a list.
class ShortList {
 public:
  explicit ShortList(List* list) : list_(*list) {}
  ShortList(const ShortList&) = delete;
  ShortList& operator=(const ShortList&) = delete;
  ~ShortList() { Flush(); }
  void Add(VertexIndex v) {
    items_[size_++] = v;
    if (size_ == kShort) Flush();
  }

 private:
  void Flush() {
    list_.Append({items_, size_});
    size_ = 0;
  }
  List& list_;
  size_t size_ = 0;
  VertexIndex items_[kShort];
};

class Search {
 public:
  Search(const CsrView& view, RunContext& run, SsspResult* result)
      : view_(view), run_(run), result_(*result), place_(view.vertices, kNowhere) {
    result_.distances.assign(view.vertices, kInfinity);
    for (List* list : {&near_, &next_, &far_}) list->items = Array<VertexIndex>(view.vertices);
  }
  absl::Status Run(const SsspOptions& options);

 private:
  absl::Status Blocks(uint64_t items, uint64_t block, const std::function<void(uint64_t)>& fn) {
    const Progress progress{static_cast<double>(finished_), 0, static_cast<double>(view_.vertices)};
    return CheckedBlocks(run_, (items + block - 1) / block, progress, fn);
  }
  absl::StatusOr<double> ChooseDelta();
  // Relaxes the near vertices until none is left.
  absl::Status RelaxNear();
  void RelaxBlock(uint64_t block);
  // Lowers v's distance; true if v must be put into the list that `to` is then set to.
  bool Improve(VertexIndex v, double distance, Place* to);
  // Raises the threshold and moves what is below it from far_ to near_.
  absl::Status Advance();
  // The smallest distance in far_; counts the entries that are not out of date into open_.
  absl::StatusOr<double> Nearest();

  const CsrView& view_;
  RunContext& run_;
  SsspResult& result_;
  Array<uint8_t> place_;
  // A vertex is at most once in near_ and next_. It enters far_ at most once in the whole run: it
  // leaves it for near_, below the threshold, and stays below. Its entry may be out of date.
  List near_, next_, far_;
  double threshold_ = 0;
  double delta_ = 0;
  uint64_t open_ = 0;
  uint64_t finished_ = 0;
  std::atomic<uint64_t> relaxed_{0};
};

absl::StatusOr<double> Search::ChooseDelta() {
  const double arcs = static_cast<double>(std::max<uint64_t>(1, view_.arcs()));
  double sum = arcs;
  if (view_.weighted()) {
    const std::vector<uint32_t> bounds = RowBlocks(view_.out_offsets);
    std::vector<double> parts(bounds.size() - 1, 0.0);
    HALQA_RETURN_IF_ERROR(CheckedBlocks(run_, parts.size(), {0, 0, 1}, [&](uint64_t b) {
      for (uint64_t a = view_.out_offsets[bounds[b]]; a < view_.out_offsets[bounds[b + 1]]; ++a) {
        parts[b] += view_.out_weights[a];
      }
    }));
    sum = SumInOrder(parts);
  }
  const double mean_degree = std::max(1.0, arcs / view_.vertices);
  return sum > 0 ? 2 * sum / arcs / mean_degree : 1.0;
}

bool Search::Improve(VertexIndex v, double distance, Place* to) {
  std::atomic_ref<double> best(result_.distances[v]);
  double old = best.load(std::memory_order_relaxed);
  do {
    if (!(distance < old)) return false;
  } while (!best.compare_exchange_weak(old, distance));
  *to = distance < threshold_ ? kNear : kFar;
  std::atomic_ref<uint8_t> place(place_[v]);
  if (*to == kNear) return place.exchange(kNear) != kNear;
  uint8_t nowhere = kNowhere;
  return place.load(std::memory_order_relaxed) == kNowhere &&
         place.compare_exchange_strong(nowhere, kFar);
}

void Search::RelaxBlock(uint64_t block) {
  ShortList near(&next_), far(&far_);
  uint64_t relaxed = 0;
  const uint64_t last = std::min(near_.size.load(), (block + 1) * kListBlock);
  for (uint64_t i = block * kListBlock; i < last; ++i) {
    const VertexIndex u = near_.items[i];
    // Before the distance is read: whoever lowers it from now on puts u back.
    std::atomic_ref<uint8_t>(place_[u]).exchange(kNowhere);
    const double from = std::atomic_ref<double>(result_.distances[u]).load();
    const uint64_t end = view_.out_offsets[u + 1];
    for (uint64_t a = view_.out_offsets[u]; a < end; ++a) {
      Place to = kNowhere;
      const VertexIndex v = view_.out_targets[a];
      if (Improve(v, from + view_.OutWeight(a), &to)) (to == kNear ? near : far).Add(v);
    }
    relaxed += end - view_.out_offsets[u];
  }
  relaxed_.fetch_add(relaxed, std::memory_order_relaxed);
}

absl::Status Search::RelaxNear() {
  while (near_.size > 0) {
    next_.size = 0;
    HALQA_RETURN_IF_ERROR(Blocks(near_.size, kListBlock, [&](uint64_t b) { RelaxBlock(b); }));
    std::swap(near_.items, next_.items);
    near_.size = next_.size.load();
  }
  return absl::OkStatus();
}

absl::StatusOr<double> Search::Nearest() {
  std::vector<double> parts((far_.size + kFarBlock - 1) / kFarBlock, kInfinity);
  std::vector<uint64_t> counts(parts.size(), 0);
  HALQA_RETURN_IF_ERROR(Blocks(far_.size, kFarBlock, [&](uint64_t b) {
    const uint64_t last = std::min(far_.size.load(), (b + 1) * kFarBlock);
    for (uint64_t i = b * kFarBlock; i < last; ++i) {
      const VertexIndex v = far_.items[i];
      if (place_[v] != kFar) continue;
      parts[b] = std::min(parts[b], result_.distances[v]);
      ++counts[b];
    }
  }));
  double nearest = kInfinity;
  for (const double part : parts) nearest = std::min(nearest, part);
  open_ = 0;
  for (const uint64_t count : counts) open_ += count;
  return nearest;
}

absl::Status Search::Advance() {
  HALQA_ASSIGN_OR_RETURN(const double nearest, Nearest());
  if (open_ == 0) {
    far_.size = 0;
    return absl::OkStatus();
  }
  // The step may be lost in the rounding of a large distance; it must still pass `nearest`.
  threshold_ = std::max(nearest + delta_, std::nextafter(nearest, kInfinity));
  const uint64_t size = far_.size;
  std::swap(far_.items, next_.items);
  far_.size = 0;
  HALQA_RETURN_IF_ERROR(Blocks(size, kFarBlock, [&](uint64_t b) {
    ShortList near(&near_), far(&far_);
    const uint64_t last = std::min(size, (b + 1) * kFarBlock);
    for (uint64_t i = b * kFarBlock; i < last; ++i) {
      const VertexIndex v = next_.items[i];
      if (place_[v] != kFar) continue;
      const bool is_near = result_.distances[v] < threshold_;
      if (is_near) place_[v] = kNear;
      (is_near ? near : far).Add(v);
    }
  }));
  finished_ = std::max(finished_, view_.vertices - std::min<uint64_t>(view_.vertices, open_));
  if (open_ > kSmallFar && near_.size < open_ / 16) delta_ *= 2;
  ++result_.steps;
  return absl::OkStatus();
}

absl::Status Search::Run(const SsspOptions& options) {
  delta_ = options.delta;
  if (delta_ == 0) {
    HALQA_ASSIGN_OR_RETURN(delta_, ChooseDelta());
  }
  for (const VertexIndex s : options.sources) {
    if (place_[s] != kNowhere) continue;
    result_.distances[s] = 0;
    place_[s] = kFar;
    far_.Append({s});
  }
  while (far_.size > 0) {
    HALQA_RETURN_IF_ERROR(Advance());
    HALQA_RETURN_IF_ERROR(RelaxNear());
  }
  for (const double d : result_.distances) result_.reached += d < kInfinity ? 1 : 0;
  result_.arcs_relaxed = relaxed_;
  return run_.Checkpoint(1, 1);
}

}  // namespace

absl::Status SsspOptions::Validate(const CsrView& view) const {
  HALQA_RETURN_IF_ERROR(RequireSources(view, sources));
  return RequireRange("delta", delta, 0, 1e300);
}

uint64_t EstimateSssp(const CsrView& view, const SsspOptions&) {
  return WithSmallThings(21 * uint64_t{view.vertices});
}

absl::StatusOr<SsspResult> Sssp(const CsrView& view, const SsspOptions& options, RunContext& run) {
  HALQA_RETURN_IF_ERROR(options.Validate(view));
  HALQA_RETURN_IF_ERROR(RequireMemory(run, EstimateSssp(view, options)));
  SsspResult result;
  HALQA_RETURN_IF_ERROR(Search(view, run, &result).Run(options));
  return result;
}

}  // namespace halqa
