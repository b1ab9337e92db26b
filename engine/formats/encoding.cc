#include "engine/formats/encoding.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/records.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

// Windows-1252 code points of 0x80..0x9f; 0 = not assigned.
constexpr uint16_t k1252[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

size_t PutUtf8(uint32_t c, char* out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xc0 | (c >> 6));
    out[1] = static_cast<char>(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xe0 | (c >> 12));
    out[1] = static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out[2] = static_cast<char>(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = static_cast<char>(0xf0 | (c >> 18));
  out[1] = static_cast<char>(0x80 | ((c >> 12) & 0x3f));
  out[2] = static_cast<char>(0x80 | ((c >> 6) & 0x3f));
  out[3] = static_cast<char>(0x80 | (c & 0x3f));
  return 4;
}

// Bytes at the end of `text` that begin a sequence which may go on in the next block (0..3).
size_t OpenTail(absl::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto c = static_cast<uint8_t>(text[text.size() - back]);
    if ((c & 0xc0) == 0x80) continue;
    const size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

// Offset of the first byte of `text` where UTF-8 breaks. REQUIRES: it does.
size_t FirstBreak(absl::string_view text) {
  size_t good = 0, step = text.size();
  // The longest valid prefix; whole sequences only, so the search steps over cut ones.
  while (step > 0) {
    const size_t cut = std::min(good + step, text.size());
    const size_t tail = OpenTail(text.substr(0, cut));
    if (cut - tail > good && IsValidUtf8(text.substr(good, cut - tail - good))) {
      good = cut - tail;
    } else {
      step /= 2;
    }
  }
  return good;
}

// What the first bytes say: the encoding and the length of the byte order mark.
Encoding FromMark(absl::string_view head, Encoding declared, size_t* mark) {
  *mark = 0;
  if (absl::StartsWith(head, "\xef\xbb\xbf")) {
    *mark = 3;
    return Encoding::kUtf8;
  }
  if (absl::StartsWith(head, "\xff\xfe")) {
    *mark = 2;
    return Encoding::kUtf16Le;
  }
  if (absl::StartsWith(head, "\xfe\xff")) {
    *mark = 2;
    return Encoding::kUtf16Be;
  }
  if (declared != Encoding::kAuto && declared != Encoding::kOffice) return declared;
  if (head.size() >= 4 && head[0] != 0 && head[1] == 0 && head[3] == 0) return Encoding::kUtf16Le;
  if (head.size() >= 4 && head[0] == 0 && head[1] != 0 && head[2] == 0) return Encoding::kUtf16Be;
  return declared == Encoding::kAuto ? Encoding::kUtf8 : declared;
}

}  // namespace

absl::StatusOr<Encoding> ParseEncoding(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  if (lower == "auto" || lower.empty()) return Encoding::kAuto;
  if (lower == "utf-8" || lower == "utf8") return Encoding::kUtf8;
  if (lower == "office") return Encoding::kOffice;
  if (lower == "windows-1252" || lower == "cp1252" || lower == "latin1" || lower == "iso-8859-1") {
    return Encoding::kWindows1252;
  }
  if (lower == "utf-16le" || lower == "utf-16") return Encoding::kUtf16Le;
  if (lower == "utf-16be") return Encoding::kUtf16Be;
  return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_ENCODING",
                   absl::StrCat("\"", name,
                                "\" is no known encoding (auto, utf-8, office, windows-1252, "
                                "utf-16le, utf-16be)"),
                   {{"encoding", std::string(name)}});
}

TextSource::TextSource(std::unique_ptr<ByteSource> source, Encoding encoding)
    : source_(std::move(source)), encoding_(encoding) {}

absl::Status TextSource::Start() {
  started_ = true;
  char head[64];
  size_t have = 0;
  while (have < sizeof(head)) {
    HALQA_ASSIGN_OR_RETURN(const size_t n, source_->Read(head + have, sizeof(head) - have));
    if (n == 0) break;
    have += n;
  }
  size_t mark = 0;
  encoding_ = FromMark(absl::string_view(head, have), encoding_, &mark);
  held_.assign(head + mark, have - mark);
  bytes_ = mark;
  return absl::OkStatus();
}

absl::StatusOr<size_t> TextSource::ReadRaw(char* buf, size_t n) {
  const size_t have = std::min(n, held_.size());
  std::memcpy(buf, held_.data(), have);
  held_.erase(0, have);
  if (have == n || source_done_) return have;
  HALQA_ASSIGN_OR_RETURN(const size_t more, source_->Read(buf + have, n - have));
  if (more == 0) source_done_ = true;
  return have + more;
}

void TextSource::Settle(absl::string_view raw) {
  const auto first = std::find_if_not(raw.begin(), raw.end(), IsAscii);
  if (first == raw.end()) return;
  const auto last = std::find_if(first, raw.end(), IsAscii);
  const absl::string_view run =
      raw.substr(static_cast<size_t>(first - raw.begin()), static_cast<size_t>(last - first));
  const size_t tail = last == raw.end() ? OpenTail(run) : 0;
  const bool utf8 = IsValidUtf8(run.substr(0, run.size() - tail));
  encoding_ = utf8 ? Encoding::kUtf8 : Encoding::kWindows1252;
}

