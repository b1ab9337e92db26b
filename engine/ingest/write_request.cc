#include "engine/ingest/write_request.h"

#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
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

// What the rows of a batch are checked against: which ids of its table are well formed.
struct IdForms {
  std::vector<absl::Status> bad;  // by place; empty = all are well formed

  explicit IdForms(const WriteRequest& r) {
    for (size_t i = 0; i < r.ids.size(); ++i) {
      absl::Status status = ValidateExternalId(r.ids[i]);
      if (status.ok()) continue;
      bad.resize(r.ids.size());
      bad[i] = std::move(status);
    }
  }
};

absl::Status CheckEnd(uint32_t index, const WriteRequest& r, const IdForms& forms,
                      absl::string_view list, size_t row, absl::string_view column) {
  HALQA_RETURN_IF_ERROR(CheckIndex(index, r, list, row, column));
  if (forms.bad.empty() || forms.bad[index].ok()) return absl::OkStatus();
  const std::string field = Field(list, row, column);
  return Annotate(WithDetail(forms.bad[index], "field", field), field);
}

// The two ends of a row.
struct Pair {
  uint32_t a = 0, b = 0;
  absl::string_view column_a, column_b;
};

absl::Status CheckPair(const Pair& p, const WriteRequest& r, const IdForms& forms,
                       absl::string_view list, size_t row) {
  HALQA_RETURN_IF_ERROR(CheckEnd(p.a, r, forms, list, row, p.column_a));
  HALQA_RETURN_IF_ERROR(CheckEnd(p.b, r, forms, list, row, p.column_b));
  if (p.a != p.b && r.ids[p.a] != r.ids[p.b]) return absl::OkStatus();
  return FieldError("SELF_LOOP", Field(list, row, p.column_b),
                    absl::StrCat(r.ids[p.a], " points at itself"));
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

absl::Status CheckInteraction(const WriteRequest& r, const IdForms& forms, size_t row,
                              UnixSeconds now) {
  const InteractionRow& x = r.interactions[row];
  HALQA_RETURN_IF_ERROR(
      CheckPair({x.actor, x.target, "actor", "target"}, r, forms, "interactions", row));
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

absl::Status CheckFollow(const WriteRequest& r, const IdForms& forms, size_t row, UnixSeconds now) {
  const FollowRow& f = r.follows[row];
  HALQA_RETURN_IF_ERROR(
      CheckPair({f.follower, f.followee, "follower", "followee"}, r, forms, "follows", row));
  return CheckTime(f.time, now, "follows", row);
}

absl::Status CheckRequestId(const std::string& request_id, UnixSeconds now) {
  if (request_id.empty()) return absl::OkStatus();
  const std::optional<UnixSeconds> time = RequestTime(request_id);
  if (!time) {
    return FieldError(
        "REQUEST_ID_WITHOUT_TIME", "request_id",
        absl::StrCat("'", request_id, "' carries no time: use a UUID of version 7, or ", now,
                     "-NAME with the seconds of now"));
  }
  if (*time > now + kFutureSecondsMax) {
    return FieldError("TIME_IN_FUTURE", "request_id",
                      absl::StrCat(*time, " is more than a day in the future"));
  }
  if (*time >= now - kRequestSecondsMax) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "REQUEST_ID_EXPIRED",
      absl::StrCat("request_id ", request_id, " is older than 24 hours: whether it was ",
                   "applied is no longer known; look before sending it under a new id"),
      {{"request_id", request_id}});
}

// Leaves the rows that `check` passes, and notes why the others go.
template <typename Row, typename Check>
void KeepGood(std::vector<Row>* rows, const Check& check, std::vector<Reject>* rejects) {
  std::vector<Row> good;
  for (size_t i = 0; i < rows->size(); ++i) {
    const absl::Status status = check(i);
    if (status.ok()) {
      good.push_back(std::move((*rows)[i]));
    } else {
      rejects->push_back(
          {ErrorDetails(status)["field"], ErrorReason(status), std::string(status.message())});
    }
  }
  *rows = std::move(good);
}

absl::Status CheckBatch(const WriteRequest& r, UnixSeconds now) {
  HALQA_RETURN_IF_ERROR(CheckRequestId(r.request_id, now));
  if (r.rows() == 0) return FieldError("EMPTY_BATCH", "batch", "holds no record");
  if (r.rows() <= kRowsMax) return absl::OkStatus();
  return FieldError(
      "BATCH_TOO_LARGE", "batch",
      absl::StrCat("holds ", r.rows(), " records; at most ", kRowsMax, " are allowed"));
}

}  // namespace

