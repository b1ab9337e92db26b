#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace halqa::services {

// One stream per producer: a newer one fences the older out, so that a client which reconnects is
// not overtaken by what it sent before. Thread safety: all methods from any thread.
class ProducerFences {
 public:
  // The fence of a new stream of `producer`.
  uint64_t Enter(const std::string& producer) {
    std::lock_guard lock(mutex_);
    return newest_[producer] = ++last_;
  }
  // Whether no newer stream of the producer has come.
  bool IsNewest(const std::string& producer, uint64_t fence) const {
    std::lock_guard lock(mutex_);
    auto it = newest_.find(producer);
    return it != newest_.end() && it->second == fence;
  }
  void Leave(const std::string& producer, uint64_t fence) {
    std::lock_guard lock(mutex_);
    auto it = newest_.find(producer);
    if (it != newest_.end() && it->second == fence) newest_.erase(it);
  }

 private:
  mutable std::mutex mutex_;
  uint64_t last_ = 0;
  absl::flat_hash_map<std::string, uint64_t> newest_;
};

}  // namespace halqa::services
