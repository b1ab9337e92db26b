#include "engine/formats/json_text.h"

#include <charconv>
#include <cmath>

#include "engine/base/records.h"

namespace halqa {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// Length of the valid UTF-8 sequence at the front of `text`, 0 if there is none.
size_t ValidSequence(absl::string_view text) {
  for (size_t length = 2; length <= 4 && length <= text.size(); ++length) {
    if (IsValidUtf8(text.substr(0, length))) return length;
  }
  return 0;
}

void AppendEscape(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      out->append("\\u00");
      out->push_back(kHex[static_cast<uint8_t>(c) >> 4]);
      out->push_back(kHex[static_cast<uint8_t>(c) & 15]);
  }
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    const size_t valid = c < 0x80 ? 1 : ValidSequence(text.substr(i));
    const bool plain = valid > 0 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
    if (plain) {
      i += valid;
      continue;
    }
    out->append(text.data() + copied, i - copied);
    if (valid == 0) {
      out->append("\xef\xbf\xbd");
    } else {
      AppendEscape(text[i], out);
    }
    copied = ++i;
  }
  out->append(text.data() + copied, text.size() - copied);
  out->push_back('"');
}

void AppendJsonNumber(double value, std::string* out) {
  if (!std::isfinite(value)) {
    out->append("null");
    return;
  }
  char buf[32];
  const auto end = std::to_chars(buf, buf + sizeof(buf), value).ptr;
  out->append(buf, static_cast<size_t>(end - buf));
}

}  // namespace halqa
