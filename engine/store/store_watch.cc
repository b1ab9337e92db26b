#include "engine/store/store_watch.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/store/rocks_status.h"

namespace halqa::store {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus RetryWhereFull(IOStatus status) {
  if (!status.IsNoSpace()) return status;
  IOStatus retry = IOStatus::IOError(kNoSpaceText, status.ToString());
  retry.SetRetryable(true);
  return retry;
}

// What becomes of a write that is not made any more.
IOStatus Stopped(const StoreWatch& watch) {
  if (watch.frozen()) return IOStatus::OK();
  return IOStatus::IOError("not tried", "an earlier write or sync failed");
}

bool IsManifest(const std::string& path) { return absl::StrContains(path, "/MANIFEST-"); }

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, StoreWatch* watch)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), watch_(watch) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSWritableFileOwnerWrapper::Append(data, options, dbg);
    if (s.ok()) watch_->OnAppend(path_, data.size());
    return RetryWhereFull(std::move(s));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, IODebugContext* dbg) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSWritableFileOwnerWrapper::Append(data, options, verification, dbg);
    if (s.ok()) watch_->OnAppend(path_, data.size());
    return RetryWhereFull(std::move(s));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSWritableFileOwnerWrapper::Sync(options, dbg);
    watch_->OnSync(path_, s);
    return s;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSWritableFileOwnerWrapper::Fsync(options, dbg);
    watch_->OnSync(path_, s);
    return s;
  }

 private:
  const std::string path_;
  StoreWatch* const watch_;
};

// A file of a frozen store.
class FrozenFile : public rocksdb::FSWritableFile {
 public:
  IOStatus Append(const Slice&, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Append(const Slice&, const IOOptions&, const rocksdb::DataVerificationInfo&,
                  IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path,
                   StoreWatch* watch)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), watch_(watch) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSDirectoryWrapper::Fsync(options, dbg);
    watch_->OnSync(path_, s);
    return s;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions& why) override {
    if (watch_->stopped()) return Stopped(*watch_);
    IOStatus s = FSDirectoryWrapper::FsyncWithDirOptions(options, dbg, why);
    watch_->OnSync(path_, s);
    return s;
  }

 private:
  const std::string path_;
  StoreWatch* const watch_;
};

class WatchedFileSystem : public rocksdb::FileSystemWrapper {
 public:
  WatchedFileSystem(std::shared_ptr<rocksdb::FileSystem> target, std::shared_ptr<StoreWatch> watch)
      : FileSystemWrapper(std::move(target)), watch_(std::move(watch)) {}
  const char* Name() const override { return "HalqaWatchedFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* dbg) override {
    if (watch_->stopped()) {
      *file = std::make_unique<FrozenFile>();
      return Stopped(*watch_);
    }
    if (IOStatus s = target()->NewWritableFile(path, options, file, dbg); !s.ok()) {
      return RetryWhereFull(std::move(s));
    }
    *file = std::make_unique<WatchedFile>(std::move(*file), path, watch_.get());
    return IOStatus::OK();
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* dbg) override {
    if (IOStatus s = target()->ReopenWritableFile(path, options, file, dbg); !s.ok()) {
      return RetryWhereFull(std::move(s));
    }
    *file = std::make_unique<WatchedFile>(std::move(*file), path, watch_.get());
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* dbg) override {
    if (IOStatus s = target()->NewDirectory(path, options, directory, dbg); !s.ok()) return s;
    *directory = std::make_unique<WatchedDirectory>(std::move(*directory), path, watch_.get());
    return IOStatus::OK();
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override {
    return watch_->stopped() ? Stopped(*watch_) : target()->RenameFile(from, to, options, dbg);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* dbg) override {
    return watch_->stopped() ? IOStatus::OK() : target()->DeleteFile(path, options, dbg);
  }

 private:
  const std::shared_ptr<StoreWatch> watch_;
};

}  // namespace

void StoreWatch::Fail(const std::string& why) {
  std::lock_guard lock(mutex_);
  if (failed_.exchange(true)) return;
  why_ = why;
}

absl::Status StoreWatch::Failure() const {
  if (!failed_.load()) return absl::OkStatus();
  std::lock_guard lock(mutex_);
  return MakeError(absl::StatusCode::kUnavailable, "WRITES_STOPPED",
                   absl::StrCat("the disk failed (", why_,
                                "); nothing more is written until a restart recovers what is on "
                                "disk"));
}

void StoreWatch::SetManifestFn(ManifestFn fn) {
  std::lock_guard lock(mutex_);
  manifest_fn_ = std::move(fn);
  if (manifest_fn_ && !synced_manifest_.empty()) {
    manifest_fn_(synced_manifest_, synced_manifest_bytes_);
  }
}

void StoreWatch::AddTo(StoreHealth* health) const {
  std::lock_guard lock(mutex_);
  health->writes_stopped = failed_.load();
  health->full = full_.load();
  health->error = why_.empty() ? background_error_ : why_;
  health->background_errors = background_errors_;
  health->stalls = stalls_;
  health->stall_micros = stall_micros_;
  for (const auto& [family, since] : stalled_since_) {
    const auto lasted = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - since);
    health->stall_micros += static_cast<uint64_t>(lasted.count());
  }
}

void StoreWatch::OnAppend(const std::string& path, uint64_t bytes) {
  if (!IsManifest(path)) return;
  std::lock_guard lock(mutex_);
  manifest_bytes_[path] += bytes;
}

void StoreWatch::OnSync(const std::string& path, const IOStatus& status) {
  if (!status.ok()) return Fail(absl::StrCat("sync of ", path, ": ", status.ToString()));
  if (!IsManifest(path)) return;
  std::lock_guard lock(mutex_);
  synced_manifest_ = path;
  synced_manifest_bytes_ = manifest_bytes_[path];
  if (manifest_fn_) manifest_fn_(synced_manifest_, synced_manifest_bytes_);
}

void StoreWatch::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) {
  if (info.cf_name == FamilyName(Family::kMeta)) meta_flushed_.store(true);
}

void StoreWatch::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) {
  {
    std::lock_guard lock(mutex_);
    ++background_errors_;
    background_error_ = status->ToString();
  }
  if (!IsFull(*status)) return Fail(status->ToString());
  // A compaction that finds no room is tried again later and stops nothing.
  if (reason != rocksdb::BackgroundErrorReason::kCompaction) SetFull(true);
}

void StoreWatch::OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) {
  if (info.new_bg_error.ok()) SetFull(false);
}

void StoreWatch::OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) {
  using Condition = rocksdb::WriteStallCondition;
  const auto now = Clock::now();
  std::lock_guard lock(mutex_);
  const auto since = stalled_since_.find(info.cf_name);
  if (info.condition.cur == Condition::kNormal) {
    if (since == stalled_since_.end()) return;
    const auto lasted = std::chrono::duration_cast<std::chrono::microseconds>(now - since->second);
    stall_micros_ += static_cast<uint64_t>(lasted.count());
    stalled_since_.erase(since);
  } else if (since == stalled_since_.end()) {
    ++stalls_;
    stalled_since_.emplace(info.cf_name, now);
  }
}

std::shared_ptr<rocksdb::FileSystem> NewWatchedFileSystem(
    std::shared_ptr<rocksdb::FileSystem> target, std::shared_ptr<StoreWatch> watch) {
  return std::make_shared<WatchedFileSystem>(std::move(target), std::move(watch));
}

}  // namespace halqa::store
