#include "engine/store/fault_fs.h"

#include <cerrno>
#include <cstring>

namespace halqa::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// An error as RocksDB's own file system would report it.
IOStatus Failed(int error, const std::string& path) {
  if (error != ENOSPC) return IOStatus::IOError(path, std::strerror(error));
  IOStatus status = IOStatus::NoSpace(path, std::strerror(error));
  status.SetRetryable(true);
  return status;
}

class FaultWritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultWritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, uint64_t size,
                    FaultPlan* plan)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        size_(size),
        plan_(plan) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kAppend, path_, data.size());
    if (step.bytes > 0 || step.error == 0) {
      const Slice part(data.data(), step.bytes);
      if (IOStatus s = FSWritableFileOwnerWrapper::Append(part, options, dbg); !s.ok()) return s;
      size_ += step.bytes;
      plan_->Appended(path_, size_);
    }
    return step.error == 0 ? IOStatus::OK() : Failed(step.error, path_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* dbg) override {
    return AnySync([&] { return FSWritableFileOwnerWrapper::Sync(options, dbg); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return AnySync([&] { return FSWritableFileOwnerWrapper::Fsync(options, dbg); });
  }
  // Only a hint to the kernel: promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  template <typename RealSync>
  IOStatus AnySync(RealSync real) {
    const auto step = plan_->Begin(FileOp::kSync, path_);
    if (step.error != 0) return Failed(step.error, path_);
    if (!plan_->lossy()) {
      if (IOStatus s = real(); !s.ok()) return s;
    }
    plan_->Synced(path_);
    return IOStatus::OK();
  }

  const std::string path_;
  uint64_t size_;
  FaultPlan* const plan_;
};

class FaultReadFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultReadFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path,
                FaultPlan* plan)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), plan_(plan) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) const override {
    const auto step = plan_->Begin(FileOp::kRead, path_);
    if (step.error != 0) return Failed(step.error, path_);
    IOStatus s = FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, dbg);
    if (s.ok() && result->data() == scratch) plan_->Returned(scratch, result->size());
    return s;
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, size_t count, const IOOptions& options,
                     IODebugContext* dbg) override {
    for (size_t i = 0; i < count; ++i) {
      auto& r = requests[i];
      r.status = Read(r.offset, r.len, options, &r.result, r.scratch, dbg);
    }
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  FaultPlan* const plan_;
};

class FaultSequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultSequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string path,
                      FaultPlan* plan)
      : FSSequentialFileOwnerWrapper(std::move(file)), path_(std::move(path)), plan_(plan) {}
  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kRead, path_);
    if (step.error != 0) return Failed(step.error, path_);
    IOStatus s = FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, dbg);
    if (s.ok() && result->data() == scratch) plan_->Returned(scratch, result->size());
    return s;
  }

 private:
  const std::string path_;
  FaultPlan* const plan_;
};

class FaultDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path, FaultPlan* plan)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), plan_(plan) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* dbg) override {
    return AnySync([&] { return FSDirectoryWrapper::Fsync(options, dbg); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions& why) override {
    return AnySync([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, dbg, why); });
  }

 private:
  template <typename RealSync>
  IOStatus AnySync(RealSync real) {
    const auto step = plan_->Begin(FileOp::kSyncDirectory, path_);
    if (step.error != 0) return Failed(step.error, path_);
    if (!plan_->lossy()) {
      if (IOStatus s = real(); !s.ok()) return s;
    }
    plan_->DirectorySynced(path_);
    return IOStatus::OK();
  }

  const std::string path_;
  FaultPlan* const plan_;
};

// RocksDB's own log for people is no data: nothing of it is counted or lost.
bool IsLogForPeople(const std::string& path) {
  const size_t slash = path.rfind('/');
  return path.compare(slash == std::string::npos ? 0 : slash + 1, 3, "LOG") == 0;
}

class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::shared_ptr<FaultPlan> plan)
      : FileSystemWrapper(FileSystem::Default()), plan_(std::move(plan)) {}
  const char* Name() const override { return "HalqaFaultFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* dbg) override {
    if (IsLogForPeople(path)) return target()->NewWritableFile(path, options, file, dbg);
    const auto step = plan_->Begin(FileOp::kCreate, path);
    if (step.error != 0) return Failed(step.error, path);
    if (IOStatus s = target()->NewWritableFile(path, options, file, dbg); !s.ok()) return s;
    plan_->Created(path);
    *file = std::make_unique<FaultWritableFile>(std::move(*file), path, 0, plan_.get());
    return IOStatus::OK();
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kOpen, path);
    if (step.error != 0) return Failed(step.error, path);
    if (IOStatus s = target()->ReopenWritableFile(path, options, file, dbg); !s.ok()) return s;
    const uint64_t size = (*file)->GetFileSize(IOOptions(), dbg);
    *file = std::make_unique<FaultWritableFile>(std::move(*file), path, size, plan_.get());
    return IOStatus::OK();
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kOpen, path);
    if (step.error != 0) return Failed(step.error, path);
    if (IOStatus s = target()->NewRandomAccessFile(path, options, file, dbg); !s.ok()) return s;
    *file = std::make_unique<FaultReadFile>(std::move(*file), path, plan_.get());
    return IOStatus::OK();
  }
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kOpen, path);
    if (step.error != 0) return Failed(step.error, path);
    if (IOStatus s = target()->NewSequentialFile(path, options, file, dbg); !s.ok()) return s;
    *file = std::make_unique<FaultSequentialFile>(std::move(*file), path, plan_.get());
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* dbg) override {
    if (IOStatus s = target()->NewDirectory(path, options, directory, dbg); !s.ok()) return s;
    *directory = std::make_unique<FaultDirectory>(std::move(*directory), path, plan_.get());
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* dbg) override {
    if (IsLogForPeople(from)) return target()->RenameFile(from, to, options, dbg);
    const auto step = plan_->Begin(FileOp::kMove, to);
    if (step.error != 0) return Failed(step.error, to);
    plan_->WillMove(from, to);
    return target()->RenameFile(from, to, options, dbg);
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* dbg) override {
    const auto step = plan_->Begin(FileOp::kMove, to);
    if (step.error != 0) return Failed(step.error, to);
    if (IOStatus s = target()->LinkFile(from, to, options, dbg); !s.ok()) return s;
    plan_->Linked(from, to);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* dbg) override {
    if (IsLogForPeople(path)) return target()->DeleteFile(path, options, dbg);
    const auto step = plan_->Begin(FileOp::kRemove, path);
    if (step.error != 0) return Failed(step.error, path);
    plan_->WillRemove(path);
    return target()->DeleteFile(path, options, dbg);
  }
  IOStatus GetFreeSpace(const std::string& path, const IOOptions& options, uint64_t* free,
                        IODebugContext* dbg) override {
    if (IOStatus s = target()->GetFreeSpace(path, options, free, dbg); !s.ok()) return s;
    *free = std::min(*free, plan_->FreeBytes());
    return IOStatus::OK();
  }

 private:
  const std::shared_ptr<FaultPlan> plan_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> NewFaultFileSystem(std::shared_ptr<FaultPlan> plan) {
  return std::make_shared<FaultFileSystem>(std::move(plan));
}

}  // namespace halqa::store