absl::Status TextSource::Invalid(absl::string_view before, absl::string_view what) {
  const uint64_t line =
      lines_ + 1 + static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n'));
  const uint64_t byte = bytes_ + before.size();
  return MakeError(
      absl::StatusCode::kInvalidArgument, "INVALID_ENCODING",
      absl::StrCat(source_->path(), ":", line, ": byte ", byte, ": ", what),
      {{"file", source_->path()}, {"line", absl::StrCat(line)}, {"byte", absl::StrCat(byte)}});
}

absl::StatusOr<size_t> TextSource::ReadUtf8(char* buf, size_t n) {
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const size_t have, ReadRaw(buf, n));
    if (have == 0) return 0;
    const absl::string_view text(buf, have);
    const size_t tail = source_done_ ? 0 : OpenTail(text);
    const size_t whole = have - tail;
    if (!simdjson::validate_utf8(buf, whole)) {
      const size_t at = FirstBreak(text.substr(0, whole));
      return Invalid(text.substr(0, at),
                     absl::StrFormat("0x%02x is not valid UTF-8 here (declare encoding = "
                                     "\"windows-1252\" or \"office\" if it is such a file)",
                                     static_cast<uint8_t>(buf[at])));
    }
    held_.insert(0, buf + whole, tail);
    if (whole == 0) continue;
    bytes_ += whole;
    lines_ += static_cast<uint64_t>(std::count(buf, buf + whole, '\n'));
    return whole;
  }
}

absl::StatusOr<size_t> TextSource::ReadBytes1252(char* buf, size_t n) {
  raw_.resize(n / 3);
  HALQA_ASSIGN_OR_RETURN(const size_t have, ReadRaw(raw_.data(), raw_.size()));
  size_t out = 0;
  for (size_t i = 0; i < have; ++i) {
    const auto c = static_cast<uint8_t>(raw_[i]);
    const uint32_t code = c >= 0x80 && c < 0xa0 ? k1252[c - 0x80] : c;
    if (code == 0 && c != 0) {
      return Invalid(absl::string_view(raw_.data(), i),
                     absl::StrFormat("0x%02x is not assigned in Windows-1252", c));
    }
    out += PutUtf8(code, buf + out);
  }
  bytes_ += have;
  lines_ += static_cast<uint64_t>(
      std::count(raw_.begin(), raw_.begin() + static_cast<std::ptrdiff_t>(have), '\n'));
  return out;
}

absl::StatusOr<size_t> TextSource::ReadUtf16(char* buf, size_t n, bool big_endian) {
  raw_.resize(n / 3 & ~size_t{3});
  size_t have = 0;
  do {  // whole units only
    HALQA_ASSIGN_OR_RETURN(const size_t more, ReadRaw(raw_.data() + have, raw_.size() - have));
    have += more;
    if (more == 0) break;
  } while (have < 4);
  auto unit = [&](size_t i) {
    const auto a = static_cast<uint8_t>(raw_[i]), b = static_cast<uint8_t>(raw_[i + 1]);
    return static_cast<uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  size_t i = 0, out = 0;
  uint64_t lines = 0;
  for (; i + 2 <= have; i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xd800 && c <= 0xdbff) {
      if (i + 4 > have && !source_done_) break;
      const uint32_t low = i + 4 <= have ? unit(i + 2) : 0;
      if (low < 0xdc00 || low > 0xdfff) break;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
      i += 2;
    } else if (c >= 0xdc00 && c <= 0xdfff) {
      break;
    }
    lines += c == '\n';
    out += PutUtf8(c, buf + out);
  }
  bytes_ += i;
  lines_ += lines;
  held_.insert(0, raw_.data() + i, have - i);
  if (out == 0 && have > 0) return Invalid("", "not valid UTF-16 (cut or unpaired surrogate)");
  return out;
}

absl::StatusOr<size_t> TextSource::Read(char* buf, size_t n) {
  if (!started_) HALQA_RETURN_IF_ERROR(Start());
  if (encoding_ == Encoding::kOffice) {
    // Until something beyond ASCII appears, both readings are the same.
    HALQA_ASSIGN_OR_RETURN(const size_t have, ReadRaw(buf, n / 3));
    if (have == 0) return 0;
    Settle(absl::string_view(buf, have));
    if (encoding_ != Encoding::kOffice) {
      held_.insert(0, buf, have);
    } else {
      bytes_ += have;
      lines_ += static_cast<uint64_t>(std::count(buf, buf + have, '\n'));
      return have;
    }
  }
  switch (encoding_) {
    case Encoding::kWindows1252:
      return ReadBytes1252(buf, n);
    case Encoding::kUtf16Le:
      return ReadUtf16(buf, n, false);
    case Encoding::kUtf16Be:
      return ReadUtf16(buf, n, true);
    default:
      return ReadUtf8(buf, n);
  }
}

}  // namespace halqa
