#include "engine/formats/csv_writer.h"

#include "engine/base/check.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

constexpr size_t kFlushBytes = 1 << 16;

// True when a spreadsheet would take the text for a formula.
bool LooksLikeFormula(absl::string_view text) {
  if (text.empty()) return false;
  const char c = text.front();
  if (c != '=' && c != '+' && c != '-' && c != '@') return false;
  return !ParseNumber(text, NumberStyle{'.'}).ok();
}

}  // namespace

CsvWriter::CsvWriter(std::unique_ptr<ByteSink> sink, std::vector<std::string> columns,
                     CsvWriterOptions options)
    : sink_(std::move(sink)), options_(options), columns_(columns.size()) {
  if (options_.byte_order_mark) buffer_ = "\xef\xbb\xbf";
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) buffer_.push_back(options_.delimiter);
    Cell(columns[i]);
  }
  buffer_.push_back('\n');
}

void CsvWriter::Cell(absl::string_view text) {
  const bool formula = LooksLikeFormula(text);
  const char special[] = {options_.delimiter, '"', '\n', '\r'};
  if (!formula && text.find_first_of(absl::string_view(special, 4)) == absl::string_view::npos) {
    buffer_.append(text.data(), text.size());
    return;
  }
  buffer_.push_back('"');
  if (formula) buffer_.push_back('\'');
  for (char c : text) {
    if (c == '"') buffer_.push_back('"');
    buffer_.push_back(c);
  }
  buffer_.push_back('"');
}

absl::Status CsvWriter::Flush() {
  HALQA_RETURN_IF_ERROR(sink_->Write(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status CsvWriter::Row(absl::Span<const std::string> cells) {
  HALQA_CHECK(cells.size() == columns_);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) buffer_.push_back(options_.delimiter);
    Cell(cells[i]);
  }
  buffer_.push_back('\n');
  return buffer_.size() < kFlushBytes ? absl::OkStatus() : Flush();
}

absl::Status CsvWriter::Close() {
  HALQA_RETURN_IF_ERROR(Flush());
  return sink_->Close();
}

}  // namespace halqa
