#pragma once
// Text in the encodings that office programs write, as one stream of UTF-8.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/formats/byte_source.h"

namespace halqa {

enum class Encoding {
  kAuto,         // byte order mark, else the NUL pattern of UTF-16, else UTF-8
  kUtf8,         // must be UTF-8 (a UTF-16 byte order mark is still believed)
  kOffice,       // UTF-8 if the first characters beyond ASCII are, else Windows-1252
  kWindows1252,  // a byte order mark wins
  kUtf16Le,
  kUtf16Be,
};

// "auto", "utf-8", "office", "windows-1252" (also cp1252, latin1), "utf-16le", "utf-16be".
// Errors: InvalidArgument (UNKNOWN_ENCODING).
absl::StatusOr<Encoding> ParseEncoding(absl::string_view name);

// The text of a byte source in UTF-8, byte order mark dropped. Line ends stay as they are.
//
// Thread safety: one thread at a time.
// Invariants:
// 1. Everything handed out is whole, valid UTF-8.
// 2. Text that is not valid in its encoding is InvalidArgument (INVALID_ENCODING) with the values
// "line" and "byte" (offset in the decompressed file, from 0).
class TextSource {
 public:
  TextSource(std::unique_ptr<ByteSource> source, Encoding encoding);

  // Fills at most `n` bytes of `buf`; 0 only at the end. REQUIRES: n >= 64. Cost: about 0.3 ns per
  // byte of UTF-8 beyond the source's own.
  absl::StatusOr<size_t> Read(char* buf, size_t n);

  const ByteSource& source() const { return *source_; }

 private:
  absl::Status Start();
  // Reads raw bytes behind `held_`, at most `n` in all; false at the end of the source.
  absl::StatusOr<size_t> ReadRaw(char* buf, size_t n);
  absl::StatusOr<size_t> ReadUtf8(char* buf, size_t n);
  absl::StatusOr<size_t> ReadBytes1252(char* buf, size_t n);
  absl::StatusOr<size_t> ReadUtf16(char* buf, size_t n, bool big_endian);
  // Settles kOffice by the first bytes beyond ASCII in `raw`, if there are any.
  void Settle(absl::string_view raw);
  absl::Status Invalid(absl::string_view before, absl::string_view what);

  std::unique_ptr<ByteSource> source_;
  Encoding encoding_;
  bool started_ = false;
  bool source_done_ = false;
  std::string held_;       // raw bytes read but not yet handed out
  std::vector<char> raw_;  // room for a raw block that must be converted
  uint64_t bytes_ = 0;     // raw bytes handed out
  uint64_t lines_ = 0;     // line ends handed out
};

}  // namespace halqa
