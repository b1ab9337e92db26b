#include "engine/formats/csv.h"

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"

namespace halqa {
namespace {

constexpr size_t kNone = absl::string_view::npos;

// `line` without its line end.
absl::string_view WithoutEnd(absl::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

void SplitBlanks(absl::string_view row, std::vector<absl::string_view>* fields) {
  size_t i = 0;
  while (i < row.size()) {
    while (i < row.size() && IsBlank(row[i])) ++i;
    const size_t start = i;
    while (i < row.size() && !IsBlank(row[i])) ++i;
    if (i > start) fields->push_back(row.substr(start, i - start));
  }
}

void SplitPlain(absl::string_view row, char delimiter, std::vector<absl::string_view>* fields) {
  if (delimiter == ' ') return SplitBlanks(row, fields);
  for (;;) {
    const size_t at = row.find(delimiter);
    fields->push_back(row.substr(0, at));
    if (at == kNone) return;
    row.remove_prefix(at + 1);
  }
}

// Blank lines and comments.
bool HoldsNoRow(absl::string_view line, const CsvDialect& dialect) {
  return line.empty() || (dialect.comment != 0 && line.front() == dialect.comment) ||
         (dialect.delimiter == ' ' && line.find_first_not_of(" \t") == kNone);
}

absl::Status ErrorOfRow(uint64_t line, absl::string_view reason, absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message,
                   {{"line", absl::StrCat(line)}});
}

absl::Status TooLong(uint64_t line, size_t bytes_max) {
  return ErrorOfRow(line, "ROW_TOO_LONG", absl::StrCat("longer than ", bytes_max, " bytes"));
}

absl::Status Ragged(uint64_t line, size_t has, size_t wants) {
  return ErrorOfRow(line, "RAGGED_ROW",
                    absl::StrCat("the row has ", has, " columns, expected ", wants));
}

}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, CsvDialect dialect)
    : text_(std::move(source), dialect.encoding), dialect_(dialect), buffer_(1 << 18) {
  if (dialect_.delimiter == ' ') dialect_.quote = 0;
}

absl::Status CsvReader::RowError(absl::string_view reason, absl::string_view message) const {
  return ErrorOfRow(line_, reason, message);
}

absl::StatusOr<bool> CsvReader::Fill() {
  if (!failed_.ok()) return failed_;
  if (done_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < 4096) buffer_.resize(buffer_.size() * 2);
  auto n = text_.Read(buffer_.data() + end_, buffer_.size() - end_);
  if (!n.ok()) {
    failed_ = n.status();
    return failed_;
  }
  end_ += *n;
  done_ = *n == 0;
  return *n > 0;
}

absl::StatusOr<size_t> CsvReader::LineEnd(size_t from) {
  for (size_t scanned = from;;) {
    const char* start = buffer_.data() + begin_ + scanned;
    const size_t have = end_ - begin_ - scanned;
    if (const void* hit = have == 0 ? nullptr : std::memchr(start, '\n', have)) {
      return static_cast<size_t>(static_cast<const char*>(hit) - (buffer_.data() + begin_)) + 1;
    }
    scanned = end_ - begin_;
    if (scanned > dialect_.row_bytes_max) return scanned;
    HALQA_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return scanned > from ? scanned : kNone;
  }
}

absl::StatusOr<size_t> CsvReader::QuotedEnd(size_t first_end) {
  size_t end = first_end, i = 0;
  bool inside = false, at_start = true;
  for (;;) {
    for (; i < end; ++i) {
      const char c = buffer_[begin_ + i];
      if (c == dialect_.quote && (inside || at_start)) {
        if (inside && i + 1 < end && buffer_[begin_ + i + 1] == dialect_.quote) {
          ++i;
        } else {
          inside = !inside;
        }
        at_start = false;
      } else if (!inside) {
        at_start = c == dialect_.delimiter;
      }
    }
    if (!inside) return end;
    HALQA_ASSIGN_OR_RETURN(const size_t next, LineEnd(end));
    if (next == kNone || next > dialect_.row_bytes_max) return kNone;
    end = next;
  }
}

