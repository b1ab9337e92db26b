#pragma once
// The tree of a filter, before and after it is checked against a schema.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::filter {

enum class Comparator : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe, kHas };

struct Node {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kCompare, kLiteral };
  Kind kind = Kind::kAnd;
  std::vector<std::unique_ptr<Node>> children;  // kAnd, kOr: two or more; kNot: one

  // kCompare: name, comparator, value. kLiteral: value.
  std::string name;
  Comparator comparator = Comparator::kEq;
  std::string value;
  bool quoted = false;  // the value stood in quotes
  bool wildcard_begin = false, wildcard_end = false;
  size_t position = 0, value_position = 0;

  // Set by the type check.
  int field = -1;
  double number = 0;
  std::string lower;  // value in ASCII lower case
};

// Limits of a filter; beyond them: InvalidArgument FILTER_TOO_LONG, FILTER_TOO_MANY_TERMS,
// FILTER_TOO_DEEP, FILTER_TOO_MANY_WILDCARDS, each with "allowed".
inline constexpr size_t kFilterBytesMax = 4096;
inline constexpr int kFilterTermsMax = 64;
inline constexpr int kFilterDepthMax = 8;
inline constexpr int kFilterWildcardsMax = 10;

// Parses the AIP-160 grammar; null for a blank filter. Terms beside each other are joined by AND,
// OR binds tighter than AND, NOT and '-' bind tightest. Errors: InvalidArgument as above and
// FILTER_SYNTAX, with the position.
absl::StatusOr<std::unique_ptr<Node>> Parse(absl::string_view filter);

// The filter in one canonical spelling, every AND and OR in parentheses: the key of page tokens and
// echoes. Parses to the same tree unless those parentheses exceed kFilterDepthMax.
std::string ToString(const Node& node);

}  // namespace halqa::filter
