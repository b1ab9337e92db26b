#pragma once
// Tables in text: comma, semicolon, tab, bar or blank between columns, quotes where needed.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/formats/encoding.h"

namespace halqa {

struct CsvDialect {
  // ',', ';', '\t', '|', or ' ' for any run of blanks and tabs; 0 = the most frequent of , ; tab |
  // in the first line. A first line "sep=;" as spreadsheets write it decides before that.
  char delimiter = 0;
  char quote = '"';    // 0 = quotes are ordinary characters
  char comment = 0;    // lines that start with it are skipped
  bool header = true;  // the first row holds the column names
  Encoding encoding = Encoding::kAuto;
  size_t row_bytes_max = 16 << 20;  // range [64, 2^30]
};

// The rows of a table, with the line each starts on.
//
// Thread safety: one thread at a time.
// Invariants:
// 1. Every row has as many fields as the first one; another is an error (RAGGED_ROW) after which
// the next row can be read. The same holds for BAD_QUOTE, UNTERMINATED_QUOTE (only its first line
// is given up) and ROW_TOO_LONG; errors of the source and of the encoding stay.
// 2. Errors about a row carry the value "line".
class CsvReader {
 public:
  CsvReader(std::unique_ptr<ByteSource> source, CsvDialect dialect);

  // Reads the header (or looks at the first row). Call once before Next. An empty file has no
  // columns. Errors: those of the source; InvalidArgument (DUPLICATE_COLUMN).
  absl::Status Open();

  // Column names; "1", "2", ... when the dialect has no header.
  const std::vector<std::string>& columns() const { return columns_; }
  char delimiter() const { return dialect_.delimiter; }
  const CsvDialect& dialect() const { return dialect_; }

  // Takes whole rows without quotes, up to about `bytes` of them, as they stand in the file:
  // PlainRows reads them on any thread. `first_line` gets the line they start on. False, and
  // nothing taken, where there are not many such rows: then Next reads on, row by row.
  bool TakePlain(size_t bytes, std::string* text, uint64_t* first_line);

  // Puts the next row into `fields` (views valid until the next call) and returns true, or returns
  // false at the end. Blank lines are skipped. Cost: about 0.1 us per short row without quotes.
  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields);

  // Line on which the last row started, from 1.
  uint64_t line() const { return line_; }
  // The last row as it stands in the file (valid until the next call), for rejects.
  absl::string_view raw() const { return raw_; }
  const ByteSource& source() const { return text_.source(); }

 private:
  absl::StatusOr<bool> Fill();
  // Finds the end of the line at begin_ + from (offset behind the line end); npos at the end.
  absl::StatusOr<size_t> LineEnd(size_t from);
  absl::StatusOr<bool> NextRow(std::vector<absl::string_view>* fields);
  // End of the record that starts at begin_ and holds quotes; npos when a quote stays open.
  absl::StatusOr<size_t> QuotedEnd(size_t first_end);
  // Splits raw_, taking quotes off in place.
  absl::Status SplitQuoted(std::vector<absl::string_view>* fields);
  absl::Status SkipLongLine();
  absl::Status ReadQuoted(size_t first_end, std::vector<absl::string_view>* fields);
  absl::Status RowError(absl::string_view reason, absl::string_view message) const;
  absl::Status GuessDelimiter();

  TextSource text_;
  CsvDialect dialect_;
  std::vector<std::string> columns_;
  std::vector<char> buffer_;
  size_t begin_ = 0, end_ = 0;
  bool done_ = false;
  absl::Status failed_;
  uint64_t line_ = 0, next_line_ = 1;
  absl::string_view raw_;
  std::string quoted_raw_;  // the row before its quotes were taken off
  bool pending_ = false;    // the first row of a table without header was read by Open
  std::vector<absl::string_view> first_;
};

// The rows of a text without quotes, exactly as CsvReader gives them.
//
// Thread safety: one thread at a time.
class PlainRows {
 public:
  // `dialect` with its delimiter known. `columns`: fields of every row. The text outlives this.
  PlainRows(absl::string_view text, uint64_t first_line, const CsvDialect& dialect, size_t columns)
      : rest_(text), dialect_(dialect), columns_(columns), next_line_(first_line) {}
  // As CsvReader::Next; the views live as long as the text.
  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields);
  uint64_t line() const { return line_; }
  absl::string_view raw() const { return raw_; }

 private:
  absl::string_view rest_;
  const CsvDialect dialect_;
  const size_t columns_;
  uint64_t line_ = 0, next_line_;
  absl::string_view raw_;
};

}  // namespace halqa
