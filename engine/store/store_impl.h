#pragma once
// Inside of the store: shared by the files of this room that work on the database itself.

#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/store/ack_mark.h"
#include "engine/store/family_options.h"
#include "engine/store/purge_filter.h"
#include "engine/store/store.h"
#include "engine/store/store_watch.h"

namespace halqa::store {

inline rocksdb::Slice ToSlice(absl::string_view s) { return {s.data(), s.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

inline constexpr absl::string_view kGenerationPrefix = "gen_";
// In kMeta: the number of the newest synced batch.
inline constexpr absl::string_view kCommits = "commits";
// In kMeta, without a meaning: see KeepMemory.
inline constexpr absl::string_view kInMemory = "in_memory";
inline bool IsGeneration(Family family) { return family >= Family::kFirstGeneration; }
inline uint32_t GenerationOf(Family family) {
  return static_cast<uint32_t>(family) - static_cast<uint32_t>(Family::kFirstGeneration);
}

struct Store::Impl {
  std::string path;  // of the database
  std::shared_ptr<StoreWatch> watch = std::make_shared<StoreWatch>();
  std::unique_ptr<rocksdb::Env> env;  // outlives the database
  std::unique_ptr<AckMark> mark;
  uint64_t reserve_bytes = 0;
  std::shared_ptr<rocksdb::Cache> cache;
  std::shared_ptr<PurgeRules> purge = std::make_shared<PurgeRules>();
  rocksdb::Options options;
  std::unique_ptr<rocksdb::DB> db;
  mutable std::mutex mutex;  // guards families
  // A reader keeps its family alive while the generation is dropped under it.
  using HandlePtr = std::shared_ptr<rocksdb::ColumnFamilyHandle>;
  absl::flat_hash_map<uint32_t, HandlePtr> families;
  std::atomic<uint64_t> next_sst{1};
  std::mutex commit_mutex;  // guards commits: batches are numbered in the order of the log
  uint64_t commits = 0;
  std::atomic<uint64_t> free_bytes{~uint64_t{0}};
  std::atomic<int64_t> free_known_ms{0}, resume_tried_ms{0};
  bool read_only = false;
  rocksdb::FileLock* file_lock = nullptr;  // of a store opened read-only; else RocksDB holds it

  ~Impl() {
    families.clear();
    if (db != nullptr) {
      EndRecovery();
      db->Close();
    }
    watch->SetManifestFn(nullptr);
    if (file_lock != nullptr) rocksdb::Env::Default()->UnlockFile(file_lock).PermitUncheckedError();
  }
  // Whether a family that is not there is read as an empty one.
  bool ReadsAsEmpty(Family family) const { return read_only && !IsGeneration(family); }

  rocksdb::ColumnFamilyOptions OptionsOf(Family family) const {
    rocksdb::ColumnFamilyOptions family_options = FamilyOptions(family, cache);
    family_options.compaction_filter_factory = PurgeFilterFactory(family, purge);
    return family_options;
  }

  // Writes the batch with its number; what a disk says about it decides what comes after.
  absl::Status Commit(rocksdb::WriteBatch* batch, bool sync);
  // Free space as seen less than 100 ms ago.
  uint64_t FreeBytes();
  // RocksDB 7.8.3 never ends a Close that meets its recovery from a full disk.
  void EndRecovery();
  // OK once a full disk has room again.
  absl::Status LeaveFull();
  void KeepMemory();

  HandlePtr Own(rocksdb::ColumnFamilyHandle* handle) {
    return {handle, [this](rocksdb::ColumnFamilyHandle* h) { db->DestroyColumnFamilyHandle(h); }};
  }
  // nullptr when the family does not exist (a dropped generation).
  HandlePtr Handle(Family family) const {
    std::lock_guard lock(mutex);
    auto it = families.find(static_cast<uint32_t>(family));
    return it == families.end() ? nullptr : it->second;
  }
};

// The database under a store, for files of this room that do more with it than Store offers.
struct StoreAccess {
  static Store::Impl& Of(const Store& store) { return *store.impl_; }
};

}  // namespace halqa::store
