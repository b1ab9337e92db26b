#pragma once
// One spelling for text that a reader takes for the same: the key of exact matching.

#include <string>

#include "absl/strings/string_view.h"

namespace halqa::text {

// Rises whenever Fold or FoldKeepingAccents can return other bytes for the same input.
inline constexpr int kFoldVersion = 1;

// Returns `utf8` in NFKC with case folded, and
//   tatweel, harakat and Quranic marks removed; أ إ آ ٱ -> ا, ى ی -> ي, ة -> ه, ک -> ك;
//   Arabic and Persian digits -> ASCII digits;
//   elongation squeezed: a letter that stands three times or more in a row is kept once
//   ("bzaaaaf" -> "bzaf"), doubles are kept, digits are never squeezed.
// گ ڭ ڤ are kept: they are letters of Darija. Idempotent. Bytes that are no UTF-8 become U+FFFD.
// Cost: linear; plain ASCII takes a path without ICU.
std::string FoldKeepingAccents(absl::string_view utf8);

// The same without Latin accents: "Beauté" -> "beaute", "œuf" -> "oeuf". Hashtags and many bios
// leave them out, so the exact key must too; stems are made from the accented form.
std::string Fold(absl::string_view utf8);

// Removes the accents of Latin letters from text that is folded already.
std::string StripLatinAccents(absl::string_view folded);

}  // namespace halqa::text
