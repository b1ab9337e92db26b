#pragma once
// Packed out-lists: the value of one row of `f_out` (follows) and `x_out` (interactions).
// STORAGE.md, layout E. This file knows bytes only; the merge operators in merge_operators.cc call
// it.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/records.h"

namespace halqa::store {

enum class FollowState : uint8_t { kActive = 0, kRemoved = 2 };

// A state word orders follow events: (seconds since 2006 << 2) | state, so the newest event wins by
// max and a tie goes to the removal. Seconds 0 = time not known; it loses against every known time.
inline constexpr int64_t kEpoch2006 = 1136073600;
uint32_t MakeStateWord(UnixSeconds time, FollowState state);
inline FollowState StateOf(uint32_t word) { return static_cast<FollowState>(word & 3); }
inline bool IsActive(uint32_t word) { return StateOf(word) == FollowState::kActive; }
// Unix time of the event, 0 = not known.
UnixSeconds TimeOf(uint32_t word);
// Seconds since 2006 of a Unix time, at least 1; 0 for an unknown time.
uint32_t CompactSeconds(UnixSeconds time);

// One follow of one account. first_seen: compact seconds of the earliest event, 0 = not known.
struct FollowEntry {
  uint32_t dst = 0;
  uint32_t word = 0;
  uint32_t first_seen = 0;
  bool operator==(const FollowEntry&) const = default;
};

// One (target, kind, hour) bucket of one account's interactions. `hour` = hours since 2006 + 1, 0 =
// not known. Sums only, so that merging commutes: value_micros of purchases; signs in thousandths.
struct InteractionEntry {
  uint32_t dst = 0;
  uint8_t kind = 0;
  uint32_t hour = 0;
  uint64_t count = 0;
  int64_t value_micros = 0;
  int64_t sign_milli_sum = 0;
  uint64_t sign_count = 0;
  bool operator==(const InteractionEntry&) const = default;
};

uint32_t HourBucket(UnixSeconds time);
// Start of the hour, 0 = not known.
UnixSeconds TimeOfHour(uint32_t hour);

// Sorts by dst and joins entries of one dst: newest word, earliest known first_seen.
// Associative, commutative, idempotent.
void NormaliseFollows(std::vector<FollowEntry>* entries);
// Sorts by (dst, kind, hour) and adds entries of one bucket. Associative and commutative, NOT
// idempotent.
void NormaliseInteractions(std::vector<InteractionEntry>* entries);

// Encodes a normalised list. Format: byte 1, then per entry varint gap of dst, 4 bytes word
// (big-endian), varint of 0 (first_seen not known) or word seconds - first_seen + 1.
std::string EncodeFollows(absl::Span<const FollowEntry> entries);
// Appends the entries of an encoded list. Errors: DataLoss (EDGE_LIST_CORRUPT).
absl::Status DecodeFollows(absl::string_view bytes, std::vector<FollowEntry>* out);

std::string EncodeInteractions(absl::Span<const InteractionEntry> entries);
absl::Status DecodeInteractions(absl::string_view bytes, std::vector<InteractionEntry>* out);

}  // namespace halqa::store
