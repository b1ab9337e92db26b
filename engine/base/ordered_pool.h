#pragma once
// Work on items by several threads, handed back in the order in which it was given.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace halqa {

// Thread safety: Submit, Take and the destructor by one thread, the owner's; the work function runs
// on the pool's threads, one item each.
// Invariants: 1. Take gives items in the order of Submit, each after work(item) has returned.
template <typename T>
class OrderedPool {
 public:
  // `work` must not throw.
  OrderedPool(int threads, std::function<void(T&)> work) : work_(std::move(work)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
  }
  // Items not taken are dropped; those being worked on are finished first.
  ~OrderedPool() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& t : threads_) t.join();
  }

  void Submit(std::unique_ptr<T> item) {
    {
      std::lock_guard lock(mutex_);
      items_.push_back({std::move(item), false});
    }
    changed_.notify_all();
  }
  // Items submitted and not taken.
  size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  // Waits for the oldest item. REQUIRES: size() > 0.
  std::unique_ptr<T> Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return items_.front().done; });
    std::unique_ptr<T> item = std::move(items_.front().value);
    items_.pop_front();
    --next_;
    return item;
  }

 private:
  struct Item {
    std::unique_ptr<T> value;
    bool done;
  };

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || next_ < items_.size(); });
      if (stopping_) return;
      Item& item = items_[next_++];  // a deque's elements stay where they are at both ends
      lock.unlock();
      work_(*item.value);
      lock.lock();
      item.done = true;
      changed_.notify_all();
    }
  }

  const std::function<void(T&)> work_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
  size_t next_ = 0;  // the first item that nobody has begun
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace halqa
