#include "engine/base/crew.h"

#include <algorithm>

namespace halqa {

Crew::Crew(int threads) {
  for (int i = 1; i < std::max(threads, 1); ++i) helpers_.emplace_back([this, i] { Help(i); });
}

Crew::~Crew() {
  fn_ = nullptr;
  call_.fetch_add(1, std::memory_order_release);
  call_.notify_all();
  for (std::thread& t : helpers_) t.join();
}

void Crew::Work(int worker) {
  for (uint64_t c = next_.fetch_add(1, std::memory_order_relaxed); c < chunks_;
       c = next_.fetch_add(1, std::memory_order_relaxed)) {
    (*fn_)(worker, c);
  }
}

void Crew::Help(int worker) {
  for (uint32_t seen = 0;;) {
    call_.wait(seen, std::memory_order_acquire);
    ++seen;  // no call is made before every helper has answered the last
    if (fn_ == nullptr) return;
    Work(worker);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

void Crew::Run(uint64_t chunks, const std::function<void(int, uint64_t)>& fn) {
  if (helpers_.empty() || chunks <= 1) {
    for (uint64_t c = 0; c < chunks; ++c) fn(0, c);
    return;
  }
  fn_ = &fn;
  chunks_ = chunks;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<uint32_t>(helpers_.size()), std::memory_order_relaxed);
  call_.fetch_add(1, std::memory_order_release);
  call_.notify_all();
  Work(0);
  for (uint32_t b = busy_.load(std::memory_order_acquire); b != 0;
       b = busy_.load(std::memory_order_acquire)) {
    busy_.wait(b, std::memory_order_acquire);
  }
}

}  // namespace halqa
