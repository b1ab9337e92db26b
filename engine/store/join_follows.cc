#include "engine/store/join_follows.h"

#include <algorithm>
#include <vector>

#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/edge_list.h"
#include "engine/store/newest_follows.h"

namespace halqa::store {
namespace {

constexpr uint64_t kEnd = ~uint64_t{0};

absl::Status Corrupt(absl::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
                   std::string("packed edge list: ") + std::string(what));
}

// A place in one list. `events`: the bytes of the account `dst` behind its gap.
struct Cursor {
  const uint8_t* at;
  const uint8_t* end;
  uint64_t dst = kEnd;  // kEnd behind the last
  absl::string_view events;

  // The next account; false when the list is damaged.
  bool Next() {
    if (at == end) {
      dst = kEnd;
      return true;
    }
    const bool first = dst == kEnd;
    uint32_t gap = 0;
    if (!internal::ReadVarint32(&at, end, &gap) || (gap == 0 && !first)) return false;
    dst = first ? gap : dst + gap;
    if (dst > 0xffffffffu || end - at < 5) return false;
    const uint8_t* const begin = at;
    at += 4;
    const bool more = (*at & 1) != 0;
    uint32_t count = 0;
    if (!internal::SkipVarints(&at, end, 1)) return false;
    if (more && (!internal::ReadVarint32(&at, end, &count) ||
                 !internal::SkipVarints(&at, end, uint64_t{2} * count))) {
      return false;
    }
    events = {reinterpret_cast<const char*>(begin), static_cast<size_t>(at - begin)};
    return true;
  }
};

std::string Header(uint32_t gap) {
  static const char kFormat = EncodeFollows({}).front();
  std::string out(1, kFormat);
  PutVarint64(gap, &out);
  return out;
}

// The events of one account that stands in several lists.
absl::StatusOr<std::string> JoinEvents(const std::vector<absl::string_view>& lists) {
  const std::string header = Header(0);
  std::vector<FollowEntry> entries;
  for (absl::string_view events : lists) {
    HALQA_RETURN_IF_ERROR(DecodeFollows(header + std::string(events), &entries));
  }
  NormaliseFollows(&entries);
  return EncodeFollows(entries).substr(header.size());
}

absl::StatusOr<std::string> JoinSlowly(absl::Span<const absl::string_view> lists) {
  std::vector<FollowEntry> entries;
  for (absl::string_view list : lists) HALQA_RETURN_IF_ERROR(DecodeFollows(list, &entries));
  NormaliseFollows(&entries);
  return EncodeFollows(entries);
}

class Joiner {
 public:
  absl::Status Start(absl::Span<const absl::string_view> lists) {
    size_t bytes = 1;
    for (absl::string_view list : lists) {
      bytes += list.size() + 4;
      const auto* begin = reinterpret_cast<const uint8_t*>(list.data());
      cursors_.push_back({begin + 1, begin + list.size(), kEnd, {}});
      if (!cursors_.back().Next()) return Corrupt("cut follow entry");
    }
    out_ = Header(0).substr(0, 1);
    out_.reserve(bytes);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Run() {
    for (;;) {
      Cursor* least = &cursors_[0];
      bool alone = true;
      for (size_t i = 1; i < cursors_.size(); ++i) {
        if (cursors_[i].dst > least->dst) continue;
        alone = cursors_[i].dst < least->dst;
        least = &cursors_[i];
      }
      if (least->dst == kEnd) return std::move(out_);
      const uint64_t dst = least->dst;
      PutVarint64(dst - previous_, &out_);
      previous_ = dst;
      if (alone) {
        out_.append(least->events.data(), least->events.size());
        if (!least->Next()) return Corrupt("cut follow entry");
      } else {
        HALQA_RETURN_IF_ERROR(AppendShared(dst));
      }
    }
  }

 private:
  absl::Status AppendShared(uint64_t dst) {
    shared_.clear();
    for (const Cursor& cursor : cursors_) {
      if (cursor.dst == dst) shared_.push_back(cursor.events);
    }
    HALQA_ASSIGN_OR_RETURN(const std::string events, JoinEvents(shared_));
    out_.append(events);
    for (Cursor& cursor : cursors_) {
      if (cursor.dst == dst && !cursor.Next()) return Corrupt("cut follow entry");
    }
    return absl::OkStatus();
  }

  std::vector<Cursor> cursors_;
  std::vector<absl::string_view> shared_;
  std::string out_;
  uint64_t previous_ = 0;
};

}  // namespace

absl::StatusOr<std::string> JoinFollowLists(absl::Span<const absl::string_view> lists) {
  constexpr size_t kListsMax = 32;  // beyond, looking at all cursors costs more than sorting
  const char format = EncodeFollows({}).front();
  const bool slow = lists.empty() || lists.size() > kListsMax ||
                    std::any_of(lists.begin(), lists.end(), [&](absl::string_view list) {
                      return list.empty() || list.front() != format;
                    });
  if (slow) return JoinSlowly(lists);
  Joiner joiner;
  HALQA_RETURN_IF_ERROR(joiner.Start(lists));
  return joiner.Run();
}

}  // namespace halqa::store
