#include "engine/store/edge_list.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::store {
namespace {

constexpr char kFormat = 2;
constexpr char kOldFormat = 1;  // one event and the earliest time per edge, no sources
constexpr uint32_t kSecondsMax = (1u << 30) - 1;

absl::Status Corrupt(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
                   std::string("packed edge list: ") + std::string(what));
}

auto BucketOf(const InteractionEntry& e) { return std::tie(e.dst, e.kind, e.hour, e.source); }

void JoinInteraction(const InteractionEntry& from, InteractionEntry* into) {
  into->count += from.count;
  // Sums stop at the ends of their range: values come from outside.
  if (__builtin_add_overflow(into->value_micros, from.value_micros, &into->value_micros)) {
    into->value_micros = from.value_micros > 0 ? std::numeric_limits<int64_t>::max()
                                               : std::numeric_limits<int64_t>::min();
  }
  into->sign_milli_sum += from.sign_milli_sum;
  into->sign_count += from.sign_count;
}

// Newest first inside one dst.
bool FollowBefore(const FollowEntry& a, const FollowEntry& b) {
  return std::tie(a.dst, b.word, a.source) < std::tie(b.dst, a.word, b.source);
}

// The format byte of a list, 0 when it is none of ours.
char TakeFormat(absl::string_view* in) {
  if (in->empty() || (in->front() != kFormat && in->front() != kOldFormat)) return 0;
  const char format = in->front();
  in->remove_prefix(1);
  return format;
}

bool GetVarint32(absl::string_view* in, uint32_t* v) {
  uint64_t wide = 0;
  if (!GetVarint64(in, &wide) || wide > 0xffffffffull) return false;
  *v = static_cast<uint32_t>(wide);
  return true;
}

bool ReadGap(absl::string_view* in, uint32_t previous, uint32_t* dst) {
  uint64_t gap = 0;
  if (!GetVarint64(in, &gap) || gap > 0xffffffffull || previous + gap > 0xffffffffull) return false;
  *dst = previous + static_cast<uint32_t>(gap);
  return true;
}

// The events of one dst, entries[0] the newest.
void AppendFollow(absl::Span<const FollowEntry> events, uint32_t gap, std::string* out) {
  const FollowEntry& newest = events.front();
  PutVarint64(gap, out);
  PutFixed32BE(newest.word, out);
  PutVarint64(uint64_t{newest.source} << 1 | (events.size() > 1 ? 1 : 0), out);
  if (events.size() == 1) return;
  PutVarint64(events.size() - 1, out);
  for (size_t i = 1; i < events.size(); ++i) {
    const uint32_t age = (events[i - 1].word >> 2) - (events[i].word >> 2);
    PutVarint64(uint64_t{age} << 2 | (events[i].word & 3), out);
    PutVarint64(events[i].source, out);
  }
}

bool ReadOlderEvents(absl::string_view* in, FollowEntry e, std::vector<FollowEntry>* out) {
  uint64_t more = 0;
  if (!GetVarint64(in, &more) || more > in->size()) return false;
  for (uint64_t i = 0; i < more; ++i) {
    uint64_t age = 0;
    if (!GetVarint64(in, &age) || (age >> 2) > (e.word >> 2) || !GetVarint32(in, &e.source))
      return false;
    e.word = ((e.word >> 2) - static_cast<uint32_t>(age >> 2)) << 2 | (age & 3);
    out->push_back(e);
  }
  return true;
}

// The entry that follows `previous`, all its events.
bool ReadFollow(absl::string_view* in, uint32_t previous, std::vector<FollowEntry>* out) {
  FollowEntry e;
  uint64_t tag = 0;
  if (!ReadGap(in, previous, &e.dst) || !GetFixed32BE(in, &e.word) || !GetVarint64(in, &tag) ||
      (tag >> 1) > 0xffffffffull) {
    return false;
  }
  e.source = static_cast<uint32_t>(tag >> 1);
  out->push_back(e);
  return (tag & 1) == 0 || ReadOlderEvents(in, e, out);
}

