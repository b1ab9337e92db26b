#include "engine/graph/blocks.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace halqa {

std::vector<uint32_t> RowBlocks(absl::Span<const uint64_t> offsets) {
  std::vector<uint32_t> bounds = {0};
  const uint64_t n = offsets.empty() ? 0 : offsets.size() - 1;
  uint64_t v = 0;
  while (v < n) {
    const uint64_t limit = std::min(n, v + kBlockVertices);
    const auto first = offsets.begin() + static_cast<int64_t>(v) + 1;
    const auto last = offsets.begin() + static_cast<int64_t>(limit) + 1;
    const auto stop = std::upper_bound(first, last, offsets[v] + kBlockArcs);
    v = std::max<uint64_t>(v + 1, static_cast<uint64_t>(stop - offsets.begin()) - 1);
    bounds.push_back(static_cast<uint32_t>(v));
  }
  return bounds;
}

namespace {

// The callers' shared state of one CheckedBlocks loop.
struct Loop {
  std::atomic<uint64_t> next{0};
  std::atomic<uint64_t> finished{0};
  std::atomic<bool> stop{false};
};

}  // namespace

absl::Status CheckedBlocks(RunContext& run, uint64_t blocks, const Progress& progress,
                           const std::function<void(uint64_t)>& fn) {
  Loop loop;
  auto take = [&] {
    const uint64_t b = loop.next.fetch_add(1, std::memory_order_relaxed);
    if (b >= blocks || loop.stop.load(std::memory_order_relaxed)) return false;
    fn(b);
    loop.finished.fetch_add(1, std::memory_order_relaxed);
    return true;
  };
  auto checkpoint = [&] {
    const double share =
        blocks == 0 ? 1 : static_cast<double>(loop.finished.load()) / static_cast<double>(blocks);
    return run.Checkpoint(progress.done + progress.part * share, progress.total);
  };
  const uint64_t workers =
      std::min<uint64_t>(static_cast<uint64_t>(std::max(run.threads(), 1)), blocks);
  std::vector<std::thread> pool;
  for (uint64_t i = 1; i < workers; ++i) {
    pool.emplace_back([&] {
      while (take()) {
      }
    });
  }
  absl::Status status = absl::OkStatus();
  while (status.ok() && take()) status = checkpoint();
  if (!status.ok()) loop.stop = true;
  for (std::thread& t : pool) t.join();
  return status.ok() ? checkpoint() : status;
}

}  // namespace halqa
