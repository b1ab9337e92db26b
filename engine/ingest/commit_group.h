#pragma once
// What one group commit changes, gathered before it is written. Used by the writer thread only.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/ingest/document.h"
#include "engine/ingest/write_request.h"
#include "engine/store/account_codec.h"
#include "engine/store/change_record.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Where the log ends.
struct LogTail {
  Lsn lsn = 0;
  uint64_t chain = 0;
  bool operator==(const LogTail&) const = default;
};
std::string EncodeTail(const LogTail& tail);
absl::StatusOr<LogTail> DecodeTail(absl::string_view bytes);

// Notes that all batches of `producer` up to `cursor` are in the store.
void RememberCursor(absl::string_view producer, uint64_t cursor, Lsn lsn, UnixSeconds now,
                    store::Batch* batch);

// What the writer tells about an accepted batch.
struct WriteAck {
  Lsn lsn = 0;             // the change record that holds the batch
  bool duplicate = false;  // it had been applied before; nothing changed
  uint32_t new_accounts = 0;
};

// Ids the writer has seen, so that a hot account costs no read. Bounded by the number of accounts.
using IdCache = absl::flat_hash_map<store::KeyedHash, AccountId>;

struct GroupContext {
  const store::Store* db = nullptr;
  const IdCache* ids = nullptr;
  store::Settings settings;
  index::IndexStatistics statistics;
  UnixSeconds now = 0;
};

// Invariants: 1. Nothing outside changes before the batch was written; a group that fails is simply
// dropped.
// 2. Look-ups see what earlier requests of the same group did.
class CommitGroup {
 public:
  CommitGroup(const GroupContext& context, LogTail tail, uint32_t next_account);

  // Adds one validated request. An error that concerns the request alone (REQUEST_ID_REUSED,
  // CURSOR_GAP) leaves the group as it was; a store error dooms the group.
  absl::StatusOr<WriteAck> Add(const WriteRequest& request);

  // Closes the group: counters and log end go into the batch. Call once.
  const store::Batch& Seal();

  const LogTail& tail() const { return tail_; }
  uint32_t next_account() const { return next_account_; }
  const index::IndexStatistics& statistics() const { return statistics_; }
  const IdCache& new_ids() const { return new_ids_; }
  const std::vector<store::ChangeRecord>& records() const { return records_; }
  // Profiles and posts in this group.
  uint64_t profile_changes() const { return profile_changes_; }
  bool empty() const { return records_.empty(); }
  uint64_t bytes() const { return batch_.bytes(); }

 private:
  absl::StatusOr<std::optional<WriteAck>> FindEarlier(const WriteRequest& request, uint64_t hash);
  absl::Status CheckCursor(const WriteRequest& request, bool* duplicate);
  absl::StatusOr<AccountId> Resolve(const std::string& external_id);
  absl::StatusOr<store::AccountRow> LoadRow(AccountId id);
  absl::Status ApplyProfile(const AccountRecord& record);
  absl::Status DropPosts(AccountId author);
  std::string KeyOf(AccountId author, const PostRecord& post) const;
  absl::Status ApplyPosts(const std::vector<PostRecord>& posts);
  absl::Status Reindex(AccountId id, const store::AccountRow& before,
                       const std::vector<PostRecord>& added, store::AccountRow* row);
  absl::Status AppendRecord(const WriteRequest& request);
  void Remember(const WriteRequest& request, uint64_t hash);

  GroupContext context_;
  store::Batch batch_;
  LogTail tail_;
  uint32_t next_account_;
  uint32_t created_ = 0;
  IdCache new_ids_;
  absl::flat_hash_map<uint32_t, store::AccountRow> rows_;
  absl::flat_hash_map<uint32_t, std::vector<PostRecord>> posts_;  // added in this group
  absl::flat_hash_set<uint32_t> posts_dropped_;          // authors whose posts in the store go
  absl::flat_hash_map<std::string, std::string> dedup_;  // added in this group
  std::vector<store::ChangeRecord> records_;
  index::IndexStatistics statistics_;
  uint64_t profile_changes_ = 0;
};

// The newest posts of an author that make its document: newest first, each external id once.
absl::StatusOr<std::vector<PostRecord>> LoadPosts(const store::Store& db, AccountId author);

}  // namespace halqa::ingest
