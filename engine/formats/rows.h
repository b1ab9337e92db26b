#pragma once
// Rows with named columns, whatever file they come from.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/formats/csv.h"

namespace halqa {

// Thread safety: one thread at a time. After an error about one row the next row can be read.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Call once first.
  virtual absl::Status Open() = 0;
  virtual const std::vector<std::string>& columns() const = 0;
  // Views are valid until the next call; "" = not given. False at the end.
  virtual absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) = 0;
  // Line of the last row (its number among the rows for JSON documents), from 1.
  virtual uint64_t line() const = 0;
  virtual absl::string_view raw() const = 0;
  virtual const ByteSource& source() const = 0;
  // Tables in text only (dialect() is not null): see CsvReader::TakePlain.
  virtual const CsvDialect* dialect() const { return nullptr; }
  virtual bool TakePlain(size_t, std::string*, uint64_t*) { return false; }
};

// A table in text.
std::unique_ptr<RowSource> MakeCsvRows(std::unique_ptr<ByteSource> source, CsvDialect dialect);

struct JsonRowsOptions {
  // Where the rows are: names separated by '/', "*" = every element of an array or object. "*" for
  // {"a": 1, "b": 2} gives two rows with the columns "@key" and "@value".
  std::string rows = "*";
  // The wanted values of a row: names separated by '.', "@key", "@value". Arrays of plain values
  // come joined by blanks. Missing values are "".
  std::vector<std::string> columns;
  // One document per line instead of one for the whole file; `rows` then looks inside each line
  // ("" = the line is the row).
  bool line_by_line = false;
  // Skip what stands before the first '[' or '{' ("window.YTD.following.part0 = [").
  bool skip_prefix = false;
};

// JSON documents. Errors of Open and Next: InvalidArgument (INVALID_JSON, MISSING_JSON_PATH).
// Cost: memory of twice the document unless line by line.
std::unique_ptr<RowSource> MakeJsonRows(std::unique_ptr<ByteSource> source,
                                        JsonRowsOptions options);

}  // namespace halqa