// Format 1 knew one event and the time of the earliest.
bool ReadOldFollow(absl::string_view* in, uint32_t previous, std::vector<FollowEntry>* out) {
  FollowEntry e;
  uint64_t age = 0;
  if (!ReadGap(in, previous, &e.dst) || !GetFixed32BE(in, &e.word) || !GetVarint64(in, &age) ||
      (age > 0 && age - 1 > (e.word >> 2))) {
    return false;
  }
  out->push_back(e);
  if (age < 2) return true;
  e.word = ((e.word >> 2) - static_cast<uint32_t>(age - 1)) << 2;
  out->push_back(e);
  return true;
}

// flags: bit 0 = a value follows, bit 1 = signs follow, bit 2 = a source follows.
void AppendInteraction(const InteractionEntry& e, uint32_t gap, std::string* out) {
  PutVarint64(gap, out);
  const bool value = e.value_micros != 0;
  const bool sign = e.sign_count != 0;
  const bool source = e.source != 0;
  out->push_back(
      static_cast<char>(e.kind << 3 | (value ? 1 : 0) | (sign ? 2 : 0) | (source ? 4 : 0)));
  PutVarint64(e.hour, out);
  PutVarint64(e.count, out);
  if (value) PutVarint64(ZigZag(e.value_micros), out);
  if (sign) {
    PutVarint64(ZigZag(e.sign_milli_sum), out);
    PutVarint64(e.sign_count, out);
  }
  if (source) PutVarint64(e.source, out);
}

bool ReadInteraction(absl::string_view* in, uint32_t previous, char format, InteractionEntry* e) {
  if (!ReadGap(in, previous, &e->dst) || in->empty()) return false;
  const auto flags = static_cast<uint8_t>(in->front());
  in->remove_prefix(1);
  e->kind = format == kOldFormat ? flags >> 2 : flags >> 3;
  if (e->kind < 1 || e->kind > kInteractionKinds) return false;
  if (!GetVarint32(in, &e->hour) || !GetVarint64(in, &e->count)) return false;
  uint64_t bits = 0;
  if ((flags & 1) != 0) {
    if (!GetVarint64(in, &bits)) return false;
    e->value_micros = UnZigZag(bits);
  }
  if ((flags & 2) != 0) {
    if (!GetVarint64(in, &bits) || !GetVarint64(in, &e->sign_count)) return false;
    e->sign_milli_sum = UnZigZag(bits);
  }
  const bool source = format != kOldFormat && (flags & 4) != 0;
  return !source || GetVarint32(in, &e->source);
}

// The first event of the run of equal states that holds events[from], seen from the newest on.
size_t StartOfRun(absl::Span<const FollowEntry> events, size_t from) {
  while (from + 1 < events.size() && StateOf(events[from + 1].word) == StateOf(events[from].word))
    ++from;
  return from;
}

}  // namespace

uint32_t CompactSeconds(UnixSeconds time) {
  if (time == 0) return 0;
  return static_cast<uint32_t>(std::clamp<int64_t>(time - kEpoch2006, 1, kSecondsMax));
}

uint32_t MakeStateWord(UnixSeconds time, FollowState state) {
  return (CompactSeconds(time) << 2) | static_cast<uint32_t>(state);
}

UnixSeconds TimeOf(uint32_t word) { return (word >> 2) == 0 ? 0 : kEpoch2006 + (word >> 2); }

uint32_t HourBucket(UnixSeconds time) {
  if (time == 0) return 0;
  return static_cast<uint32_t>(std::max<int64_t>(time - kEpoch2006, 0) / 3600) + 1;
}

UnixSeconds TimeOfHour(uint32_t hour) {
  return hour == 0 ? 0 : kEpoch2006 + int64_t{hour - 1} * 3600;
}

void NormaliseFollows(std::vector<FollowEntry>* entries) {
  if (!std::is_sorted(entries->begin(), entries->end(), FollowBefore)) {
    std::sort(entries->begin(), entries->end(), FollowBefore);
  }
  entries->erase(std::unique(entries->begin(), entries->end()), entries->end());
}

