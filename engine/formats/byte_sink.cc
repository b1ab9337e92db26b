#include "engine/formats/byte_sink.h"

#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

class PlainSink : public ByteSink {
 public:
  PlainSink(std::string path, std::FILE* file) : ByteSink(std::move(path)), file_(file) {
    std::setvbuf(file_, nullptr, _IOFBF, 1 << 17);
  }
  ~PlainSink() override {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(Part().c_str());
  }
  absl::Status Write(absl::string_view bytes) override {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return absl::OkStatus();
    return ErrnoError(errno, "FILE_WRITE_FAILED", path_);
  }
  absl::Status Close() override {
    const bool flushed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (flushed && std::rename(Part().c_str(), path_.c_str()) == 0) return absl::OkStatus();
    const int error = errno;
    std::remove(Part().c_str());
    return ErrnoError(error, "FILE_WRITE_FAILED", path_);
  }

 private:
  std::string Part() const { return path_ + ".part"; }
  std::FILE* file_;
};

class ZstdSink : public ByteSink {
 public:
  explicit ZstdSink(std::unique_ptr<ByteSink> below)
      : ByteSink(below->path()),
        below_(std::move(below)),
        context_(ZSTD_createCCtx()),
        out_(ZSTD_CStreamOutSize()) {
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, 3);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~ZstdSink() override { ZSTD_freeCCtx(context_); }
  absl::Status Write(absl::string_view bytes) override { return Push(bytes, ZSTD_e_continue); }
  absl::Status Close() override {
    HALQA_RETURN_IF_ERROR(Push("", ZSTD_e_end));
    return below_->Close();
  }

 private:
  absl::Status Push(absl::string_view bytes, ZSTD_EndDirective mode) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      const size_t left = ZSTD_compressStream2(context_, &out, &in, mode);
      if (ZSTD_isError(left)) {
        return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED",
                         absl::StrCat(path_, ": zstd: ", ZSTD_getErrorName(left)));
      }
      HALQA_RETURN_IF_ERROR(below_->Write(absl::string_view(out_.data(), out.pos)));
      if (mode == ZSTD_e_end ? left == 0 : in.pos == in.size) return absl::OkStatus();
    }
  }
  std::unique_ptr<ByteSink> below_;
  ZSTD_CCtx* context_;
  std::vector<char> out_;
};

class GzipSink : public ByteSink {
 public:
  explicit GzipSink(std::unique_ptr<ByteSink> below)
      : ByteSink(below->path()), below_(std::move(below)), out_(1 << 16) {
    deflateInit2(&stream_, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  }
  ~GzipSink() override { deflateEnd(&stream_); }
  absl::Status Write(absl::string_view bytes) override { return Push(bytes, Z_NO_FLUSH); }
  absl::Status Close() override {
    HALQA_RETURN_IF_ERROR(Push("", Z_FINISH));
    return below_->Close();
  }

 private:
  absl::Status Push(absl::string_view bytes, int mode) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    for (;;) {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int code = deflate(&stream_, mode);
      if (code == Z_STREAM_ERROR) {
        return MakeError(absl::StatusCode::kInternal, "FILE_WRITE_FAILED", path_ + ": zlib");
      }
      HALQA_RETURN_IF_ERROR(
          below_->Write(absl::string_view(out_.data(), out_.size() - stream_.avail_out)));
      if (mode == Z_FINISH ? code == Z_STREAM_END : stream_.avail_out > 0) return absl::OkStatus();
    }
  }
  std::unique_ptr<ByteSink> below_;
  z_stream stream_ = {};
  std::vector<char> out_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSink>> ByteSink::Create(const std::string& path) {
  std::FILE* file = std::fopen((path + ".part").c_str(), "wb");
  if (file == nullptr) return ErrnoError(errno, "FILE_WRITE_FAILED", path);
  std::unique_ptr<ByteSink> sink = std::make_unique<PlainSink>(path, file);
  if (absl::EndsWith(path, ".zst")) sink = std::make_unique<ZstdSink>(std::move(sink));
  if (absl::EndsWith(path, ".gz")) sink = std::make_unique<GzipSink>(std::move(sink));
  return sink;
}

}  // namespace halqa
