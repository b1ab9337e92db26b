#include "engine/formats/rows.h"

#include <simdjson.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

class CsvRows : public RowSource {
 public:
  CsvRows(std::unique_ptr<ByteSource> source, CsvDialect dialect)
      : reader_(std::move(source), dialect) {}
  absl::Status Open() override { return reader_.Open(); }
  const std::vector<std::string>& columns() const override { return reader_.columns(); }
  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) override {
    return reader_.Next(fields);
  }
  uint64_t line() const override { return reader_.line(); }
  absl::string_view raw() const override { return reader_.raw(); }
  const ByteSource& source() const override { return reader_.source(); }
  const CsvDialect* dialect() const override { return &reader_.dialect(); }
  bool TakePlain(size_t bytes, std::string* text, uint64_t* first_line) override {
    return reader_.TakePlain(bytes, text, first_line);
  }

 private:
  CsvReader reader_;
};

absl::Status InvalidJson(simdjson::error_code code) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_JSON",
                   absl::StrCat("not valid JSON: ", simdjson::error_message(code)));
}

// A plain value as text; arrays of plain values joined by blanks; objects and null are "".
void AppendValue(const element& value, std::string* out) {
  switch (value.type()) {
    case element_type::STRING: {
      const std::string_view text = value.get_string().value_unsafe();
      out->append(text.data(), text.size());
      return;
    }
    case element_type::INT64:
      absl::StrAppend(out, value.get_int64().value_unsafe());
      return;
    case element_type::UINT64:
      absl::StrAppend(out, value.get_uint64().value_unsafe());
      return;
    case element_type::DOUBLE:
      absl::StrAppend(out, value.get_double().value_unsafe());
      return;
    case element_type::BOOL:
      out->append(value.get_bool().value_unsafe() ? "true" : "false");
      return;
    case element_type::ARRAY: {
      bool first = true;
      const simdjson::dom::array list = value.get_array().value_unsafe();
      for (const element item : list) {
        if (!first) out->push_back(' ');
        first = false;
        AppendValue(item, out);
      }
      return;
    }
    default:
      return;
  }
}

class JsonRows : public RowSource {
 public:
  JsonRows(std::unique_ptr<ByteSource> source, JsonRowsOptions options)
      : options_(std::move(options)),
        lines_(std::move(source), LineReaderOptions{.line_bytes_max = size_t{1} << 30}) {
    if (!options_.rows.empty()) steps_ = absl::StrSplit(options_.rows, '/', absl::SkipEmpty());
    for (const std::string& column : options_.columns) {
      columns_.emplace_back(absl::StrSplit(column, '.'));
    }
  }

  absl::Status Open() override {
    if (options_.line_by_line) return absl::OkStatus();
    std::string document;
    absl::string_view line;
    for (;;) {
      HALQA_ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
      if (!more) break;
      absl::StrAppend(&document, line, "\n");
    }
    absl::string_view text = document;
    if (options_.skip_prefix) {
      const size_t start = text.find_first_of("[{");
      if (start == absl::string_view::npos) return InvalidJson(simdjson::EMPTY);
      text.remove_prefix(start);
    }
    // A JavaScript file may end its statement.
    while (options_.skip_prefix && !text.empty() && text.back() != ']' && text.back() != '}') {
      text.remove_suffix(1);
    }
    return Parse(text);
  }

  const std::vector<std::string>& columns() const override { return options_.columns; }

  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) override {
    while (at_ == rows_.size()) {
      if (!options_.line_by_line) return false;
      absl::string_view line;
      do {
        HALQA_ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
        if (!more) return false;
      } while (line.find_first_not_of(" \t\r") == absl::string_view::npos);
      raw_.assign(line.data(), line.size());
      HALQA_RETURN_IF_ERROR(Parse(line));
    }
    ++row_number_;
    const Row& row = rows_[at_++];
    if (!options_.line_by_line) raw_ = simdjson::minify(row.value);
    std::vector<size_t> ends;
    values_.clear();
    for (const auto& path : columns_) {
      AppendColumn(row, path);
      ends.push_back(values_.size());
    }
    fields->clear();
    size_t begin = 0;
    for (size_t end : ends) {
      fields->push_back(absl::string_view(values_).substr(begin, end - begin));
      begin = end;
    }
    return true;
  }

  uint64_t line() const override {
    return options_.line_by_line ? lines_.line_number() : row_number_;
  }
  absl::string_view raw() const override { return raw_; }
  const ByteSource& source() const override { return lines_.source(); }

 private:
  struct Row {
    std::string key;
    element value;
  };

  absl::Status Parse(absl::string_view text) {
    rows_.clear();
    at_ = 0;
    element root;
    if (auto error = parser_.parse(text.data(), text.size(), true).get(root)) {
      return InvalidJson(error);
    }
    return Collect("", root, 0);
  }

  absl::Status Collect(absl::string_view key, const element& value, size_t step) {
    if (step == steps_.size()) {
      rows_.push_back({std::string(key), value});
      return absl::OkStatus();
    }
    const bool every = steps_[step] == "*";
    if (every && value.is_array()) {
      const simdjson::dom::array list = value.get_array().value_unsafe();
      for (const element item : list) {
        HALQA_RETURN_IF_ERROR(Collect("", item, step + 1));
      }
      return absl::OkStatus();
    }
    if (every && value.is_object()) {
      const simdjson::dom::object members = value.get_object().value_unsafe();
      for (const auto field : members) {
        HALQA_RETURN_IF_ERROR(
            Collect(absl::string_view(field.key.data(), field.key.size()), field.value, step + 1));
      }
      return absl::OkStatus();
    }
    element child;
    if (!every && value.is_object() && !value[steps_[step]].get(child)) {
      return Collect(steps_[step], child, step + 1);
    }
    return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_JSON_PATH",
                     absl::StrCat("the document has nothing at \"", options_.rows, "\" (step ",
                                  step + 1, ", \"", steps_[step], "\")"));
  }

  void AppendColumn(const Row& row, const std::vector<std::string>& path) {
    if (path[0] == "@key") return values_.append(row.key), void();
    if (path[0] == "@value") return AppendValue(row.value, &values_);
    element at = row.value;
    for (const std::string& name : path) {
      // A number steps into an array: "string_list_data.0.value".
      if (at.is_array() && name.find_first_not_of("0123456789") == std::string::npos) {
        element item;
        const simdjson::dom::array list = at.get_array().value_unsafe();
        uint32_t index = 0;
        if (!absl::SimpleAtoi(name, &index) || list.at(index).get(item)) return;
        at = item;
        continue;
      }
      element child;
      if (!at.is_object() || at[name].get(child)) return;
      at = child;
    }
    AppendValue(at, &values_);
  }

  JsonRowsOptions options_;
  LineReader lines_;
  std::vector<std::string> steps_;
  std::vector<std::vector<std::string>> columns_;
  simdjson::dom::parser parser_;
  std::vector<Row> rows_;
  size_t at_ = 0;
  uint64_t row_number_ = 0;
  std::string values_, raw_;
};

}  // namespace

std::unique_ptr<RowSource> MakeCsvRows(std::unique_ptr<ByteSource> source, CsvDialect dialect) {
  return std::make_unique<CsvRows>(std::move(source), dialect);
}

std::unique_ptr<RowSource> MakeJsonRows(std::unique_ptr<ByteSource> source,
                                        JsonRowsOptions options) {
  return std::make_unique<JsonRows>(std::move(source), std::move(options));
}

}  // namespace halqa