absl::Status CsvReader::SplitQuoted(std::vector<absl::string_view>* fields) {
  char* p = buffer_.data() + (raw_.data() - buffer_.data());
  char* const stop = p + raw_.size();
  quoted_raw_.assign(raw_.data(), raw_.size());
  raw_ = quoted_raw_;
  for (;;) {
    char* out = p;
    char* const start = p;
    if (p < stop && *p == dialect_.quote) {
      for (++p; p < stop; ++p) {
        if (*p == dialect_.quote && (p + 1 >= stop || p[1] != dialect_.quote)) break;
        if (*p == dialect_.quote) ++p;
        *out++ = *p;
      }
      ++p;
      if (p < stop && *p != dialect_.delimiter) {
        return RowError("BAD_QUOTE", "text follows a closing quote");
      }
    } else {
      while (p < stop && *p != dialect_.delimiter) ++p;
      out = p;
    }
    fields->emplace_back(start, static_cast<size_t>(out - start));
    if (p >= stop) return absl::OkStatus();
    ++p;
  }
}

absl::Status CsvReader::ReadQuoted(size_t first_end, std::vector<absl::string_view>* fields) {
  // First find where the record ends, without touching it: more of the file may have to be read.
  HALQA_ASSIGN_OR_RETURN(const size_t end, QuotedEnd(first_end));
  if (end == kNone) {
    raw_ = WithoutEnd(absl::string_view(buffer_.data() + begin_, first_end));
    begin_ += first_end;
    ++next_line_;
    return RowError("UNTERMINATED_QUOTE", "a quote that opens on this line is never closed");
  }
  const absl::string_view whole(buffer_.data() + begin_, end);
  next_line_ += static_cast<uint64_t>(std::count(whole.begin(), whole.end(), '\n'));
  if (whole.back() != '\n') ++next_line_;
  raw_ = WithoutEnd(whole);
  begin_ += end;
  return SplitQuoted(fields);
}

absl::Status CsvReader::SkipLongLine() {
  raw_ = absl::string_view(buffer_.data() + begin_, 200);
  while (begin_ < end_ || !done_) {
    const auto* hit =
        static_cast<const char*>(std::memchr(buffer_.data() + begin_, '\n', end_ - begin_));
    begin_ = hit == nullptr ? end_ : static_cast<size_t>(hit - buffer_.data()) + 1;
    if (hit != nullptr) break;
    raw_ = "";
    HALQA_RETURN_IF_ERROR(Fill().status());
  }
  ++next_line_;
  return TooLong(line_, dialect_.row_bytes_max);
}

absl::StatusOr<bool> CsvReader::NextRow(std::vector<absl::string_view>* fields) {
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const size_t end, LineEnd(0));
    if (end == kNone) return false;
    line_ = next_line_;
    const absl::string_view row = WithoutEnd(absl::string_view(buffer_.data() + begin_, end));
    if (end > dialect_.row_bytes_max) return SkipLongLine();
    if (HoldsNoRow(row, dialect_)) {
      begin_ += end;
      ++next_line_;
      continue;
    }
    fields->clear();
    if (dialect_.quote != 0 && std::memchr(row.data(), dialect_.quote, row.size()) != nullptr) {
      HALQA_RETURN_IF_ERROR(ReadQuoted(end, fields));
      return true;
    }
    raw_ = row;
    begin_ += end;
    ++next_line_;
    SplitPlain(row, dialect_.delimiter, fields);
    return true;
  }
}

