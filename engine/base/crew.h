#pragma once
// Threads that stay for many short loops: waking them costs a few microseconds, starting them anew
// would cost ten times that.

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace halqa {

// Thread safety: one thread makes, uses and destroys it.
// Invariants: 1. between calls of Run no helper touches anything but the next call's number.
class Crew {
 public:
  // `threads` counts the caller: 1 starts none.
  explicit Crew(int threads);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Calls fn(worker, chunk) once for each chunk in [0, chunks), in no particular order; `worker` is
  // below workers() and no two calls with the same one overlap. Returns when all have returned. fn
  // must not throw.
  void Run(uint64_t chunks, const std::function<void(int worker, uint64_t chunk)>& fn);
  int workers() const { return static_cast<int>(helpers_.size()) + 1; }

 private:
  void Help(int worker);
  void Work(int worker);

  const std::function<void(int, uint64_t)>* fn_ = nullptr;  // null: go home
  uint64_t chunks_ = 0;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint32_t> call_{0};
  std::atomic<uint32_t> busy_{0};
  std::vector<std::thread> helpers_;
};

}  // namespace halqa
