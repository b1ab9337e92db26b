#include "engine/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace halqa {

void ParallelBlocks(int threads, uint64_t blocks, const std::function<void(uint64_t)>& fn) {
  const uint64_t workers = std::min<uint64_t>(std::max(threads, 1), blocks);
  if (workers <= 1) {
    for (uint64_t b = 0; b < blocks; ++b) fn(b);
    return;
  }
  std::atomic<uint64_t> next{0};
  auto work = [&] {
    for (uint64_t b = next.fetch_add(1); b < blocks; b = next.fetch_add(1)) fn(b);
  };
  std::vector<std::thread> pool;
  pool.reserve(workers - 1);
  for (uint64_t i = 1; i < workers; ++i) pool.emplace_back(work);
  work();
  for (std::thread& t : pool) t.join();
}

void ParallelRange(int threads, uint64_t n, uint64_t grain,
                   const std::function<void(uint64_t, uint64_t)>& fn) {
  const uint64_t blocks = (n + grain - 1) / grain;
  ParallelBlocks(threads, blocks, [&](uint64_t b) { fn(b * grain, std::min(n, (b + 1) * grain)); });
}

}  // namespace halqa
