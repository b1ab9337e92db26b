#pragma once
// Reading a packed follow list without building it: the inner loop of every rebuild of a snapshot.

#include <cstdint>

#include "absl/strings/string_view.h"

namespace halqa::store {
namespace internal {

// Reads a varint of at most 32 bits; false when it is cut or too large.
inline bool ReadVarint32(const uint8_t** at, const uint8_t* end, uint32_t* value) {
  const uint8_t* p = *at;
  uint32_t v = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (p == end) return false;
    const uint32_t byte = *p++;
    if (shift == 28 && byte > 15) return false;
    v |= (byte & 127) << shift;
    if (byte < 128) {
      *value = v;
      *at = p;
      return true;
    }
  }
  return false;
}

// Skips `count` varints; false when they are cut.
inline bool SkipVarints(const uint8_t** at, const uint8_t* end, uint64_t count) {
  for (; count > 0; --count) {
    while (*at != end && **at >= 128) ++*at;
    if (*at == end) return false;
    ++*at;
  }
  return true;
}

}  // namespace internal

// Calls fn(dst, word) with the newest event of each followee of an encoded list (EncodeFollows, of
// any format), followees ascending. Returns false when the list is damaged; some calls may have
// been made then. Checks no more than it reads: older events are skipped. Cost: about 4 ns per
// followee.
template <typename Fn>
bool ForEachNewestFollow(absl::string_view bytes, Fn fn) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = at + bytes.size();
  if (at == end || (*at != 1 && *at != 2)) return false;
  const bool old_format = *at++ == 1;
  uint64_t dst = 0;
  for (bool first = true; at != end; first = false) {
    uint32_t gap = 0, tag = 0;
    if (!internal::ReadVarint32(&at, end, &gap) || end - at < 4) return false;
    dst += gap;
    if (dst > 0xffffffffu || (gap == 0 && !first)) return false;
    const uint32_t word =
        uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | uint32_t{at[3]};
    at += 4;
    // Format 1: an age. Format 2: source << 1 | more, at most 33 bits.
    if (at != end && *at < 128) {
      tag = *at++;
    } else {
      if (at == end) return false;
      tag = *at;  // its lowest bit is the one that matters
      if (!internal::SkipVarints(&at, end, 1)) return false;
    }
    if (!old_format && (tag & 1) != 0) {
      uint32_t more = 0;
      if (!internal::ReadVarint32(&at, end, &more)) return false;
      if (!internal::SkipVarints(&at, end, uint64_t{2} * more)) return false;
    }
    fn(static_cast<uint32_t>(dst), word);
  }
  return true;
}

}  // namespace halqa::store