std::optional<UnixSeconds> RequestTime(absl::string_view id) {
  uint64_t value = 0;
  const bool uuid7 = id.size() == 36 && id[8] == '-' && id[13] == '-' && id[14] == '7';
  if (uuid7) {
    for (char c : absl::StrCat(id.substr(0, 8), id.substr(9, 4))) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
      value = value << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return static_cast<UnixSeconds>(value / 1000);
  }
  const size_t dash = id.find('-');
  if (dash == absl::string_view::npos || dash < 9 || dash > 11 || dash + 1 == id.size() ||
      !absl::SimpleAtoi(id.substr(0, dash), &value)) {
    return std::nullopt;
  }
  return static_cast<UnixSeconds>(value);
}

absl::StatusOr<std::vector<Reject>> RemoveBadRows(WriteRequest* r, UnixSeconds now) {
  HALQA_RETURN_IF_ERROR(CheckBatch(*r, now));
  const IdForms forms(*r);
  std::vector<Reject> rejects;
  KeepGood(
      &r->follows, [&](size_t i) { return CheckFollow(*r, forms, i, now); }, &rejects);
  KeepGood(
      &r->interactions, [&](size_t i) { return CheckInteraction(*r, forms, i, now); }, &rejects);
  KeepGood(
      &r->accounts, [&](size_t i) { return CheckAccount(r->accounts[i], i); }, &rejects);
  KeepGood(
      &r->posts, [&](size_t i) { return CheckPost(r->posts[i], i, now); }, &rejects);
  // No row names a malformed id any more; its place in the table stays, so that no index moves.
  for (size_t i = 0; i < forms.bad.size(); ++i) {
    if (!forms.bad[i].ok()) r->ids[i].clear();
  }
  return rejects;
}

void HashIds(absl::string_view id_key, WriteRequest* request) {
  request->hashes.resize(request->ids.size());
  for (size_t i = 0; i < request->ids.size(); ++i) {
    request->hashes[i] = store::HashExternalId(id_key, request->ids[i]);
  }
}

absl::Status ValidateWriteRequest(const WriteRequest& r, UnixSeconds now) {
  HALQA_RETURN_IF_ERROR(CheckBatch(r, now));
  const IdForms forms(r);
  for (size_t i = 0; i < r.follows.size(); ++i)
    HALQA_RETURN_IF_ERROR(CheckFollow(r, forms, i, now));
  for (size_t i = 0; i < r.interactions.size(); ++i)
    HALQA_RETURN_IF_ERROR(CheckInteraction(r, forms, i, now));
  for (size_t i = 0; i < r.accounts.size(); ++i)
    HALQA_RETURN_IF_ERROR(CheckAccount(r.accounts[i], i));
  for (size_t i = 0; i < r.posts.size(); ++i) HALQA_RETURN_IF_ERROR(CheckPost(r.posts[i], i, now));
  for (size_t i = 0; i < forms.bad.size(); ++i) {
    if (forms.bad[i].ok() || r.ids[i].empty()) continue;
    const std::string field = absl::StrCat("ids[", i, "]");
    return Annotate(WithDetail(forms.bad[i], "field", field), field);
  }
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
