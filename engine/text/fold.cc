#include "engine/text/fold.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "engine/base/check.h"

namespace halqa::text {
namespace {

const icu::Normalizer2& CaseFolder() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* folder = icu::Normalizer2::getNFKCCasefoldInstance(error);
  HALQA_CHECK(U_SUCCESS(error));
  return *folder;
}

const icu::Normalizer2& Decomposer() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* decomposer = icu::Normalizer2::getNFDInstance(error);
  HALQA_CHECK(U_SUCCESS(error));
  return *decomposer;
}

bool IsRemovedArabicMark(UChar32 c) {
  return c == 0x0640 || (c >= 0x064b && c <= 0x065f) || c == 0x0670 ||
         (c >= 0x0610 && c <= 0x061a) || (c >= 0x06d6 && c <= 0x06ed && c != 0x06de && c != 0x06e9);
}

UChar32 FoldArabic(UChar32 c) {
  switch (c) {
    case 0x0622:  // آ
    case 0x0623:  // أ
    case 0x0625:  // إ
    case 0x0671:  // ٱ
      return 0x0627;
    case 0x0649:  // ى
    case 0x06cc:  // Persian ی
      return 0x064a;
    case 0x0629:  // ة
      return 0x0647;
    case 0x06a9:  // Persian ک
      return 0x0643;
    default:
      break;
  }
  if (c >= 0x0660 && c <= 0x0669) return '0' + (c - 0x0660);
  if (c >= 0x06f0 && c <= 0x06f9) return '0' + (c - 0x06f0);
  return c;
}

// Appends code points and squeezes runs of three or more equal letters to one as they pass.
class Squeezer {
 public:
  void Push(UChar32 c) {
    if (c == last_) {
      ++run_;
    } else {
      Flush();
      last_ = c;
      run_ = 1;
    }
  }
  icu::UnicodeString Take() {
    Flush();
    return std::move(out_);
  }

 private:
  void Flush() {
    const int copies = run_ >= 3 && u_isalpha(last_) ? 1 : run_;
    for (int i = 0; i < copies; ++i) out_.append(last_);
    run_ = 0;
  }
  icu::UnicodeString out_;
  UChar32 last_ = -1;
  int run_ = 0;
};

std::string FoldAscii(absl::string_view ascii) {
  std::string out;
  out.reserve(ascii.size());
  for (size_t i = 0; i < ascii.size();) {
    const char c = absl::ascii_tolower(ascii[i]);
    size_t end = i + 1;
    while (end < ascii.size() && absl::ascii_tolower(ascii[end]) == c) ++end;
    out.append(end - i >= 3 && absl::ascii_isalpha(c) ? 1 : end - i, c);
    i = end;
  }
  return out;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isascii(c); });
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString FromUtf8(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

}  // namespace

std::string FoldKeepingAccents(absl::string_view utf8) {
  if (IsAscii(utf8)) return FoldAscii(utf8);
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString folded = CaseFolder().normalize(FromUtf8(utf8), error);
  HALQA_CHECK(U_SUCCESS(error));
  Squeezer squeezer;
  for (int32_t i = 0; i < folded.length();) {
    const UChar32 c = folded.char32At(i);
    i += U16_LENGTH(c);
    if (!IsRemovedArabicMark(c)) squeezer.Push(FoldArabic(c));
  }
  return ToUtf8(squeezer.Take());
}

std::string StripLatinAccents(absl::string_view folded) {
  if (IsAscii(folded)) return std::string(folded);
  const icu::UnicodeString text = FromUtf8(folded);
  Squeezer squeezer;
  icu::UnicodeString parts;
  for (int32_t i = 0; i < text.length();) {
    const UChar32 c = text.char32At(i);
    i += U16_LENGTH(c);
    if (c >= 0x0300 && c <= 0x036f) continue;
    if (c == 0x0153 || c == 0x00e6) {  // œ, æ
      squeezer.Push(c == 0x0153 ? 'o' : 'a');
      squeezer.Push('e');
    } else if (((c >= 0xc0 && c <= 0x24f) || (c >= 0x1e00 && c <= 0x1eff)) &&
               Decomposer().getDecomposition(c, parts)) {
      for (int32_t k = 0; k < parts.length(); k += U16_LENGTH(parts.char32At(k))) {
        const UChar32 part = parts.char32At(k);
        if (part < 0x0300 || part > 0x036f) squeezer.Push(part);
      }
    } else {
      squeezer.Push(c);
    }
  }
  return ToUtf8(squeezer.Take());
}

std::string Fold(absl::string_view utf8) { return StripLatinAccents(FoldKeepingAccents(utf8)); }

}  // namespace halqa::text
