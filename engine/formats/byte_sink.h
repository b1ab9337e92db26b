#pragma once
// Writing plain, gzip and zstd files.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa {

// A sequential writer of one file, compressed when its name ends in .zst or .gz. The file appears
// under its name only when Close has succeeded; before that it is NAME.part.
//
// Thread safety: one thread at a time.
// Invariants: 1. a sink destroyed without Close leaves no file behind.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  // Errors: PermissionDenied, NotFound or Internal (FILE_WRITE_FAILED).
  static absl::StatusOr<std::unique_ptr<ByteSink>> Create(const std::string& path);

  // Errors: Internal or ResourceExhausted (FILE_WRITE_FAILED). Cost: about 3 ns per byte for zstd,
  // 20 ns for gzip.
  virtual absl::Status Write(absl::string_view bytes) = 0;

  // Finishes the compressed stream and gives the file its name. No Write after it.
  virtual absl::Status Close() = 0;

  const std::string& path() const { return path_; }

 protected:
  explicit ByteSink(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace halqa
