#pragma once
// Workspaces for loops over whole searches: one lane per worker, so that what a kernel keeps is
// known before it runs.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/check.h"

namespace halqa {

// Lanes that a loop over `blocks` blocks needs on `threads` threads, at least 1.
inline uint64_t LaneCount(int threads, uint64_t blocks) {
  return std::clamp<uint64_t>(blocks, 1, static_cast<uint64_t>(std::max(threads, 1)));
}

// Thread safety: Borrow and the end of a loan may come from any thread.
// Invariants: 1. a workspace is lent to one block at a time; it is made when first needed.
template <typename T>
class Lanes {
 public:
  // A workspace for the time of one block.
  class Loan {
   public:
    Loan(Lanes* owner, std::unique_ptr<T> item) : owner_(owner), item_(std::move(item)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() {
      const std::lock_guard<std::mutex> lock(owner_->mutex_);
      owner_->free_.push_back(std::move(item_));
    }
    T* operator->() { return item_.get(); }
    T& operator*() { return *item_; }

   private:
    Lanes* const owner_;
    std::unique_ptr<T> item_;
  };

  // make() returns a std::unique_ptr<T>.
  template <typename Make>
  Loan Borrow(const Make& make) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<T> item = std::move(free_.back());
        free_.pop_back();
        return Loan(this, std::move(item));
      }
    }
    return Loan(this, make());
  }

  // Frees the workspaces that are not lent.
  void Clear() {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace halqa
