#pragma once
// Streams of bytes and lines from plain, gzip and zstd files, for every reader of the house.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa {

// A sequential, decompressing reader of one file. The compression is told from the first bytes of
// the file (gzip 1f 8b, zstd 28 b5 2f fd), never from its name; several gzip members or zstd frames
// one after the other are read as one stream.
//
// Thread safety: one thread at a time.
// Invariants:
// 1. After an error every further Read returns that error.
// 2. A compressed stream that ends early is DataLoss (FILE_TRUNCATED), one whose bytes do not
// decode or do not match their own checksum is DataLoss (FILE_CORRUPT): never a silent short read.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Opens `path`. Errors: NotFound (FILE_NOT_FOUND), PermissionDenied or Internal
  // (FILE_READ_FAILED), InvalidArgument (FILE_IS_DIRECTORY).
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);

  // Fills at most `n` bytes of `buf` and returns how many; 0 only at the end of the data.
  // REQUIRES: n > 0. Cost: about 1 ns per byte for gzip, 0.5 ns for zstd.
  virtual absl::StatusOr<size_t> Read(char* buf, size_t n) = 0;

  // Bytes of the file on disk read so far, and in total: progress in [0, 1].
  virtual uint64_t compressed_bytes_read() const = 0;
  virtual uint64_t compressed_bytes_total() const = 0;

  // The path given to Open.
  virtual const std::string& path() const = 0;
};

struct LineReaderOptions {
  // Longest line accepted, without its end; range [1, 2^30].
  size_t line_bytes_max = 1 << 20;
};

// The lines of a byte source, numbered from 1, without "\n" or "\r\n". A last line without an end
// is a line; a UTF-8 byte order mark before the first line is dropped.
//
// Thread safety: one thread at a time.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> source, LineReaderOptions options = {});

  // Puts the next line into `line` (valid until the next call) and returns true, or returns false
  // at the end. Errors: those of the source; InvalidArgument (LINE_TOO_LONG) naming file:line.
  absl::StatusOr<bool> Next(absl::string_view* line);

  // Number of the line that Next gave last; 0 before the first.
  uint64_t line_number() const { return line_number_; }
  // "path:line", for messages.
  std::string where() const;
  const ByteSource& source() const { return *source_; }

 private:
  // Reads more bytes behind what is unread; false at the end of the source.
  absl::StatusOr<bool> Fill();
  absl::Status TooLong() const;

  std::unique_ptr<ByteSource> source_;
  LineReaderOptions options_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // first unread byte of buffer_
  size_t end_ = 0;    // one behind the last
  uint64_t line_number_ = 0;
};

}  // namespace halqa
