#pragma once
// What the disk and RocksDB told about themselves: failed syncs, background errors, stalls, space.

#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "engine/store/store.h"

namespace halqa::store {

// Thread safety: all methods from any thread.
// Invariants:
// 1. Once failed, always failed: what a disk said about a write is never forgotten, and no write or
// sync is tried again.
// 2. Nothing is removed once failed: a MANIFEST whose sync failed may name the file all the same.
class StoreWatch : public rocksdb::EventListener {
 public:
  // Only the first failure is kept: it is the cause of what follows.
  void Fail(const std::string& why);
  bool failed() const { return failed_.load(); }
  // Unavailable (WRITES_STOPPED) with the cause, OK while there is none.
  absl::Status Failure() const;

  // From now on nothing changes on the disk any more, as after a kill, and every write seems to
  // work: so RocksDB comes to an end with a recovery that it would not give up.
  void Freeze() { frozen_.store(true); }
  bool frozen() const { return frozen_.load(); }
  bool stopped() const { return frozen() || failed(); }

  void SetFull(bool full) { full_.store(full); }
  bool full() const { return full_.load(); }

  // Calls fn(path, length) after each sync of a MANIFEST, and at once for the newest one.
  using ManifestFn = std::function<void(const std::string& path, uint64_t bytes)>;
  void SetManifestFn(ManifestFn fn);

  // Whether kMeta may have nothing in memory; true once per flush, and after the start.
  bool TakeMetaFlushed() { return meta_flushed_.load() && meta_flushed_.exchange(false); }

  // Fills what is known here.
  void AddTo(StoreHealth* health) const;

  // From the file system.
  void OnAppend(const std::string& path, uint64_t bytes);
  void OnSync(const std::string& path, const rocksdb::IOStatus& status);

  // From RocksDB.
  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo& info) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override;
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override;
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override;

 private:
  using Clock = std::chrono::steady_clock;
  std::atomic<bool> failed_{false}, full_{false}, meta_flushed_{true}, frozen_{false};
  mutable std::mutex mutex_;  // guards what follows
  std::string why_;
  std::string background_error_;
  uint64_t background_errors_ = 0, stalls_ = 0, stall_micros_ = 0;
  absl::flat_hash_map<std::string, Clock::time_point> stalled_since_;
  absl::flat_hash_map<std::string, uint64_t> manifest_bytes_;
  std::string synced_manifest_;
  uint64_t synced_manifest_bytes_ = 0;
  ManifestFn manifest_fn_;
};

// `target`, telling `watch` about appends and syncs. An append or creation that finds no room fails
// as an error to retry, not as NoSpace: RocksDB 7.8.3 recovers from both, but after NoSpace it
// takes itself for stopped for good, and the next ingest meets a failed assertion.
std::shared_ptr<rocksdb::FileSystem> NewWatchedFileSystem(
    std::shared_ptr<rocksdb::FileSystem> target, std::shared_ptr<StoreWatch> watch);

}  // namespace halqa::store
