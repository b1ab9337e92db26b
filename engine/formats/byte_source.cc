#include "engine/formats/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

constexpr size_t kInputBytes = 1 << 17;

absl::Status DataError(absl::string_view reason, absl::string_view path, absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, reason, absl::StrCat(path, ": ", what),
                   {{"path", std::string(path)}});
}

// The file itself, read in blocks, with its first bytes still there for whoever comes next.
class RawFile {
 public:
  RawFile() : input_(kInputBytes) {}
  ~RawFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  absl::Status Open(const std::string& path) {
    path_ = path;
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return ErrnoError(errno, "FILE_READ_FAILED", path);
    if (S_ISDIR(info.st_mode)) {
      return MakeError(absl::StatusCode::kInvalidArgument, "FILE_IS_DIRECTORY",
                       absl::StrCat(path, ": is a directory"), {{"path", path}});
    }
    total_ = static_cast<uint64_t>(info.st_size);
    return absl::OkStatus();
  }

  // Bytes read from disk and not yet taken. Reads a block first when there are none; empty at the
  // end of the file.
  absl::StatusOr<absl::string_view> Peek() {
    if (begin_ == end_) HALQA_RETURN_IF_ERROR(Refill());
    return absl::string_view(input_.data() + begin_, end_ - begin_);
  }
  void Take(size_t n) {
    begin_ += n;
    taken_ += n;
  }
  // Tries to have at least `n` bytes to peek at.
  absl::Status Gather(size_t n) {
    while (end_ - begin_ < n) {
      const size_t before = end_;
      HALQA_RETURN_IF_ERROR(Refill());
      if (end_ == before) break;
    }
    return absl::OkStatus();
  }

  const std::string& path() const { return path_; }
  uint64_t taken() const { return taken_; }
  uint64_t total() const { return std::max(total_, taken_); }

 private:
  absl::Status Refill() {
    std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    for (;;) {
      const ssize_t n = ::read(fd_, input_.data() + end_, input_.size() - end_);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ErrnoError(errno, "FILE_READ_FAILED", path_);
      end_ += static_cast<size_t>(n);
      return absl::OkStatus();
    }
  }

  std::string path_;
  int fd_ = -1;
  std::vector<char> input_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t taken_ = 0;
  uint64_t total_ = 0;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(std::unique_ptr<RawFile> file) : file_(std::move(file)) {}

  absl::StatusOr<size_t> Read(char* buf, size_t n) final {
    if (!failure_.ok()) return failure_;
    absl::StatusOr<size_t> got = ReadSome(buf, n);
    if (!got.ok()) failure_ = got.status();
    return got;
  }
  uint64_t compressed_bytes_read() const final { return file_->taken(); }
  uint64_t compressed_bytes_total() const final { return file_->total(); }
  const std::string& path() const final { return file_->path(); }

 protected:
  virtual absl::StatusOr<size_t> ReadSome(char* buf, size_t n) = 0;
  RawFile& file() { return *file_; }

 private:
  std::unique_ptr<RawFile> file_;
  absl::Status failure_;
};

class PlainSource final : public FileSource {
 public:
  using FileSource::FileSource;

 protected:
  absl::StatusOr<size_t> ReadSome(char* buf, size_t n) override {
    HALQA_ASSIGN_OR_RETURN(absl::string_view in, file().Peek());
    const size_t count = std::min(n, in.size());
    std::memcpy(buf, in.data(), count);
    file().Take(count);
    return count;
  }
};

class GzipSource final : public FileSource {
 public:
  explicit GzipSource(std::unique_ptr<RawFile> file) : FileSource(std::move(file)) {
    ready_ = ::inflateInit2(&stream_, 15 + 16) == Z_OK;  // 16: gzip header and checksum
  }
  ~GzipSource() override {
    if (ready_) ::inflateEnd(&stream_);
  }

 protected:
  absl::StatusOr<size_t> ReadSome(char* buf, size_t n) override {
    if (!ready_) {
      return MakeError(absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY", "zlib gave no state");
    }
    for (;;) {
      HALQA_ASSIGN_OR_RETURN(absl::string_view in, file().Peek());
      if (in.empty()) {
        if (between_members_) return size_t{0};
        return DataError("FILE_TRUNCATED", path(), "the gzip stream ends early");
      }
      if (between_members_) {
        ::inflateReset(&stream_);
        between_members_ = false;
      }
      HALQA_ASSIGN_OR_RETURN(const size_t got, Inflate(in, buf, n));
      if (got > 0) return got;
    }
  }

 private:
  absl::StatusOr<size_t> Inflate(absl::string_view in, char* buf, size_t n) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buf);
    const auto space = static_cast<uInt>(std::min<size_t>(n, 1u << 30));
    stream_.avail_out = space;
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    file().Take(in.size() - stream_.avail_in);
    if (code == Z_STREAM_END) {
      between_members_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return DataError(
          "FILE_CORRUPT", path(),
          absl::StrCat("bad gzip data", stream_.msg ? ": " : "", stream_.msg ? stream_.msg : "",
                       " near byte ", compressed_bytes_read()));
    }
    return size_t{space - stream_.avail_out};
  }

  z_stream stream_ = {};
  bool ready_ = false;
  bool between_members_ = false;
};

