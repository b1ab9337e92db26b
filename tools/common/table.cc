#include "tools/common/table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "engine/base/check.h"

namespace halqa {
namespace {

struct Range {
  uint32_t first, last;
};

constexpr Range kNoWidth[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x670, 0x670},   {0x6d6, 0x6dc},   {0x6df, 0x6e4},   {0x6e7, 0x6e8},   {0x6ea, 0x6ed},
    {0x8d3, 0x8ff},   {0x1ab0, 0x1aff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};

constexpr Range kWide[] = {{0x1100, 0x115f},   {0x231a, 0x231b},   {0x2e80, 0x303e},
                           {0x3041, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
                           {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                           {0xffe0, 0xffe6},   {0x1f1e6, 0x1f1ff}, {0x1f300, 0x1f64f},
                           {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

constexpr Range kRightToLeft[] = {
    {0x590, 0x8ff}, {0xfb1d, 0xfdff}, {0xfe70, 0xfeff}, {0x10800, 0x10fff}, {0x1e800, 0x1efff}};

template <size_t n>
bool In(const Range (&ranges)[n], uint32_t c) {
  const auto* it = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                    [](uint32_t v, const Range& r) { return v < r.first; });
  return it != std::begin(ranges) && c <= (it - 1)->last;
}

// Reads one character; a broken byte counts as one.
uint32_t NextCharacter(absl::string_view text, size_t* length) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  *length = std::min(want, text.size());
  if (*length == 1) return lead;
  uint32_t c = lead & (0x7f >> *length);
  for (size_t i = 1; i < *length; ++i) c = c << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  return c;
}

size_t CellsOf(uint32_t c) {
  if (c < 0x20 || In(kNoWidth, c)) return 0;
  return In(kWide, c) ? 2 : 1;
}

}  // namespace

size_t DisplayWidth(absl::string_view utf8) {
  size_t cells = 0, length = 0;
  for (; !utf8.empty(); utf8.remove_prefix(length)) cells += CellsOf(NextCharacter(utf8, &length));
  return cells;
}

std::string Shorten(absl::string_view utf8, size_t cells) {
  if (DisplayWidth(utf8) <= cells) return std::string(utf8);
  size_t used = 0, bytes = 0, length = 0;
  while (bytes < utf8.size()) {
    const size_t width = CellsOf(NextCharacter(utf8.substr(bytes), &length));
    if (used + width + 1 > cells) break;
    used += width;
    bytes += length;
  }
  return absl::StrCat(utf8.substr(0, bytes), cells == 0 ? "" : "\xe2\x80\xa6");
}

std::string Isolated(absl::string_view utf8) {
  size_t length = 0;
  for (absl::string_view rest = utf8; !rest.empty(); rest.remove_prefix(length)) {
    if (!In(kRightToLeft, NextCharacter(rest, &length))) continue;
    return absl::StrCat("\xe2\x81\xa8", utf8, "\xe2\x81\xa9");  // FSI ... PDI
  }
  return std::string(utf8);
}

std::string WithThousands(uint64_t value) {
  const std::string digits = absl::StrCat(value);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

std::string BytesText(uint64_t bytes) {
  if (bytes < 10 << 10) return absl::StrCat(WithThousands(bytes), " B");
  const auto value = static_cast<double>(bytes);
  if (bytes < 10 << 20) return absl::StrFormat("%.0f KiB", value / 1024);
  if (bytes < 10ull << 30) return absl::StrFormat("%.1f MiB", value / (1 << 20));
  return absl::StrFormat("%.1f GiB", value / (1 << 30));
}

void Table::AddRow(std::vector<std::string> cells) {
  HALQA_CHECK(cells.size() == columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrReplaceAll({{"\n", " "}, {"\r", ""}, {"\t", " "}}, &cells[i]);
    cells[i] = Isolated(Shorten(cells[i], columns_[i].cells_max));
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Render() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  std::string out;
  auto line = [&](auto&& cell) {
    std::string text;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string pad(widths[i] - DisplayWidth(cell(i)), ' ');
      const bool right = columns_[i].align == Align::kRight;
      absl::StrAppend(&text, i == 0 ? "" : "  ", right ? pad : "", cell(i), right ? "" : pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&out, text, "\n");
  };
  line([&](size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) line([&](size_t i) -> const std::string& { return row[i]; });
  return out;
}

}  // namespace halqa
