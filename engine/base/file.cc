#include "engine/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/faults.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Asks the plan of faults, where there is one, before an operation on a file. `bytes`: what the
// operation still may write.
FaultPlan::Step Begin(FileOp op, const std::string& path, uint64_t bytes = 0) {
  FaultPlan* plan = FileFaults();
  if (plan == nullptr) return {{}, 0, bytes};
  return plan->Begin(op, path, bytes);
}
template <typename Tell>
void TellFaults(Tell tell) {
  if (FaultPlan* plan = FileFaults(); plan != nullptr) tell(plan);
}

}  // namespace

absl::Status ErrnoError(int error, absl::string_view reason, absl::string_view path) {
  absl::StatusCode code = absl::StatusCode::kInternal;
  if (error == ENOENT) code = absl::StatusCode::kNotFound;
  if (error == EACCES || error == EPERM) code = absl::StatusCode::kPermissionDenied;
  if (error == ENOSPC) code = absl::StatusCode::kResourceExhausted;
  return MakeError(code, error == ENOENT ? "FILE_NOT_FOUND" : reason,
                   absl::StrCat(path, ": ", std::strerror(error)), {{"path", std::string(path)}});
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
  std::string out;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
    if (n == 0) return out;
    out.append(buffer, static_cast<size_t>(n));
  }
}

absl::Status SyncDirectory(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoError(errno, "FILE_SYNC_FAILED", directory);
  const auto step = Begin(FileOp::kSyncDirectory, directory);
  if (step.error != 0) return ErrnoError(step.error, "FILE_SYNC_FAILED", directory);
  if (::fsync(fd.get()) != 0) return ErrnoError(errno, "FILE_SYNC_FAILED", directory);
  TellFaults([&](FaultPlan* plan) { plan->DirectorySynced(directory); });
  return absl::OkStatus();
}

absl::Status SyncFile(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return ErrnoError(errno, "FILE_SYNC_FAILED", path);
  return absl::OkStatus();
}

absl::Status SyncTree(const std::string& root) {
  std::error_code error;
  std::vector<std::string> directories = {root};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root, error)) {
    if (entry.is_directory(error)) {
      directories.push_back(entry.path().string());
    } else {
      HALQA_RETURN_IF_ERROR(SyncFile(entry.path().string()));
    }
  }
  for (const std::string& directory : directories) HALQA_RETURN_IF_ERROR(SyncDirectory(directory));
  return absl::OkStatus();
}

NewFile::NewFile(const std::string& path) : path_(path), temporary_(absl::StrCat(path, ".tmp")) {}

NewFile::~NewFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!published_) ::unlink(temporary_.c_str());
}

absl::Status NewFile::Create() {
  const auto step = Begin(FileOp::kCreate, temporary_);
  if (step.error != 0) return ErrnoError(step.error, "FILE_WRITE_FAILED", temporary_);
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd_ < 0) return ErrnoError(errno, "FILE_WRITE_FAILED", temporary_);
  TellFaults([&](FaultPlan* plan) { plan->Created(temporary_); });
  return absl::OkStatus();
}

absl::Status NewFile::WriteAt(uint64_t offset, absl::string_view bytes) {
  const auto step = Begin(FileOp::kAppend, temporary_, bytes.size());
  bytes = bytes.substr(0, step.bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(errno, "FILE_WRITE_FAILED", temporary_);
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  size_ = std::max(size_, offset);
  TellFaults([&](FaultPlan* plan) { plan->Appended(temporary_, size_); });
  if (step.error != 0) return ErrnoError(step.error, "FILE_WRITE_FAILED", temporary_);
  return absl::OkStatus();
}

absl::Status NewFile::Publish() {
  {
    const auto step = Begin(FileOp::kSync, temporary_);
    if (step.error != 0) return ErrnoError(step.error, "FILE_SYNC_FAILED", temporary_);
    if (::fsync(fd_) != 0) return ErrnoError(errno, "FILE_SYNC_FAILED", temporary_);
    TellFaults([&](FaultPlan* plan) { plan->Synced(temporary_); });
  }
  {
    const auto step = Begin(FileOp::kMove, path_);
    if (step.error != 0) return ErrnoError(step.error, "FILE_WRITE_FAILED", path_);
    TellFaults([&](FaultPlan* plan) { plan->WillMove(temporary_, path_); });
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return ErrnoError(errno, "FILE_WRITE_FAILED", path_);
    }
  }
  published_ = true;
  return SyncDirectory(DirectoryOf(path_));
}

absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes) {
  NewFile file(path);
  HALQA_RETURN_IF_ERROR(file.Create());
  HALQA_RETURN_IF_ERROR(file.WriteAt(0, bytes));
  return file.Publish();
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
  MappedFile file;
  file.size_ = static_cast<size_t>(info.st_size);
  if (file.size_ == 0) return file;
  void* data = ::mmap(nullptr, file.size_, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return ErrnoError(errno, "FILE_READ_FAILED", path);
  file.data_ = data;
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace halqa
