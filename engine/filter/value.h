#pragma once
// Values, fields and rows: what a filter is checked against and evaluated on.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace halqa::filter {

// Kleene's three truth values. A comparison with an unknown signal is neither true nor false.
enum class Tri : uint8_t { kFalse, kUnknown, kTrue };
constexpr Tri Not(Tri a) { return static_cast<Tri>(2 - static_cast<int>(a)); }
constexpr Tri And(Tri a, Tri b) { return a < b ? a : b; }
constexpr Tri Or(Tri a, Tri b) { return a < b ? b : a; }
constexpr Tri FromBool(bool b) { return b ? Tri::kTrue : Tri::kFalse; }

enum class FieldType : uint8_t {
  kNumber,      // = != < <= > >=
  kBool,        // = !=
  kString,      // = != with '*' at either end; ':' = contains; letter case is ignored
  kEnum,        // = !=; < <= > >= when the values are ordered
  kStringList,  // ':' and '=': some element equals; letter case is ignored
};

struct Field {
  std::string name;  // [a-z_][a-z0-9_.]*
  FieldType type = FieldType::kString;
  std::vector<std::string> values;  // of an enum, in their order
  bool ordered = false;             // whether < and > make sense for the enum
};

// The fields that a filter may name; a row answers by the field's index here.
struct Schema {
  std::vector<Field> fields;
};

// What a row says about a field. Views are valid until the row's next call.
struct Value {
  bool known = false;
  double number = 0;                   // kNumber; kBool: 0 or 1; kEnum: index of the value
  absl::string_view text;              // kString
  absl::Span<const std::string> list;  // kStringList

  static Value Unknown() { return {}; }
  static Value Number(double v) { return {true, v, {}, {}}; }
  static Value Bool(bool v) { return {true, v ? 1.0 : 0.0, {}, {}}; }
  static Value Enum(size_t index) { return {true, static_cast<double>(index), {}, {}}; }
  static Value Text(absl::string_view v) { return {true, 0, v, {}}; }
  static Value List(absl::Span<const std::string> v) { return {true, 0, {}, v}; }
};

class Row {
 public:
  virtual ~Row() = default;
  // The value of schema.fields[field].
  virtual Value Get(int field) const = 0;
  // Whether the row's text holds `word` (a bare literal of the filter); with `prefix`, a word that
  // starts with it. Rows without text say unknown.
  virtual Tri MatchesText(absl::string_view word, bool prefix) const {
    (void)word, (void)prefix;
    return Tri::kUnknown;
  }
};

}  // namespace halqa::filter
