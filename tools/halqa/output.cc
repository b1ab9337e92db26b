#include "tools/halqa/output.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"

namespace halqa::cli {

void Fail(const absl::Status& status, int exit_code) {
  const std::string reason = ErrorReason(status);
  std::fprintf(stderr, "halqa: %s%s%s%s\n", std::string(status.message()).c_str(),
               reason.empty() ? "" : " [", reason.c_str(), reason.empty() ? "" : "]");
  throw CLI::RuntimeError(exit_code);
}

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string NumberText(double value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end.ptr);
}

std::string JsonNumber(double value) { return std::isfinite(value) ? NumberText(value) : "null"; }

void JsonObject::Add(absl::string_view key, absl::string_view json) {
  absl::StrAppend(&members_, members_.empty() ? "" : ", ", JsonString(key), ": ", json);
}

}  // namespace halqa::cli
