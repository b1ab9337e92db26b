#pragma once
// Aligned tables for people, in any script.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa {

// Number of terminal cells that `utf8` fills: combining marks and direction marks take none, wide
// characters two.
size_t DisplayWidth(absl::string_view utf8);

// The front of `utf8` that fits into `cells`, with an ellipsis where something was cut.
std::string Shorten(absl::string_view utf8, size_t cells);

// `utf8` between marks that keep text from right to left from reordering what stands beside it;
// unchanged where it holds none.
std::string Isolated(absl::string_view utf8);

// "1234567" -> "1,234,567".
std::string WithThousands(uint64_t value);

// "3,408 B", "11 KiB", "1.5 MiB", "20.1 GiB".
std::string BytesText(uint64_t bytes);

// Thread safety: one thread at a time.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    size_t cells_max = 60;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // REQUIRES: as many cells as columns.
  void AddRow(std::vector<std::string> cells);
  size_t rows() const { return rows_.size(); }
  // All rows under their titles, two blanks between columns, no blanks at line ends. Line breaks
  // inside cells become blanks.
  std::string Render() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace halqa
