#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace halqa {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so the
// output is always valid JSON. Cost: about 1 ns per byte.
void AppendJsonString(absl::string_view text, std::string* out);

// Appends a finite number in the shortest form that reads back to the same bits; others become
// null.
void AppendJsonNumber(double value, std::string* out);

}  // namespace halqa
