#include "engine/base/records.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/error.h"

namespace halqa {
namespace {

constexpr std::array<absl::string_view, kInteractionKinds> kKindNames = {
    "like", "comment", "share", "mention", "reply", "click", "visit", "purchase"};

// Length of the UTF-8 sequence that starts with `lead`, 0 if it starts none.
int SequenceLength(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// Bounds of the second byte, which exclude overlong forms, surrogates and values above U+10FFFF.
bool SecondByteOk(uint8_t lead, uint8_t second) {
  const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

absl::Status BadId(absl::string_view id, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_EXTERNAL_ID",
                   absl::StrCat("external id \"", id.substr(0, 80), "\": ", why,
                                " (expected platform:native_id, for example instagram:42)"),
                   {{"external_id", std::string(id.substr(0, 80))}});
}

bool IsPlatformChar(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; }

}  // namespace

absl::string_view InteractionKindName(InteractionKind kind) {
  return kKindNames.at(static_cast<size_t>(kind) - 1);
}

absl::StatusOr<InteractionKind> ParseInteractionKind(absl::string_view name) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<InteractionKind>(i + 1);
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_INTERACTION_KIND",
                   absl::StrCat("\"", name,
                                "\" is no interaction kind (like, comment, share, mention, "
                                "reply, click, visit, purchase)"),
                   {{"kind", std::string(name)}});
}

bool IsValidUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const int length = SequenceLength(lead);
    if (length == 0 || i + length > text.size()) return false;
    if (length > 1 && !SecondByteOk(lead, static_cast<uint8_t>(text[i + 1]))) return false;
    for (int k = 2; k < length; ++k) {
      if ((static_cast<uint8_t>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

absl::Status ValidateExternalId(absl::string_view id) {
  const size_t colon = id.find(':');
  if (colon == absl::string_view::npos) return BadId(id, "no platform");
  if (colon == 0 || colon > 32) return BadId(id, "platform must have 1 to 32 characters");
  for (char c : id.substr(0, colon)) {
    if (!IsPlatformChar(c)) return BadId(id, "platform may hold only a-z, 0-9 and _");
  }
  const absl::string_view native = id.substr(colon + 1);
  if (native.empty()) return BadId(id, "native id is empty");
  if (native.size() > 256) return BadId(id, "native id is longer than 256 bytes");
  if (native.front() == ' ' || native.back() == ' ') return BadId(id, "blank at an end");
  for (char c : native) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) return BadId(id, "control character");
  }
  if (!IsValidUtf8(native)) return BadId(id, "not UTF-8");
  return absl::OkStatus();
}

absl::string_view PlatformOf(absl::string_view id) { return id.substr(0, id.find(':')); }
absl::string_view NativeIdOf(absl::string_view id) { return id.substr(id.find(':') + 1); }

}  // namespace halqa
