#pragma once
// Whole files: read, write durably, map.

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa {

// The bytes of a file. Errors: NotFound (FILE_NOT_FOUND), PermissionDenied or Internal
// (FILE_READ_FAILED).
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes `bytes` to a temporary file beside `path`, syncs it, renames it over `path` and syncs the
// directory.
absl::Status WriteFileDurably(const std::string& path, absl::string_view bytes);

// A new file that takes the place of `path` in one step, or not at all: written beside it, synced,
// renamed. Removed again unless Publish succeeds. Thread safety: one thread.
class NewFile {
 public:
  explicit NewFile(const std::string& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  absl::Status Create();
  absl::Status WriteAt(uint64_t offset, absl::string_view bytes);
  absl::Status Publish();

 private:
  std::string path_, temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
  bool published_ = false;
};

// Syncs a file that somebody else wrote; all files and directories of a tree. Errors: by errno
// (FILE_SYNC_FAILED).
absl::Status SyncFile(const std::string& path);
absl::Status SyncTree(const std::string& root);

// Makes a rename or creation inside `directory` survive power loss.
absl::Status SyncDirectory(const std::string& directory);

// A read-only mapping of a whole file. Movable; unmapped on destruction.
// Thread safety: const methods from any thread.
class MappedFile {
 public:
  static absl::StatusOr<MappedFile> Open(const std::string& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  absl::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

// Translates errno of the last failed call on `path` into a Status with a stable reason.
absl::Status ErrnoError(int error, absl::string_view reason, absl::string_view path);

}  // namespace halqa
