#pragma once
// Parquet through DuckDB's library, loaded when it is first asked for: no other library of Debian
// 12 writes it (docs/adr/0014-parquet-by-duckdb.md).

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/formats/table_writer.h"

namespace halqa {

// A table that becomes a Parquet file (zstd) at Close. Rows are gathered in a database file beside
// it, which is removed; memory stays below 1 GiB. Errors: FailedPrecondition (PARQUET_UNAVAILABLE),
// Internal (PARQUET_FAILED).
absl::StatusOr<std::unique_ptr<TableWriter>> NewParquetTable(const std::string& path,
                                                             std::vector<TableColumn> columns);

// The version of the library. Errors: FailedPrecondition (PARQUET_UNAVAILABLE), which says what was
// looked for. Looked for: the file that HALQA_DUCKDB names, libduckdb.so beside the program, and
// where the system looks for libraries.
absl::StatusOr<std::string> ParquetLibraryVersion();

}  // namespace halqa