class ZstdSource final : public FileSource {
 public:
  explicit ZstdSource(std::unique_ptr<RawFile> file)
      : FileSource(std::move(file)), stream_(::ZSTD_createDStream()) {}
  ~ZstdSource() override { ::ZSTD_freeDStream(stream_); }

 protected:
  absl::StatusOr<size_t> ReadSome(char* buf, size_t n) override {
    if (stream_ == nullptr) {
      return MakeError(absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY", "zstd gave no state");
    }
    for (;;) {
      HALQA_ASSIGN_OR_RETURN(absl::string_view bytes, file().Peek());
      if (bytes.empty() && frame_done_) return size_t{0};
      ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
      ZSTD_outBuffer out{buf, n, 0};
      const size_t code = ::ZSTD_decompressStream(stream_, &out, &in);
      if (::ZSTD_isError(code)) {
        return DataError("FILE_CORRUPT", path(),
                         absl::StrCat("bad zstd data: ", ::ZSTD_getErrorName(code), " near byte ",
                                      compressed_bytes_read()));
      }
      file().Take(in.pos);
      frame_done_ = code == 0;
      if (out.pos > 0) return out.pos;
      if (bytes.empty() && !frame_done_) {
        return DataError("FILE_TRUNCATED", path(), "the zstd stream ends early");
      }
    }
  }

 private:
  ZSTD_DStream* stream_;
  bool frame_done_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  auto file = std::make_unique<RawFile>();
  HALQA_RETURN_IF_ERROR(file->Open(path));
  HALQA_RETURN_IF_ERROR(file->Gather(4));
  HALQA_ASSIGN_OR_RETURN(const absl::string_view head, file->Peek());
  if (head.substr(0, 2) == "\x1f\x8b") return std::make_unique<GzipSource>(std::move(file));
  if (head.substr(0, 4) == "\x28\xb5\x2f\xfd") {
    return std::make_unique<ZstdSource>(std::move(file));
  }
  return std::make_unique<PlainSource>(std::move(file));
}

LineReader::LineReader(std::unique_ptr<ByteSource> source, LineReaderOptions options)
    : source_(std::move(source)), options_(options), buffer_(kInputBytes) {}

std::string LineReader::where() const { return absl::StrCat(source_->path(), ":", line_number_); }

absl::Status LineReader::TooLong() const {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "LINE_TOO_LONG",
      absl::StrCat(where(), ": the line is longer than ", options_.line_bytes_max, " bytes"),
      {{"path", source_->path()}, {"line", absl::StrCat(line_number_)}});
}

absl::StatusOr<bool> LineReader::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  HALQA_ASSIGN_OR_RETURN(const size_t got,
                         source_->Read(buffer_.data() + end_, buffer_.size() - end_));
  end_ += got;
  return got > 0;
}

absl::StatusOr<bool> LineReader::Next(absl::string_view* line) {
  size_t searched = 0;
  bool at_end = false;
  const char* stop = nullptr;
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const size_t have = end_ - begin_;
    stop = static_cast<const char*>(std::memchr(from + searched, '\n', have - searched));
    if (stop != nullptr || at_end) break;
    searched = have;
    if (have > options_.line_bytes_max + 1) break;
    HALQA_ASSIGN_OR_RETURN(const bool more, Fill());
    at_end = !more;
  }
  const char* from = buffer_.data() + begin_;
  if (stop == nullptr && begin_ == end_) return false;
  ++line_number_;
  size_t size = stop != nullptr ? static_cast<size_t>(stop - from) : end_ - begin_;
  begin_ += size + (stop != nullptr ? 1 : 0);
  if (size > 0 && from[size - 1] == '\r') --size;
  if (size > options_.line_bytes_max) return TooLong();
  *line = absl::string_view(from, size);
  if (line_number_ == 1 && line->substr(0, 3) == "\xef\xbb\xbf") line->remove_prefix(3);
  return true;
}

}  // namespace halqa
