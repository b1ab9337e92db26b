#include "engine/formats/table_writer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_sink.h"
#include "engine/formats/csv_writer.h"
#include "engine/formats/json_text.h"
#include "engine/formats/parquet_writer.h"

namespace halqa {
namespace {

std::string NumberText(double value) {
  std::string text;
  AppendJsonNumber(value, &text);
  return text;
}

std::string CellText(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<uint64_t>(&cell)) return absl::StrCat(*whole);
  if (const auto* number = std::get_if<double>(&cell)) return NumberText(*number);
  return "";
}

std::vector<std::string> NamesOf(const std::vector<TableColumn>& columns) {
  std::vector<std::string> names;
  for (const TableColumn& c : columns) names.push_back(c.name);
  return names;
}

class CsvTable : public TableWriter {
 public:
  CsvTable(std::unique_ptr<ByteSink> sink, const std::vector<TableColumn>& columns)
      : csv_(std::move(sink), NamesOf(columns)) {}
  absl::Status Row(absl::Span<const TableCell> cells) override {
    ++rows_;
    texts_.clear();
    for (const TableCell& cell : cells) texts_.push_back(CellText(cell));
    return csv_.Row(texts_);
  }
  absl::Status Close() override { return csv_.Close(); }

 private:
  CsvWriter csv_;
  std::vector<std::string> texts_;
};

class NdjsonTable : public TableWriter {
 public:
  NdjsonTable(std::unique_ptr<ByteSink> sink, std::vector<TableColumn> columns)
      : sink_(std::move(sink)), columns_(std::move(columns)) {}
  absl::Status Row(absl::Span<const TableCell> cells) override {
    ++rows_;
    std::string line = "{";
    for (size_t i = 0; i < cells.size(); ++i) {
      if (std::holds_alternative<std::monostate>(cells[i])) continue;
      if (line.size() > 1) line += ',';
      AppendJsonString(columns_[i].name, &line);
      line += ':';
      if (const auto* text = std::get_if<std::string>(&cells[i])) {
        AppendJsonString(*text, &line);
      } else {
        line += CellText(cells[i]);
      }
    }
    return sink_->Write(line + "}\n");
  }
  absl::Status Close() override { return sink_->Close(); }

 private:
  std::unique_ptr<ByteSink> sink_;
  std::vector<TableColumn> columns_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> TableWriter::Create(const std::string& path,
                                                                 TableFormat format,
                                                                 std::vector<TableColumn> columns) {
  if (format == TableFormat::kParquet) return NewParquetTable(path, std::move(columns));
  HALQA_ASSIGN_OR_RETURN(auto sink, ByteSink::Create(path));
  if (format == TableFormat::kCsv) return std::make_unique<CsvTable>(std::move(sink), columns);
  return std::make_unique<NdjsonTable>(std::move(sink), std::move(columns));
}

}  // namespace halqa
