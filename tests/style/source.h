#pragma once
// What the style test knows of C++: enough to blank comments and texts and to find function bodies.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa::style {

// The same bytes with the inside of comments, of character and string literals (raw ones too) and
// of
// `#define` bodies replaced by blanks. Line breaks stay, so offsets and line numbers are those of
// the source.
std::string BlankCode(absl::string_view text);

// The same bytes with comments blanked only.
std::string BlankComments(absl::string_view text);

// Numbers of the lines (from 1) that a raw string literal touches.
std::vector<int> RawStringLines(absl::string_view text);

struct Function {
  std::string name;
  int line = 0;        // of the opening brace of its body
  int line_count = 0;  // from that line to the line of the closing brace, both included
};

// Functions with a body at namespace or class scope, in order. Lambdas and classes inside a body
// are part of it. `text` is source code, not yet blanked.
std::vector<Function> FindFunctions(absl::string_view text);

struct Include {
  int line = 0;
  std::string path;
  bool quoted = false;
};
std::vector<Include> FindIncludes(absl::string_view text);

// Text literals of the form UPPER_SNAKE that stand outside comments, with their lines. A single
// word counts only where it is the reason in a call of MakeError, FieldError or ErrnoError.
struct Reason {
  int line = 0;
  std::string name;
};
std::vector<Reason> FindReasons(absl::string_view text);

// Number of code points, which is what a column is here.
int Columns(absl::string_view line);

}  // namespace halqa::style
