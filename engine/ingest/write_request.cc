#include "engine/ingest/write_request.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/account_codec.h"

namespace halqa::ingest {
namespace {

std::string Field(absl::string_view list, size_t row, absl::string_view column) {
  return absl::StrCat(list, "[", row, "].", column);
}

absl::Status CheckIndex(uint32_t index, const WriteRequest& r, absl::string_view list, size_t row,
                        absl::string_view column) {
  if (index < r.ids.size()) return absl::OkStatus();
  return FieldError("INDEX_OUT_OF_RANGE", Field(list, row, column),
                    absl::StrCat(index, " points past the ", r.ids.size(), " ids of the batch"));
}

absl::Status CheckTime(UnixSeconds time, UnixSeconds now, absl::string_view list, size_t row) {
  if (time >= 0 && time <= now + kFutureSecondsMax) return absl::OkStatus();
  return FieldError(
      time < 0 ? "VALUE_OUT_OF_RANGE" : "TIME_IN_FUTURE", Field(list, row, "time"),
      absl::StrCat(time, time < 0 ? " is negative" : " is more than a day in the future"));
}

absl::Status CheckPair(uint32_t a, uint32_t b, const WriteRequest& r, absl::string_view list,
                       size_t row, absl::string_view column_a, absl::string_view column_b) {
  HALQA_RETURN_IF_ERROR(CheckIndex(a, r, list, row, column_a));
  HALQA_RETURN_IF_ERROR(CheckIndex(b, r, list, row, column_b));
  if (r.ids[a] != r.ids[b]) return absl::OkStatus();
  return FieldError("SELF_LOOP", Field(list, row, column_b),
                    absl::StrCat(r.ids[a], " points at itself"));
}

absl::Status CheckText(const std::optional<std::string>& text, absl::string_view list, size_t row,
                       absl::string_view column) {
  if (!text || IsValidUtf8(*text)) return absl::OkStatus();
  return FieldError("NOT_UTF8", Field(list, row, column), "is not valid UTF-8");
}

absl::Status CheckAccount(const AccountRecord& a, size_t row) {
  if (auto s = ValidateExternalId(a.external_id); !s.ok()) {
    return Annotate(WithDetail(s, "field", Field("accounts", row, "external_id")),
                    Field("accounts", row, "external_id"));
  }
  HALQA_RETURN_IF_ERROR(CheckText(a.handle, "accounts", row, "handle"));
  HALQA_RETURN_IF_ERROR(CheckText(a.display_name, "accounts", row, "display_name"));
  HALQA_RETURN_IF_ERROR(CheckText(a.bio, "accounts", row, "bio"));
  HALQA_RETURN_IF_ERROR(CheckText(a.url, "accounts", row, "url"));
  HALQA_RETURN_IF_ERROR(CheckText(a.city, "accounts", row, "city"));
  HALQA_RETURN_IF_ERROR(CheckText(a.category, "accounts", row, "category"));
  if (!(a.creator_probability >= 0 && a.creator_probability <= 1)) {
    return FieldError("VALUE_OUT_OF_RANGE", Field("accounts", row, "creator_probability"),
                      "must be in [0, 1]");
  }
  return absl::OkStatus();
}

absl::Status CheckPost(const PostRecord& p, size_t row, UnixSeconds now) {
  for (const auto& [column, id] :
       {std::pair{"external_id", &p.external_id}, {"author", &p.author}}) {
    if (auto s = ValidateExternalId(*id); !s.ok()) {
      return Annotate(WithDetail(s, "field", Field("posts", row, column)),
                      Field("posts", row, column));
    }
  }
  if (!IsValidUtf8(p.text))
    return FieldError("NOT_UTF8", Field("posts", row, "text"), "is not valid UTF-8");
  return CheckTime(p.time, now, "posts", row);
}

absl::Status CheckInteraction(const InteractionRow& x, const WriteRequest& r, size_t row,
                              UnixSeconds now) {
  HALQA_RETURN_IF_ERROR(CheckPair(x.actor, x.target, r, "interactions", row, "actor", "target"));
  HALQA_RETURN_IF_ERROR(CheckTime(x.time, now, "interactions", row));
  if (x.count == 0) {
    return FieldError("VALUE_OUT_OF_RANGE", Field("interactions", row, "count"),
                      "must be at least 1");
  }
  if (x.sign && !(*x.sign >= -1 && *x.sign <= 1)) {
    return FieldError("VALUE_OUT_OF_RANGE", Field("interactions", row, "sign"),
                      "must be in [-1, 1]");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateWriteRequest(const WriteRequest& r, UnixSeconds now) {
  if (r.rows() == 0) return FieldError("EMPTY_BATCH", "batch", "holds no record");
  if (r.rows() > kRowsMax) {
    return FieldError(
        "BATCH_TOO_LARGE", "batch",
        absl::StrCat("holds ", r.rows(), " records; at most ", kRowsMax, " are allowed"));
  }
  for (size_t i = 0; i < r.ids.size(); ++i) {
    if (auto s = ValidateExternalId(r.ids[i]); !s.ok()) {
      return Annotate(WithDetail(s, "field", absl::StrCat("ids[", i, "]")),
                      absl::StrCat("ids[", i, "]"));
    }
  }
  for (size_t i = 0; i < r.follows.size(); ++i) {
    const FollowRow& f = r.follows[i];
    HALQA_RETURN_IF_ERROR(
        CheckPair(f.follower, f.followee, r, "follows", i, "follower", "followee"));
    HALQA_RETURN_IF_ERROR(CheckTime(f.time, now, "follows", i));
  }
  for (size_t i = 0; i < r.interactions.size(); ++i) {
    HALQA_RETURN_IF_ERROR(CheckInteraction(r.interactions[i], r, i, now));
  }
  for (size_t i = 0; i < r.accounts.size(); ++i)
    HALQA_RETURN_IF_ERROR(CheckAccount(r.accounts[i], i));
  for (size_t i = 0; i < r.posts.size(); ++i) HALQA_RETURN_IF_ERROR(CheckPost(r.posts[i], i, now));
  return absl::OkStatus();
}

uint64_t PayloadHash(const WriteRequest& r) {
  std::string bytes;
  for (const std::string& id : r.ids) PutLengthPrefixed(id, &bytes);
  for (const FollowRow& f : r.follows) {
    for (uint64_t v :
         {uint64_t{f.follower}, uint64_t{f.followee}, uint64_t(f.time), uint64_t{f.removed}}) {
      PutVarint64(v, &bytes);
    }
  }
  for (const InteractionRow& x : r.interactions) {
    for (uint64_t v : {uint64_t{x.actor}, uint64_t{x.target}, uint64_t(x.kind), uint64_t{x.count},
                       uint64_t(x.time), uint64_t(x.value_micros.value_or(0)),
                       uint64_t(std::lround(x.sign.value_or(2) * 1000))}) {
      PutVarint64(v, &bytes);
    }
  }
  for (const AccountRecord& a : r.accounts)
    PutLengthPrefixed(store::EncodeAccount({a, false, 0}), &bytes);
  for (const PostRecord& p : r.posts) {
    PutLengthPrefixed(p.author, &bytes);
    PutLengthPrefixed(store::EncodePost(p), &bytes);
  }
  return Checksum64(bytes);
}

uint32_t WriteRequestBuilder::Intern(absl::string_view id) {
  auto [it, added] =
      places_.try_emplace(std::string(id), static_cast<uint32_t>(request_.ids.size()));
  if (added) request_.ids.emplace_back(id);
  return it->second;
}

absl::Status WriteRequestBuilder::OnAccount(const AccountRecord& record) {
  request_.accounts.push_back(record);
  return absl::OkStatus();
}

absl::Status WriteRequestBuilder::OnFollow(const FollowRecord& record) {
  const uint32_t follower = Intern(record.follower);
  request_.follows.push_back({follower, Intern(record.followee), record.time, record.removed});
  return absl::OkStatus();
}

absl::Status WriteRequestBuilder::OnInteraction(const InteractionRecord& record) {
  const uint32_t actor = Intern(record.actor);
  request_.interactions.push_back({actor, Intern(record.target), record.kind, record.count,
                                   record.time, record.value_micros, record.sign});
  return absl::OkStatus();
}

absl::Status WriteRequestBuilder::OnPost(const PostRecord& record) {
  request_.posts.push_back(record);
  return absl::OkStatus();
}

WriteRequest WriteRequestBuilder::Take() {
  places_.clear();
  return std::exchange(request_, {});
}

}  // namespace halqa::ingest
