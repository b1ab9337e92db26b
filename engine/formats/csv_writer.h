#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/formats/byte_sink.h"

namespace halqa {

struct CsvWriterOptions {
  char delimiter = ',';  // ',' ';' '\t' '|'
  // Byte order mark for spreadsheets that take UTF-8 for something else without it.
  bool byte_order_mark = false;
};

// Writes a table; quotes what holds the delimiter, a quote or a line end, and texts that a
// spreadsheet would run as a formula (they start with = + - @ and are no number) get a ' before
// them.
// Thread safety: one thread at a time.
class CsvWriter {
 public:
  CsvWriter(std::unique_ptr<ByteSink> sink, std::vector<std::string> columns,
            CsvWriterOptions options = {});
  // REQUIRES: as many cells as columns.
  absl::Status Row(absl::Span<const std::string> cells);
  // Flushes and gives the file its name. No row after it.
  absl::Status Close();

 private:
  void Cell(absl::string_view text);
  absl::Status Flush();
  std::unique_ptr<ByteSink> sink_;
  const CsvWriterOptions options_;
  const size_t columns_;
  std::string buffer_;
};

}  // namespace halqa
