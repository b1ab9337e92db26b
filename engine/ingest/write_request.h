#pragma once
// One batch of records on its way to the writer: a table of external ids and rows that point into
// it.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "engine/base/ids.h"
#include "engine/base/records.h"
#include "engine/store/change_record.h"
#include "engine/store/keyed_hash.h"

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
  // Optional; the same id with the same content is applied once. Carries a time, see RequestTime.
  std::string request_id;
  std::string producer;  // optional; with `cursor` = 1, 2, 3, ... without a hole
  uint64_t cursor = 0;
  Provenance provenance;  // of the producer; kept when its first batch comes
  bool relaxed = false;   // acknowledge before the disk has it
  bool checked = false;   // RemoveBadRows has seen it: it may be empty, and is not checked again
  std::vector<std::string> ids;
  std::vector<FollowRow> follows;
  std::vector<InteractionRow> interactions;
  std::vector<AccountRecord> accounts;
  std::vector<PostRecord> posts;
  std::vector<store::KeyedHash> hashes;  // of `ids`, filled by HashIds
  // Follows between accounts that are known by number: what the engine derives itself.
  std::vector<store::FollowChange> derived;

  uint64_t rows() const {
    return follows.size() + interactions.size() + accounts.size() + posts.size() + derived.size();
  }
};

// A person's account goes and does not come back.
struct EraseRequest {
  std::string external_id;  // or the pseudonym
};

// `alias` and `canonical` are one account; its edges, posts and profile go to `canonical`.
struct AliasRequest {
  std::string alias, canonical;
};

// The events of a source no longer count. Its profiles and posts go by RestoreRequests.
struct UndoRequest {
  uint32_t source = 0;
};

// Puts back what stood in a row before a source wrote it, unless somebody wrote it since.
struct RestoreRow {
  AccountId account = kNoAccount;
  uint32_t version_after = 0;                              // document version that the source left
  std::string before;                                      // the account row as it was
  std::vector<std::pair<std::string, std::string>> posts;  // post key -> bytes before, "" = none
};
struct RestoreRequest {
  uint32_t source = 0;
  std::vector<RestoreRow> rows;
};

// No event before it is taken any more.
struct HorizonRequest {
  UnixSeconds horizon = 0;
};

using Change = std::variant<WriteRequest, EraseRequest, AliasRequest, UndoRequest, RestoreRequest,
                            HorizonRequest>;

inline constexpr uint64_t kRowsMax = 20000;           // rows of one batch
inline constexpr int64_t kFutureSecondsMax = 86400;   // events later than now + 1 day are refused
inline constexpr int64_t kRequestSecondsMax = 86400;  // request ids older than that are refused

// Checks every row against the table, the id forms and the times. Errors: InvalidArgument whose
// "field" names the row (follows[3].followee): EMPTY_BATCH, BATCH_TOO_LARGE, INDEX_OUT_OF_RANGE,
// INVALID_EXTERNAL_ID, SELF_LOOP, TIME_IN_FUTURE, VALUE_OUT_OF_RANGE, NOT_UTF8.
absl::Status ValidateWriteRequest(const WriteRequest& request, UnixSeconds now);

// The moment that a request id carries: a UUID of version 7, or Unix seconds and "-" before
// anything. nullopt for any other form.
std::optional<UnixSeconds> RequestTime(absl::string_view request_id);

// A row that lenient writing left out.
struct Reject {
  std::string field;  // "follows[3].followee"
  std::string reason, message;
};
// Takes out every row that ValidateWriteRequest would refuse, until the rest passes; what concerns
// the batch as a whole is still an error.
absl::StatusOr<std::vector<Reject>> RemoveBadRows(WriteRequest* request, UnixSeconds now);

// Fills `hashes`. Done before the writer sees the request: it is the dearest step per row.
void HashIds(absl::string_view id_key, WriteRequest* request);

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
