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

// One event of one follow: `word` says when and what, `source` which import or stream told it
// (0 = none). The events of one dst stand together, newest word first: the first one that is not
// masked is the state of the edge, all of them are its history.
struct FollowEntry {
  uint32_t dst = 0;
  uint32_t word = 0;
  uint32_t source = 0;
  bool operator==(const FollowEntry&) const = default;
};

// One (target, kind, hour, source) bucket of one account's interactions. `hour` = hours since 2006
// + 1, 0 = not known. Sums only, so that merging commutes: value_micros of purchases; signs in
// thousandths.
struct InteractionEntry {
  uint32_t dst = 0;
  uint8_t kind = 0;
  uint32_t hour = 0;
  uint64_t count = 0;
  int64_t value_micros = 0;
  int64_t sign_milli_sum = 0;
  uint64_t sign_count = 0;
  uint32_t source = 0;
  bool operator==(const InteractionEntry&) const = default;
};

uint32_t HourBucket(UnixSeconds time);
// Start of the hour, 0 = not known.
UnixSeconds TimeOfHour(uint32_t hour);

// Sorts by (dst, word descending, source) and leaves each event once: a set union.
// Associative, commutative, idempotent.
void NormaliseFollows(std::vector<FollowEntry>* entries);
// Sorts by (dst, kind, hour, source) and adds entries of one bucket. Associative and commutative,
// NOT idempotent.
void NormaliseInteractions(std::vector<InteractionEntry>* entries);

// The newest event of each dst, out of a normalised list.
void KeepNewest(std::vector<FollowEntry>* entries);

// What a horizon leaves of a normalised list: of each dst the events from the horizon on, and the
// event since when the state at the horizon held; a dst that was removed then and not followed
// since vanishes, and so do interactions of hours before it. `horizon` > 0, Unix seconds.
void DropFollowsBefore(UnixSeconds horizon, std::vector<FollowEntry>* entries);
void DropInteractionsBefore(UnixSeconds horizon, std::vector<InteractionEntry>* entries);

// Encodes a normalised list, docs/STORAGE_FORMAT.md; about 6 bytes for an edge with one event.
std::string EncodeFollows(absl::Span<const FollowEntry> entries);
// Appends the entries of an encoded list, of this format or the one before. Errors: DataLoss
// (EDGE_LIST_CORRUPT).
absl::Status DecodeFollows(absl::string_view bytes, std::vector<FollowEntry>* out);

std::string EncodeInteractions(absl::Span<const InteractionEntry> entries);
absl::Status DecodeInteractions(absl::string_view bytes, std::vector<InteractionEntry>* out);

// Whether an encoded list is of an older format than EncodeFollows and EncodeInteractions write.
bool IsOldEdgeList(absl::string_view bytes);

}  // namespace halqa::store
