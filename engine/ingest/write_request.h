#pragma once
// One batch of records on its way to the writer: a table of external ids and rows that point into
// it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "engine/base/records.h"

namespace halqa::ingest {

struct FollowRow {
  uint32_t follower = 0, followee = 0;  // places in WriteRequest::ids
  UnixSeconds time = 0;                 // 0 = not known
  bool removed = false;
};

struct InteractionRow {
  uint32_t actor = 0, target = 0;
  InteractionKind kind = InteractionKind::kLike;
  uint32_t count = 1;
  UnixSeconds time = 0;
  std::optional<int64_t> value_micros;
  std::optional<float> sign;
};

struct WriteRequest {
  std::string request_id;  // optional; the same id with the same content is applied once
  std::string producer;    // optional; with `cursor` = 1, 2, 3, ... without a hole
  uint64_t cursor = 0;
  std::vector<std::string> ids;
  std::vector<FollowRow> follows;
  std::vector<InteractionRow> interactions;
  std::vector<AccountRecord> accounts;
  std::vector<PostRecord> posts;

  uint64_t rows() const {
    return follows.size() + interactions.size() + accounts.size() + posts.size();
  }
};

inline constexpr uint64_t kRowsMax = 20000;          // rows of one batch
inline constexpr int64_t kFutureSecondsMax = 86400;  // events later than now + 1 day are refused

// Checks every row against the table, the id forms and the times. Errors: InvalidArgument whose
// "field" names the row (follows[3].followee): EMPTY_BATCH, BATCH_TOO_LARGE, INDEX_OUT_OF_RANGE,
// INVALID_EXTERNAL_ID, SELF_LOOP, TIME_IN_FUTURE, VALUE_OUT_OF_RANGE, NOT_UTF8.
absl::Status ValidateWriteRequest(const WriteRequest& request, UnixSeconds now);

// A hash of everything but request_id, producer and cursor: tells a retry from another batch under
// a used id.
uint64_t PayloadHash(const WriteRequest& request);

// Collects records into a request, each external id once.
class WriteRequestBuilder : public RecordVisitor {
 public:
  absl::Status OnAccount(const AccountRecord& record) override;
  absl::Status OnFollow(const FollowRecord& record) override;
  absl::Status OnInteraction(const InteractionRecord& record) override;
  absl::Status OnPost(const PostRecord& record) override;
  const WriteRequest& request() const { return request_; }
  // Hands the batch over and starts an empty one.
  WriteRequest Take();

 private:
  uint32_t Intern(absl::string_view id);
  WriteRequest request_;
  absl::flat_hash_map<std::string, uint32_t> places_;
};

}  // namespace halqa::ingest
