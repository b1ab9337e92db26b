#pragma once
// Fixed and variable length integers, big-endian where keys must sort.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace halqa {

inline void PutVarint64(uint64_t v, std::string* out) {
  while (v >= 0x80) {
    out->push_back(static_cast<char>(v | 0x80));
    v >>= 7;
  }
  out->push_back(static_cast<char>(v));
}

// Reads a varint from the front of `in`. Returns false, `in` unspecified, when it is cut or too
// long.
inline bool GetVarint64(absl::string_view* in, uint64_t* v) {
  uint64_t result = 0;
  for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      *v = result;
      return true;
    }
  }
  return false;
}

inline uint64_t ZigZag(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
inline int64_t UnZigZag(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

inline void PutFixed32BE(uint32_t v, std::string* out) {
  const char bytes[4] = {static_cast<char>(v >> 24), static_cast<char>(v >> 16),
                         static_cast<char>(v >> 8), static_cast<char>(v)};
  out->append(bytes, 4);
}
inline void PutFixed64BE(uint64_t v, std::string* out) {
  PutFixed32BE(static_cast<uint32_t>(v >> 32), out);
  PutFixed32BE(static_cast<uint32_t>(v), out);
}
// REQUIRES: in.size() >= 4.
inline uint32_t DecodeFixed32BE(absl::string_view in) {
  const auto* p = reinterpret_cast<const uint8_t*>(in.data());
  return (uint32_t{p[0]} << 24) | (uint32_t{p[1]} << 16) | (uint32_t{p[2]} << 8) | uint32_t{p[3]};
}
// REQUIRES: in.size() >= 8.
inline uint64_t DecodeFixed64BE(absl::string_view in) {
  return (uint64_t{DecodeFixed32BE(in)} << 32) | DecodeFixed32BE(in.substr(4));
}
inline bool GetFixed32BE(absl::string_view* in, uint32_t* v) {
  if (in->size() < 4) return false;
  *v = DecodeFixed32BE(*in);
  in->remove_prefix(4);
  return true;
}
inline bool GetFixed64BE(absl::string_view* in, uint64_t* v) {
  if (in->size() < 8) return false;
  *v = DecodeFixed64BE(*in);
  in->remove_prefix(8);
  return true;
}

inline void PutLengthPrefixed(absl::string_view bytes, std::string* out) {
  PutVarint64(bytes.size(), out);
  out->append(bytes.data(), bytes.size());
}
inline bool GetLengthPrefixed(absl::string_view* in, absl::string_view* bytes) {
  uint64_t size = 0;
  if (!GetVarint64(in, &size) || size > in->size()) return false;
  *bytes = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

}  // namespace halqa
