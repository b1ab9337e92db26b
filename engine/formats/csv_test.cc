#include "engine/formats/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/formats/byte_sink.h"

namespace halqa {
namespace {

using ::testing::ElementsAre;

// A byte source over a string that gives it out in pieces of `step` bytes.
class StringSource : public ByteSource {
 public:
  StringSource(std::string text, size_t step) : text_(std::move(text)), step_(step) {}
  absl::StatusOr<size_t> Read(char* buf, size_t n) override {
    const size_t size = std::min({n, step_, text_.size() - at_});
    std::memcpy(buf, text_.data() + at_, size);
    at_ += size;
    return size;
  }
  uint64_t compressed_bytes_read() const override { return at_; }
  uint64_t compressed_bytes_total() const override { return text_.size(); }
  const std::string& path() const override { return path_; }

 private:
  std::string text_, path_ = "memory";
  size_t step_, at_ = 0;
};

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> lines;
  std::vector<std::string> errors;  // "line reason"
};

Table ReadTable(absl::string_view text, CsvDialect dialect = {}, size_t step = 7) {
  CsvReader reader(std::make_unique<StringSource>(std::string(text), step), dialect);
  Table t;
  absl::Status opened = reader.Open();
  if (!opened.ok()) {
    t.errors.push_back(absl::StrCat(ErrorDetails(opened)["line"], " ", ErrorReason(opened)));
    return t;
  }
  t.columns = reader.columns();
  std::vector<absl::string_view> fields;
  for (int guard = 0; guard < 10000; ++guard) {
    auto more = reader.Next(&fields);
    if (!more.ok()) {
      t.errors.push_back(
          absl::StrCat(ErrorDetails(more.status())["line"], " ", ErrorReason(more.status())));
      if (t.errors.back().find("ENCODING") != std::string::npos) break;
      continue;
    }
    if (!*more) break;
    t.rows.emplace_back(fields.begin(), fields.end());
    t.lines.push_back(reader.line());
  }
  return t;
}

TEST(Csv, QuotesNewlinesAndLineNumbersAtEveryBlockSize) {
  const absl::string_view text =
      "id,text\r\n1,\"a, \"\"b\"\"\nc\"\n\n2,plain\n3,\"\"\n4,5\" screen\n5,\"end\"";
  for (size_t step = 1; step < 80; ++step) {
    const Table t = ReadTable(text, {}, step);
    EXPECT_THAT(t.columns, ElementsAre("id", "text"));
    EXPECT_THAT(t.rows, ElementsAre(ElementsAre("1", "a, \"b\"\nc"), ElementsAre("2", "plain"),
                                    ElementsAre("3", ""), ElementsAre("4", "5\" screen"),
                                    ElementsAre("5", "end")));
    EXPECT_THAT(t.lines, ElementsAre(2, 5, 6, 7, 8));
  }
}

TEST(Csv, GuessesTheDelimiter) {
  EXPECT_THAT(ReadTable("a;b;c\n1;2,5;3\n").rows, ElementsAre(ElementsAre("1", "2,5", "3")));
  EXPECT_THAT(ReadTable("a\tb\n1\t2\n").rows, ElementsAre(ElementsAre("1", "2")));
  EXPECT_THAT(ReadTable("a|b\n1|2\n").rows, ElementsAre(ElementsAre("1", "2")));
  EXPECT_THAT(ReadTable("sep=;\na;b\n1;2\n").rows, ElementsAre(ElementsAre("1", "2")));
  EXPECT_THAT(ReadTable("only\n1\n").rows, ElementsAre(ElementsAre("1")));
  EXPECT_TRUE(ReadTable("").columns.empty());
}

TEST(Csv, EdgeListsWithCommentsAndBlanks) {
  CsvDialect snap{.delimiter = ' ', .quote = 0, .comment = '#', .header = false};
  const Table t = ReadTable("# nodes: 3\n1 2\n 2\t\t3 \n\n", snap);
  EXPECT_THAT(t.columns, ElementsAre("1", "2"));
  EXPECT_THAT(t.rows, ElementsAre(ElementsAre("1", "2"), ElementsAre("2", "3")));
  EXPECT_THAT(t.lines, ElementsAre(2, 3));
}

TEST(Csv, BadRowsAreNamedAndTheRestIsRead) {
  Table t = ReadTable("a,b\n1\n2,3\n4,5,6\n\"x\"y,7\n8,9\n");
  EXPECT_THAT(t.errors, ElementsAre("2 RAGGED_ROW", "4 RAGGED_ROW", "5 BAD_QUOTE"));
  EXPECT_THAT(t.rows, ElementsAre(ElementsAre("2", "3"), ElementsAre("8", "9")));
  t = ReadTable("a,b\n1,\"open\n2,3\n");
  EXPECT_THAT(t.errors, ElementsAre("2 UNTERMINATED_QUOTE"));
  EXPECT_THAT(t.rows, ElementsAre(ElementsAre("2", "3")));
  EXPECT_THAT(ReadTable("a,b,a\n").errors, ElementsAre("1 DUPLICATE_COLUMN"));
  CsvDialect narrow;
  narrow.row_bytes_max = 64;
  t = ReadTable("a,b\n1," + std::string(5000, 'x') + "\n2,3\n", narrow);
  EXPECT_THAT(t.errors, ElementsAre("2 ROW_TOO_LONG"));
  EXPECT_THAT(t.rows, ElementsAre(ElementsAre("2", "3")));
}

std::string Utf16(absl::string_view ascii_and_e_acute, bool big) {
  std::string out = big ? "\xfe\xff" : "\xff\xfe";
  for (char c : ascii_and_e_acute) {  // '!' stands for e acute, '$' for U+1F600
    std::vector<uint16_t> units = {static_cast<uint16_t>(c)};
    if (c == '!') units = {0xe9};
    if (c == '$') units = {0xd83d, 0xde00};
    for (uint16_t u : units) {
      const char high = static_cast<char>(u >> 8), low = static_cast<char>(u);
      out.append({big ? high : low, big ? low : high});
    }
  }
  return out;
}

TEST(Csv, RawIsTheRowAsItStandsInTheFile) {
  CsvReader reader(std::make_unique<StringSource>("a,b\n\"x \"\"y\"\"\",2\n", 5), {});
  ASSERT_TRUE(reader.Open().ok());
  std::vector<absl::string_view> fields;
  ASSERT_TRUE(*reader.Next(&fields));
  EXPECT_THAT(fields, ElementsAre("x \"y\"", "2"));
  EXPECT_EQ(reader.raw(), "\"x \"\"y\"\"\",2");
}

TEST(Encoding, OfficeFilesReadTheSame) {
  const auto expected = ElementsAre(ElementsAre("caf\xc3\xa9", "\xf0\x9f\x98\x80"));
  for (size_t step : {1, 2, 3, 5, 64, 1000}) {
    EXPECT_THAT(ReadTable(Utf16("a;b\ncaf!;$\n", false), {}, step).rows, expected);
    EXPECT_THAT(ReadTable(Utf16("a;b\ncaf!;$\n", true), {}, step).rows, expected);
    EXPECT_THAT(ReadTable("\xef\xbb\xbf"
                          "a;b\ncaf\xc3\xa9;\xf0\x9f\x98\x80\n",
                          {}, step)
                    .rows,
                expected);
    for (Encoding e : {Encoding::kWindows1252, Encoding::kOffice}) {
      CsvDialect d;
      d.encoding = e;
      EXPECT_THAT(ReadTable("a;b\ncaf\xe9;5 \x80\n", d, step).rows,
                  ElementsAre(ElementsAre("caf\xc3\xa9", "5 \xe2\x82\xac")));
    }
    CsvDialect office;
    office.encoding = Encoding::kOffice;
    EXPECT_THAT(ReadTable("a;b\ncaf\xc3\xa9;\xf0\x9f\x98\x80\n", office, step).rows, expected);
  }
}

TEST(Encoding, WhatIsNotUtf8IsNamedByLineAndByte) {
  for (size_t step : {1, 3, 1000}) {
    CsvReader reader(std::make_unique<StringSource>("a;b\n1;2\ncaf\xe9;3\n", step), {});
    absl::Status status = reader.Open();
    std::vector<absl::string_view> fields;
    for (int i = 0; i < 9 && status.ok(); ++i) status = reader.Next(&fields).status();
    EXPECT_EQ(ErrorReason(status), "INVALID_ENCODING") << step;
    EXPECT_EQ(ErrorDetails(status)["line"], "3");
    EXPECT_EQ(ErrorDetails(status)["byte"], "11");
  }
  EXPECT_EQ(ErrorReason(ParseEncoding("ebcdic").status()), "UNKNOWN_ENCODING");
}

TEST(ByteSink, WhatIsWrittenIsReadBack) {
  const std::string dir = ::testing::TempDir();
  std::string text;
  for (int i = 0; i < 20000; ++i) absl::StrAppend(&text, i, "\thalqa\n");
  for (absl::string_view name : {"sink.tsv", "sink.tsv.zst", "sink.tsv.gz"}) {
    const std::string path = absl::StrCat(dir, name);
    auto sink = ByteSink::Create(path);
    ASSERT_TRUE(sink.ok()) << sink.status();
    ASSERT_TRUE((*sink)->Write(text).ok());
    EXPECT_FALSE(std::filesystem::exists(path));
    ASSERT_TRUE((*sink)->Close().ok());
    auto source = ByteSource::Open(path);
    ASSERT_TRUE(source.ok());
    std::string back;
    char buf[4096];
    for (;;) {
      auto n = (*source)->Read(buf, sizeof(buf));
      ASSERT_TRUE(n.ok()) << n.status();
      if (*n == 0) break;
      back.append(buf, *n);
    }
    EXPECT_EQ(back, text);
    std::filesystem::remove(path);
  }
}

TEST(Csv, ReadsFast) {
  std::string text = "a\tb\n";
  constexpr int kRows = 1'000'000;
  for (int64_t i = 0; i < kRows; ++i) absl::StrAppend(&text, i * 7919 % 1000003, "\t", i, "\n");
  CsvReader reader(std::make_unique<StringSource>(std::move(text), 1 << 20), {});
  ASSERT_TRUE(reader.Open().ok());
  std::vector<absl::string_view> fields;
  int rows = 0;
  const auto start = std::chrono::steady_clock::now();
  while (*reader.Next(&fields)) ++rows;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(rows, kRows);
  RecordProperty("rows_per_second", static_cast<int>(kRows / took.count()));
  std::printf("csv: %.1f M rows/s\n", kRows / took.count() / 1e6);
}

}  // namespace
}  // namespace halqa
