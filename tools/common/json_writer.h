#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace halqa {

// Writes one JSON value, member by member: commas, quotes and escapes are its business.
//
// Thread safety: one thread at a time.
// Invariants: 1. what text() returns after the outermost End is valid JSON in UTF-8.
// REQUIRES: Key before each value inside an object; every Begin has its End.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Begin('{', '}'); }
  JsonWriter& BeginArray() { return Begin('[', ']'); }
  // Closes the innermost object or array.
  JsonWriter& End();
  JsonWriter& Key(absl::string_view name);
  JsonWriter& String(absl::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& UInt(uint64_t value);
  // Infinities and NaN become null.
  JsonWriter& Number(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // A value that is JSON already.
  JsonWriter& Raw(absl::string_view json);

  const std::string& text() const { return text_; }

 private:
  JsonWriter& Begin(char open, char close);
  void Separate();
  std::string text_;
  std::vector<char> closers_;
  bool first_ = true, after_key_ = false;
};

}  // namespace halqa
