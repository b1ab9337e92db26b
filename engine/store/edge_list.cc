#include "engine/store/edge_list.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::store {
namespace {

constexpr char kFollowFormat = 1;
constexpr char kInteractionFormat = 1;
constexpr uint32_t kSecondsMax = (1u << 30) - 1;

absl::Status Corrupt(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
                   std::string("packed edge list: ") + std::string(what));
}

void JoinFollow(const FollowEntry& from, FollowEntry* into) {
  into->word = std::max(into->word, from.word);
  if (into->first_seen == 0 || (from.first_seen != 0 && from.first_seen < into->first_seen)) {
    into->first_seen = from.first_seen;
  }
}

auto BucketOf(const InteractionEntry& e) { return std::tie(e.dst, e.kind, e.hour); }

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

bool CheckFormat(absl::string_view* in, char format) {
  if (in->empty() || in->front() != format) return false;
  in->remove_prefix(1);
  return true;
}

// flags: bit 0 = a value follows, bit 1 = signs follow.
void AppendInteraction(const InteractionEntry& e, uint32_t gap, std::string* out) {
  PutVarint64(gap, out);
  const bool value = e.value_micros != 0;
  const bool sign = e.sign_count != 0;
  out->push_back(static_cast<char>((e.kind << 2) | (value ? 1 : 0) | (sign ? 2 : 0)));
  PutVarint64(e.hour, out);
  PutVarint64(e.count, out);
  if (value) PutVarint64(ZigZag(e.value_micros), out);
  if (sign) {
    PutVarint64(ZigZag(e.sign_milli_sum), out);
    PutVarint64(e.sign_count, out);
  }
}

bool ReadInteraction(absl::string_view* in, uint32_t previous, InteractionEntry* e) {
  uint64_t gap = 0, hour = 0, bits = 0;
  if (!GetVarint64(in, &gap) || previous + gap > 0xffffffffull || in->empty()) return false;
  const auto flags = static_cast<uint8_t>(in->front());
  in->remove_prefix(1);
  e->dst = previous + static_cast<uint32_t>(gap);
  e->kind = flags >> 2;
  if (e->kind < 1 || e->kind > kInteractionKinds) return false;
  if (!GetVarint64(in, &hour) || hour > 0xffffffffull || !GetVarint64(in, &e->count)) return false;
  e->hour = static_cast<uint32_t>(hour);
  if ((flags & 1) != 0) {
    if (!GetVarint64(in, &bits)) return false;
    e->value_micros = UnZigZag(bits);
  }
  if ((flags & 2) != 0) {
    if (!GetVarint64(in, &bits) || !GetVarint64(in, &e->sign_count)) return false;
    e->sign_milli_sum = UnZigZag(bits);
  }
  return true;
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
  auto by_dst = [](const FollowEntry& a, const FollowEntry& b) { return a.dst < b.dst; };
  if (!std::is_sorted(entries->begin(), entries->end(), by_dst)) {
    std::sort(entries->begin(), entries->end(), by_dst);
  }
  size_t kept = 0;
  for (size_t i = 0; i < entries->size(); ++i) {
    if (kept > 0 && (*entries)[kept - 1].dst == (*entries)[i].dst) {
      JoinFollow((*entries)[i], &(*entries)[kept - 1]);
    } else {
      (*entries)[kept++] = (*entries)[i];
    }
  }
  entries->resize(kept);
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
  out.push_back(kFollowFormat);
  uint32_t previous = 0;
  for (const FollowEntry& e : entries) {
    PutVarint64(e.dst - previous, &out);
    previous = e.dst;
    PutFixed32BE(e.word, &out);
    PutVarint64(e.first_seen == 0 ? 0 : uint64_t{(e.word >> 2) - e.first_seen} + 1, &out);
  }
  return out;
}

absl::Status DecodeFollows(absl::string_view bytes, std::vector<FollowEntry>* out) {
  if (!CheckFormat(&bytes, kFollowFormat)) return Corrupt("unknown format");
  uint32_t previous = 0;
  while (!bytes.empty()) {
    FollowEntry e;
    uint64_t gap = 0, age = 0;
    if (!GetVarint64(&bytes, &gap) || previous + gap > 0xffffffffull ||
        !GetFixed32BE(&bytes, &e.word) || !GetVarint64(&bytes, &age)) {
      return Corrupt("cut follow entry");
    }
    e.dst = previous + static_cast<uint32_t>(gap);
    previous = e.dst;
    if (age > 0) {
      if (age - 1 > (e.word >> 2)) return Corrupt("first seen before 2006");
      e.first_seen = (e.word >> 2) - static_cast<uint32_t>(age - 1);
    }
    out->push_back(e);
  }
  return absl::OkStatus();
}

std::string EncodeInteractions(absl::Span<const InteractionEntry> entries) {
  std::string out;
  out.push_back(kInteractionFormat);
  uint32_t previous = 0;
  for (const InteractionEntry& e : entries) {
    AppendInteraction(e, e.dst - previous, &out);
    previous = e.dst;
  }
  return out;
}

absl::Status DecodeInteractions(absl::string_view bytes, std::vector<InteractionEntry>* out) {
  if (!CheckFormat(&bytes, kInteractionFormat)) return Corrupt("unknown format");
  uint32_t previous = 0;
  while (!bytes.empty()) {
    InteractionEntry e;
    if (!ReadInteraction(&bytes, previous, &e)) return Corrupt("cut interaction entry");
    previous = e.dst;
    out->push_back(e);
  }
  return absl::OkStatus();
}

}  // namespace halqa::store
