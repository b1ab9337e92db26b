#include "engine/formats/parquet_writer.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/formats/duckdb_api.h"

namespace halqa {
namespace {

namespace fs = std::filesystem;

std::string Quoted(absl::string_view text, const char* quote) {
  return absl::StrCat(quote, absl::StrReplaceAll(text, {{quote, absl::StrCat(quote, quote)}}),
                      quote);
}

const char* TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kWhole:
      return "UBIGINT";
    case ColumnType::kNumber:
      return "DOUBLE";
  }
  return "VARCHAR";
}

class ParquetTable : public TableWriter {
 public:
  ParquetTable(const DuckDbApi& duck, std::string path)
      : duck_(duck), path_(std::move(path)), gathering_(path_ + ".gathering") {}
  ~ParquetTable() override { Leave(); }

  absl::Status Open(const std::vector<TableColumn>& columns);
  absl::Status Row(absl::Span<const TableCell> cells) override;
  absl::Status Close() override;

 private:
  absl::Status Failed(absl::string_view why) const {
    return MakeError(absl::StatusCode::kInternal, "PARQUET_FAILED", absl::StrCat(path_, ": ", why),
                     {{"path", path_}});
  }
  absl::Status Query(const std::string& sql);
  bool Append(const TableCell& cell);
  void Leave();

  const DuckDbApi& duck_;
  const std::string path_, gathering_;
  void *database_ = nullptr, *connection_ = nullptr, *appender_ = nullptr;
};

absl::Status ParquetTable::Query(const std::string& sql) {
  DuckDbResult result{};
  const bool good = duck_.query(connection_, sql.c_str(), &result) == 0;
  const char* why = good ? "" : duck_.result_error(&result);
  const absl::Status status = good ? absl::OkStatus() : Failed(why == nullptr ? sql : why);
  duck_.destroy_result(&result);
  return status;
}

absl::Status ParquetTable::Open(const std::vector<TableColumn>& columns) {
  std::error_code none;
  fs::remove_all(gathering_, none);  // of a run that was killed
  fs::create_directories(gathering_, none);
  if (duck_.open(absl::StrCat(gathering_, "/rows").c_str(), &database_) != 0 ||
      duck_.connect(database_, &connection_) != 0) {
    return Failed("a file beside it cannot be made");
  }
  HALQA_RETURN_IF_ERROR(Query("SET memory_limit = '1GB'"));
  HALQA_RETURN_IF_ERROR(Query("SET threads = 2"));
  std::vector<std::string> list;
  for (const TableColumn& c : columns)
    list.push_back(absl::StrCat(Quoted(c.name, "\""), " ", TypeName(c.type)));
  HALQA_RETURN_IF_ERROR(Query(absl::StrCat("CREATE TABLE t (", absl::StrJoin(list, ", "), ")")));
  if (duck_.appender_create(connection_, nullptr, "t", &appender_) == 0) return absl::OkStatus();
  return Failed(duck_.appender_error(appender_));
}

bool ParquetTable::Append(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell))
    return duck_.append_varchar_length(appender_, text->data(), text->size()) == 0;
  if (const auto* whole = std::get_if<uint64_t>(&cell))
    return duck_.append_uint64(appender_, *whole) == 0;
  if (const auto* number = std::get_if<double>(&cell))
    return duck_.append_double(appender_, *number) == 0;
  return duck_.append_null(appender_) == 0;
}

absl::Status ParquetTable::Row(absl::Span<const TableCell> cells) {
  ++rows_;
  for (const TableCell& cell : cells) {
    if (!Append(cell)) return Failed(duck_.appender_error(appender_));
  }
  if (duck_.appender_end_row(appender_) == 0) return absl::OkStatus();
  return Failed(duck_.appender_error(appender_));
}

absl::Status ParquetTable::Close() {
  if (duck_.appender_destroy(&appender_) != 0) return Failed("not all rows could be kept");
  const std::string part = absl::StrCat(path_, ".part");
  HALQA_RETURN_IF_ERROR(
      Query(absl::StrCat("COPY t TO ", Quoted(part, "'"), " (FORMAT PARQUET, COMPRESSION ZSTD)")));
  Leave();
  HALQA_RETURN_IF_ERROR(SyncFile(part));
  std::error_code error;
  fs::rename(part, path_, error);
  if (error) return Failed(error.message());
  return SyncDirectory(fs::absolute(path_).parent_path().string());
}

void ParquetTable::Leave() {
  if (appender_ != nullptr) duck_.appender_destroy(&appender_);
  if (connection_ != nullptr) duck_.disconnect(&connection_);
  if (database_ != nullptr) duck_.close(&database_);
  std::error_code none;
  fs::remove_all(gathering_, none);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> NewParquetTable(const std::string& path,
                                                             std::vector<TableColumn> columns) {
  HALQA_ASSIGN_OR_RETURN(const DuckDbApi* duck, DuckDbApi::Load());
  auto table = std::make_unique<ParquetTable>(*duck, path);
  HALQA_RETURN_IF_ERROR(table->Open(columns));
  return table;
}

absl::StatusOr<std::string> ParquetLibraryVersion() {
  HALQA_ASSIGN_OR_RETURN(const DuckDbApi* duck, DuckDbApi::Load());
  return std::string(duck->library_version());
}

}  // namespace halqa