void KeepNewest(std::vector<FollowEntry>* entries) {
  auto same = [](const FollowEntry& a, const FollowEntry& b) { return a.dst == b.dst; };
  entries->erase(std::unique(entries->begin(), entries->end(), same), entries->end());
}

void DropFollowsBefore(UnixSeconds horizon, std::vector<FollowEntry>* entries) {
  const uint32_t first_word = CompactSeconds(horizon) << 2;
  std::vector<FollowEntry> kept;
  for (size_t begin = 0; begin < entries->size();) {
    size_t end = begin;
    while (end < entries->size() && (*entries)[end].dst == (*entries)[begin].dst) ++end;
    const absl::Span<const FollowEntry> events(entries->data() + begin, end - begin);
    size_t i = 0;
    for (; i < events.size() && events[i].word >= first_word; ++i) kept.push_back(events[i]);
    if (i < events.size() && IsActive(events[i].word))
      kept.push_back(events[StartOfRun(events, i)]);
    begin = end;
  }
  *entries = std::move(kept);
}

void DropInteractionsBefore(UnixSeconds horizon, std::vector<InteractionEntry>* entries) {
  const uint32_t first_hour = HourBucket(horizon);
  std::erase_if(*entries,
                [&](const InteractionEntry& e) { return e.hour != 0 && e.hour < first_hour; });
}

void NormaliseInteractions(std::vector<InteractionEntry>* entries) {
  auto less = [](const InteractionEntry& a, const InteractionEntry& b) {
    return BucketOf(a) < BucketOf(b);
  };
  if (!std::is_sorted(entries->begin(), entries->end(), less)) {
    std::sort(entries->begin(), entries->end(), less);
  }
  size_t kept = 0;
  for (size_t i = 0; i < entries->size(); ++i) {
    if (kept > 0 && BucketOf((*entries)[kept - 1]) == BucketOf((*entries)[i])) {
      JoinInteraction((*entries)[i], &(*entries)[kept - 1]);
    } else {
      (*entries)[kept++] = (*entries)[i];
    }
  }
  entries->resize(kept);
}

std::string EncodeFollows(absl::Span<const FollowEntry> entries) {
  std::string out;
  out.reserve(1 + entries.size() * 7);
  out.push_back(kFormat);
  uint32_t previous = 0;
  for (size_t begin = 0; begin < entries.size();) {
    size_t end = begin + 1;
    while (end < entries.size() && entries[end].dst == entries[begin].dst) ++end;
    AppendFollow(entries.subspan(begin, end - begin), entries[begin].dst - previous, &out);
    previous = entries[begin].dst;
    begin = end;
  }
  return out;
}

absl::Status DecodeFollows(absl::string_view bytes, std::vector<FollowEntry>* out) {
  const char format = TakeFormat(&bytes);
  if (format == 0) return Corrupt("unknown format");
  uint32_t previous = 0;
  while (!bytes.empty()) {
    const bool read = format == kFormat ? ReadFollow(&bytes, previous, out)
                                        : ReadOldFollow(&bytes, previous, out);
    if (!read) return Corrupt("cut follow entry");
    previous = out->back().dst;
  }
  return absl::OkStatus();
}

std::string EncodeInteractions(absl::Span<const InteractionEntry> entries) {
  std::string out;
  out.push_back(kFormat);
  uint32_t previous = 0;
  for (const InteractionEntry& e : entries) {
    AppendInteraction(e, e.dst - previous, &out);
    previous = e.dst;
  }
  return out;
}

absl::Status DecodeInteractions(absl::string_view bytes, std::vector<InteractionEntry>* out) {
  const char format = TakeFormat(&bytes);
  if (format == 0) return Corrupt("unknown format");
  uint32_t previous = 0;
  while (!bytes.empty()) {
    InteractionEntry e;
    if (!ReadInteraction(&bytes, previous, format, &e)) return Corrupt("cut interaction entry");
    previous = e.dst;
    out->push_back(e);
  }
  return absl::OkStatus();
}

bool IsOldEdgeList(absl::string_view bytes) { return !bytes.empty() && bytes[0] == kOldFormat; }

}  // namespace halqa::store
