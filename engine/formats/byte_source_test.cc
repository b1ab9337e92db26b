#include "engine/formats/byte_source.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace halqa {
namespace {

std::string TempPath(const std::string& name) {
  return ::testing::TempDir() + "byte_source_" + name;
}

std::string Write(const std::string& name, const std::string& bytes) {
  const std::string path = TempPath(name);
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  return path;
}

std::string Gzip(const std::string& text) {
  z_stream s = {};
  deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&s, text.size()) + 64, '\0');
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  s.avail_in = static_cast<uInt>(text.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  deflate(&s, Z_FINISH);
  out.resize(s.total_out);
  deflateEnd(&s);
  return out;
}

std::string Zstd(const std::string& text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

absl::StatusOr<std::string> ReadAll(const std::string& path, size_t step = 1000) {
  auto source = ByteSource::Open(path);
  if (!source.ok()) return source.status();
  std::string out;
  std::vector<char> buffer(step);
  for (;;) {
    auto got = (*source)->Read(buffer.data(), buffer.size());
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    out.append(buffer.data(), *got);
  }
  EXPECT_EQ((*source)->compressed_bytes_read(), (*source)->compressed_bytes_total());
  return out;
}

std::string BigText() {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += std::to_string(i * 7919 % 100003) + "\n";
  return text;
}

TEST(ByteSource, ReadsPlainGzipAndZstdTheSame) {
  const std::string text = BigText();
  EXPECT_EQ(*ReadAll(Write("plain", text)), text);
  EXPECT_EQ(*ReadAll(Write("gz", Gzip(text))), text);
  EXPECT_EQ(*ReadAll(Write("zst", Zstd(text))), text);
  EXPECT_EQ(*ReadAll(Write("gz1", Gzip(text)), 1), text);
}

TEST(ByteSource, ReadsJoinedMembersAsOneStream) {
  EXPECT_EQ(*ReadAll(Write("gz2", Gzip("a\n") + Gzip("") + Gzip("b\n"))), "a\nb\n");
  EXPECT_EQ(*ReadAll(Write("zst2", Zstd("a\n") + Zstd("") + Zstd("b\n"))), "a\nb\n");
}

TEST(ByteSource, EmptyFileIsEmpty) {
  EXPECT_EQ(*ReadAll(Write("empty", "")), "");
  EXPECT_EQ(*ReadAll(Write("gz0", Gzip(""))), "");
  EXPECT_EQ(*ReadAll(Write("zst0", Zstd(""))), "");
}

TEST(ByteSource, TruncationIsDataLossAtEveryLength) {
  const std::string text = "one\ntwo\nthree\n";
  for (const std::string& whole : {Gzip(text), Zstd(text)}) {
    for (size_t n = 4; n < whole.size(); ++n) {
      const auto got = ReadAll(Write("cut", whole.substr(0, n)));
      ASSERT_FALSE(got.ok()) << n;
      EXPECT_EQ(got.status().code(), absl::StatusCode::kDataLoss);
      EXPECT_EQ(ErrorReason(got.status()), "FILE_TRUNCATED") << n;
    }
  }
}

TEST(ByteSource, DamageIsDataLoss) {
  for (std::string bytes : {Gzip(BigText()), Zstd(BigText())}) {
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    const auto got = ReadAll(Write("damaged", bytes));
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(ByteSource, MissingFileAndDirectory) {
  EXPECT_EQ(ErrorReason(ByteSource::Open(TempPath("none")).status()), "FILE_NOT_FOUND");
  EXPECT_EQ(ErrorReason(ByteSource::Open(::testing::TempDir()).status()), "FILE_IS_DIRECTORY");
}

std::vector<std::string> Lines(const std::string& text, LineReaderOptions options = {}) {
  LineReader reader(*ByteSource::Open(Write("lines", text)), options);
  std::vector<std::string> lines;
  absl::string_view line;
  for (;;) {
    auto more = reader.Next(&line);
    if (!more.ok()) {
      lines.push_back("error " + ErrorReason(more.status()));
      return lines;
    }
    if (!*more) return lines;
    lines.emplace_back(line);
    EXPECT_EQ(reader.line_number(), lines.size());
  }
}

TEST(LineReader, SplitsLines) {
  using V = std::vector<std::string>;
  EXPECT_EQ(Lines(""), V());
  EXPECT_EQ(Lines("\n"), V({""}));
  EXPECT_EQ(Lines("a"), V({"a"}));
  EXPECT_EQ(Lines("a\n"), V({"a"}));
  EXPECT_EQ(Lines("a\r\n\r\nb\r\n"), V({"a", "", "b"}));
  EXPECT_EQ(Lines("\xef\xbb\xbf"
                  "a\n\nb"),
            V({"a", "", "b"}));
}

TEST(LineReader, LongLines) {
  using V = std::vector<std::string>;
  EXPECT_EQ(Lines("abc\nabcd\n", {.line_bytes_max = 3}), V({"abc", "error LINE_TOO_LONG"}));
  EXPECT_EQ(Lines("abc\r\n", {.line_bytes_max = 3}), V({"abc"}));
  const std::string big(700000, 'x');
  EXPECT_EQ(Lines(big + "\ny\n"), V({big, "y"}));
  EXPECT_EQ(Lines(std::string(3 << 20, 'x')), V({"error LINE_TOO_LONG"}));
}

}  // namespace
}  // namespace halqa
