#pragma once
// The rules of docs/STYLE.md that a program can check.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::style {

struct SourceFile {
  std::string path;  // from the root of the source tree
  std::string text;
};

struct Violation {
  std::string path;
  int line = 0;
  std::string message;
};
std::string ToString(const Violation& v);  // "path:line: message"

inline constexpr int kFunctionLinesMax = 70, kFunctionLinesGood = 40;
inline constexpr int kFileLinesMax = 800, kFileLinesGood = 400;
inline constexpr int kColumnsMax = 100;

// Rooms: every include of one of our rooms against the table, every foreign header against the
// rooms that own it.
std::vector<Violation> CheckIncludes(const SourceFile& file);

// Lengths of functions, files and lines; tabs; `#pragma once`; `using namespace` in headers.
std::vector<Violation> CheckShape(const SourceFile& file);

// Functions and files above the good length and below the limit: a note, not a failure.
std::vector<Violation> ReportLong(const SourceFile& file);

// LINKS of one CMakeLists.txt against the table; and each room included by `sources`, the files of
// the same folder, must be linked.
std::vector<Violation> CheckLinks(const SourceFile& cmake, const std::vector<SourceFile>& sources);

// Every reason used in `file` must stand between backquotes in `errors_page`.
std::vector<Violation> CheckReasons(const SourceFile& file, absl::string_view errors_page);

// Whether the tests of a room are meant: they may include anything.
bool IsTest(absl::string_view path);

// All files below `folders` of `root` that `wanted` accepts, sorted by path.
std::vector<SourceFile> ReadTree(const std::string& root, const std::vector<std::string>& folders,
                                 bool (*wanted)(absl::string_view path));

}  // namespace halqa::style
