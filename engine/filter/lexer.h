#pragma once
// Tokens of a filter.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::filter {

enum class LexKind : uint8_t {
  kWord,     // name, number, literal with or without '*'
  kString,   // quoted
  kCompare,  // = != < <= > >= :
  kOpen,
  kClose,
  kMinus,  // '-' before a factor
  kAnd,
  kOr,
  kNot,
  kEnd,
};

struct Lexeme {
  LexKind kind = LexKind::kEnd;
  std::string text;                                   // kString: without quotes and escapes
  size_t position = 0;                                // byte offset in the filter
  bool wildcard_begin = false, wildcard_end = false;  // an unescaped '*' there, not in text
};

// Splits a filter; the last lexeme is kEnd. Errors: InvalidArgument with reason and position:
// FILTER_SYNTAX (no UTF-8, open quote, '*' in the middle, stray sign).
absl::StatusOr<std::vector<Lexeme>> Lex(absl::string_view filter);

// InvalidArgument about the field "filter" with `position` (byte offset) among its details.
absl::Status FilterError(absl::string_view reason, size_t position, absl::string_view message);

}  // namespace halqa::filter
