#pragma once
// Tables on their way into a file: CSV, NDJSON or Parquet.

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace halqa {

enum class ColumnType { kText, kWhole, kNumber };

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
};

// Not known, a text, a whole number >= 0, or a number. A cell is of its column's type or unknown.
using TableCell = std::variant<std::monostate, std::string, uint64_t, double>;

enum class TableFormat { kCsv, kNdjson, kParquet };

// Writes one table. What is not known is an empty cell (CSV), a missing key (NDJSON), NULL
// (Parquet). The file appears under its name when Close has succeeded.
//
// Thread safety: one thread at a time.
class TableWriter {
 public:
  virtual ~TableWriter() = default;

  // CSV and NDJSON are compressed when the name ends in .gz or .zst; Parquet always is, with zstd.
  // Errors: those of ByteSink::Create; FailedPrecondition (PARQUET_UNAVAILABLE) where the library
  // is not there.
  static absl::StatusOr<std::unique_ptr<TableWriter>> Create(const std::string& path,
                                                             TableFormat format,
                                                             std::vector<TableColumn> columns);

  // REQUIRES: as many cells as columns.
  virtual absl::Status Row(absl::Span<const TableCell> cells) = 0;
  virtual absl::Status Close() = 0;

  uint64_t rows() const { return rows_; }

 protected:
  uint64_t rows_ = 0;
};

}  // namespace halqa
