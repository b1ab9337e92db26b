#pragma once
// What compactions of the edge families remove for good.

#include <rocksdb/compaction_filter.h>

#include <memory>
#include <mutex>

#include "engine/store/keys.h"
#include "engine/store/mask.h"

namespace halqa::store {

// What is to be removed. Thread safety: all methods from any thread.
class PurgeRules {
 public:
  struct Rules {
    std::shared_ptr<const Mask> mask;  // null = nothing is hidden
    UnixSeconds horizon = 0;           // 0 = history is kept whole
  };
  Rules Get() const {
    std::lock_guard lock(mutex_);
    return rules_;
  }
  void SetMask(std::shared_ptr<const Mask> mask) {
    std::lock_guard lock(mutex_);
    rules_.mask = std::move(mask);
  }
  void SetHorizon(UnixSeconds horizon) {
    std::lock_guard lock(mutex_);
    rules_.horizon = horizon;
  }

 private:
  mutable std::mutex mutex_;
  Rules rules_;
};

// A compaction filter of f_out or x_out that rewrites whole values only: a merge operand may lie
// above an older value that it decides on (STORAGE.md, rule 8). The mask may be applied at any
// time; the horizon only after Store::PurgeBefore has merged everything older.
std::shared_ptr<rocksdb::CompactionFilterFactory> PurgeFilterFactory(
    Family family, std::shared_ptr<const PurgeRules> rules);

}  // namespace halqa::store
