// Exactly once: request ids and producer cursors.

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/commit_group.h"

namespace halqa::ingest {
namespace {

using store::Family;

// Value of a remembered request or cursor: payload hash, lsn, commit time.
std::string DedupValue(uint64_t hash, Lsn lsn, UnixSeconds now) {
  std::string value;
  PutFixed64BE(hash, &value);
  PutFixed64BE(lsn, &value);
  PutFixed64BE(static_cast<uint64_t>(now), &value);
  return value;
}

std::string RequestKey(absl::string_view request_id) { return absl::StrCat("r:", request_id); }
std::string CursorKey(absl::string_view producer) { return absl::StrCat("c:", producer); }

}  // namespace

void RememberCursor(absl::string_view producer, uint64_t cursor, Lsn lsn, UnixSeconds now,
                    store::Batch* batch) {
  batch->Put(Family::kDedup, CursorKey(producer), DedupValue(cursor, lsn, now));
}

absl::StatusOr<std::optional<WriteAck>> CommitGroup::FindEarlier(const WriteRequest& request,
                                                                 uint64_t hash) {
  if (request.request_id.empty()) return std::optional<WriteAck>();
  const std::string key = RequestKey(request.request_id);
  std::optional<std::string> value;
  if (auto it = dedup_.find(key); it != dedup_.end()) {
    value = it->second;
  } else {
    HALQA_ASSIGN_OR_RETURN(value, context_.db->Get(Family::kDedup, key));
  }
  if (!value) return std::optional<WriteAck>();
  if (DecodeFixed64BE(*value) != hash) {
    return MakeError(
        absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
        absl::StrCat("request_id ", request.request_id, " was used for a batch with other content"),
        {{"request_id", request.request_id}});
  }
  return std::optional<WriteAck>(
      WriteAck{DecodeFixed64BE(absl::string_view(*value).substr(8)), true, 0});
}

absl::Status CommitGroup::CheckCursor(const WriteRequest& request, bool* duplicate) {
  *duplicate = false;
  if (request.producer.empty()) return absl::OkStatus();
  const std::string key = CursorKey(request.producer);
  std::optional<std::string> value;
  if (auto it = dedup_.find(key); it != dedup_.end()) {
    value = it->second;
  } else {
    HALQA_ASSIGN_OR_RETURN(value, context_.db->Get(Family::kDedup, key));
  }
  const uint64_t stored = value ? DecodeFixed64BE(*value) : 0;
  *duplicate = request.cursor <= stored;
  if (*duplicate || request.cursor == stored + 1) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, "CURSOR_GAP",
                   absl::StrCat("producer ", request.producer, " sent cursor ", request.cursor,
                                " but the next one is ", stored + 1),
                   {{"producer", request.producer}, {"expected", absl::StrCat(stored + 1)}});
}

void CommitGroup::Remember(const WriteRequest& request, uint64_t hash) {
  auto put = [&](const std::string& key, std::string value) {
    batch_.Put(Family::kDedup, key, value);
    dedup_[key] = std::move(value);
  };
  if (!request.request_id.empty()) {
    put(RequestKey(request.request_id), DedupValue(hash, tail_.lsn, context_.now));
  }
  if (!request.producer.empty()) {
    put(CursorKey(request.producer), DedupValue(request.cursor, tail_.lsn, context_.now));
  }
}

}  // namespace halqa::ingest