absl::Status CsvReader::GuessDelimiter() {
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const size_t end, LineEnd(0));
    if (end == kNone) break;
    const absl::string_view row = WithoutEnd(absl::string_view(buffer_.data() + begin_, end));
    const bool sep = absl::StartsWith(row, "sep=") && row.size() == 5;
    if (sep && dialect_.delimiter == 0) dialect_.delimiter = row[4];
    if (sep || row.empty() || (dialect_.comment != 0 && row.front() == dialect_.comment)) {
      begin_ += end;
      ++next_line_;
      continue;
    }
    if (dialect_.delimiter != 0) break;
    size_t most = 0;
    bool inside = false;
    size_t counts[128] = {};
    for (char c : row) {
      if (c == dialect_.quote && c != 0) inside = !inside;
      if (!inside && c > 0) ++counts[static_cast<size_t>(c)];
    }
    dialect_.delimiter = ',';
    for (char candidate : {'\t', ';', ',', '|'}) {
      if (counts[static_cast<size_t>(candidate)] <= most) continue;
      most = counts[static_cast<size_t>(candidate)];
      dialect_.delimiter = candidate;
    }
    break;
  }
  if (dialect_.delimiter == 0) dialect_.delimiter = ',';
  return absl::OkStatus();
}

absl::Status CsvReader::Open() {
  HALQA_RETURN_IF_ERROR(GuessDelimiter());
  HALQA_ASSIGN_OR_RETURN(const bool any, NextRow(&first_));
  if (!any && dialect_.header) {
    return RowError("MISSING_COLUMN", "the file is empty; its first line should name the columns");
  }
  if (!any) return absl::OkStatus();
  if (!dialect_.header) {
    pending_ = true;
    for (size_t i = 1; i <= first_.size(); ++i) columns_.push_back(absl::StrCat(i));
    return absl::OkStatus();
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (absl::string_view name : first_) {
    const absl::string_view trimmed = TrimBlank(name);
    if (!trimmed.empty() && !seen.insert(trimmed).second) {
      return RowError("DUPLICATE_COLUMN", absl::StrCat("column \"", trimmed, "\" stands twice"));
    }
    columns_.emplace_back(trimmed);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvReader::Next(std::vector<absl::string_view>* fields) {
  if (pending_) {
    pending_ = false;
    *fields = first_;
    return true;
  }
  HALQA_ASSIGN_OR_RETURN(const bool any, NextRow(fields));
  if (!any || fields->size() == columns_.size()) return any;
  return Ragged(line_, fields->size(), columns_.size());
}

bool CsvReader::TakePlain(size_t bytes, std::string* text, uint64_t* first_line) {
  if (pending_) return false;
  while (end_ - begin_ < bytes) {
    const auto more = Fill();  // an error stays, and Next reports it behind the rows before it
    if (!more.ok() || !*more) break;
  }
  absl::string_view have(buffer_.data() + begin_, std::min(bytes, end_ - begin_));
  if (dialect_.quote != 0) have = have.substr(0, have.find(dialect_.quote));
  have = have.substr(0, have.rfind('\n') + 1);
  if (have.size() < bytes / 16) return false;
  text->assign(have.data(), have.size());
  *first_line = next_line_;
  next_line_ += static_cast<uint64_t>(std::count(have.begin(), have.end(), '\n'));
  begin_ += have.size();
  return true;
}

absl::StatusOr<bool> PlainRows::Next(std::vector<absl::string_view>* fields) {
  while (!rest_.empty()) {
    const size_t end = std::min(rest_.find('\n'), rest_.size() - 1) + 1;
    const absl::string_view row = WithoutEnd(rest_.substr(0, end));
    rest_.remove_prefix(end);
    line_ = next_line_++;
    raw_ = row.substr(0, end > dialect_.row_bytes_max ? 200 : kNone);
    if (end > dialect_.row_bytes_max) return TooLong(line_, dialect_.row_bytes_max);
    if (HoldsNoRow(row, dialect_)) continue;
    fields->clear();
    SplitPlain(row, dialect_.delimiter, fields);
    if (fields->size() == columns_) return true;
    return Ragged(line_, fields->size(), columns_);
  }
  return false;
}

}  // namespace halqa
