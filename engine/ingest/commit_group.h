#pragma once
// What one group commit changes, gathered before it is written. Used by the writer thread only.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/ids.h"
#include "engine/ingest/document.h"
#include "engine/ingest/id_cache.h"
#include "engine/ingest/log_tail.h"
#include "engine/ingest/source_table.h"
#include "engine/ingest/write_request.h"
#include "engine/store/account_codec.h"
#include "engine/store/change_record.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/mask.h"
#include "engine/store/source_codec.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Notes that all batches of `producer` up to `cursor` are in the store.
void RememberCursor(absl::string_view producer, uint64_t cursor, Lsn lsn, UnixSeconds now,
                    store::Batch* batch);

// What the writer tells about an accepted change.
struct WriteAck {
  Lsn lsn = 0;             // the change record that holds it
  bool duplicate = false;  // it had been applied before; nothing changed
  uint32_t new_accounts = 0;
  uint64_t suppressed_rows = 0;               // rows left out because an account in them was erased
  bool durable = true;                        // false: RELAXED, on disk within kRelaxedLossMs
  uint64_t restored_rows = 0, kept_rows = 0;  // of a RestoreRequest
  std::optional<store::ErasureRow> erasure = {};  // of an EraseRequest
};

// A RELAXED write is on disk at the latest so long after it was acknowledged.
inline constexpr int64_t kRelaxedLossMs = 1000;

using SuppressedSet = absl::flat_hash_map<store::KeyedHash, store::ErasureRow>;

// Follows of an account at this moment: (following, followers).
using DegreesFn = std::function<std::pair<uint64_t, uint64_t>(AccountId)>;

struct GroupContext {
  const store::Store* db = nullptr;
  const IdCache* ids = nullptr;
  const SuppressedSet* suppressed = nullptr;
  const SourceTable* sources = nullptr;
  const store::Mask* mask = nullptr;
  const text::Taxonomy* taxonomy = nullptr;
  DegreesFn degrees;
  store::Settings settings;
  index::IndexStatistics statistics;
  UnixSeconds now = 0;
  UnixSeconds horizon = 0;  // older events are refused
};

// Invariants: 1. Nothing outside changes before the batch was written; a group that fails is simply
// dropped.
// 2. Look-ups see what earlier requests of the same group did.
class CommitGroup {
 public:
  CommitGroup(const GroupContext& context, LogTail tail, uint32_t next_account);

  // Adds one validated change. An error that concerns the change alone (ConcernsOneRequest) leaves
  // the group as it was; a store error dooms the group.
  absl::StatusOr<WriteAck> Add(const Change& change);

  // Closes the group: counters and log end go into the batch. Call once.
  const store::Batch& Seal();

  const LogTail& tail() const { return tail_; }
  uint32_t next_account() const { return next_account_; }
  UnixSeconds horizon() const { return context_.horizon; }
  const index::IndexStatistics& statistics() const { return statistics_; }
  // kNoAccount: the hash means nobody any more.
  const absl::flat_hash_map<store::KeyedHash, AccountId>& new_ids() const { return new_ids_; }
  const SuppressedSet& new_suppressed() const { return new_suppressed_; }
  const std::map<uint32_t, store::SourceRow>& changed_sources() const { return changed_sources_; }
  const std::vector<store::ChangeRecord>& records() const { return records_; }
  // Profiles and posts in this group.
  uint64_t profile_changes() const { return profile_changes_; }
  bool empty() const { return records_.empty(); }
  uint64_t bytes() const { return batch_.bytes(); }

 private:
  absl::StatusOr<WriteAck> AddChange(const WriteRequest& request);
  absl::StatusOr<WriteAck> AddChange(const EraseRequest& request);
  absl::StatusOr<WriteAck> AddChange(const AliasRequest& request);
  absl::StatusOr<WriteAck> AddChange(const UndoRequest& request);
  absl::StatusOr<WriteAck> AddChange(const RestoreRequest& request);
  absl::StatusOr<WriteAck> AddChange(const HorizonRequest& request);

  // Exactly once (exactly_once.cc).
  absl::StatusOr<std::optional<WriteAck>> FindEarlier(const WriteRequest& request, uint64_t hash);
  absl::Status CheckCursor(const WriteRequest& request, bool* duplicate);
  void Remember(const WriteRequest& request, uint64_t hash);

  // Ids. kNoAccount where the account was erased.
  absl::StatusOr<AccountId> Resolve(const store::KeyedHash& hash, const std::string& external_id);
  absl::StatusOr<AccountId> Resolve(const std::string& external_id);
  AccountId Create(const store::KeyedHash& hash, const std::string& external_id);

  // Edges.
  absl::Status CheckHorizon(const WriteRequest& request) const;
  absl::StatusOr<std::vector<AccountId>> ResolveTable(const WriteRequest& request);
  absl::Status AppendBatch(const WriteRequest& request, WriteAck* ack);
  void AddFollows(const WriteRequest& request, const std::vector<AccountId>& ids,
                  store::ChangeRecord* out, WriteAck* ack) const;
  void AddInteractions(const WriteRequest& request, const std::vector<AccountId>& ids,
                       store::ChangeRecord* out, WriteAck* ack) const;
  void AppendRecord(store::ChangeRecord record);

  // Profiles and posts (group_profiles.cc).
  absl::StatusOr<store::AccountRow> LoadRow(AccountId id);
  absl::Status ApplyProfile(const AccountRecord& record, const Provenance& provenance,
                            WriteAck* ack);
  absl::Status ApplyProfileTo(AccountId id, const AccountRecord& record);
  absl::Status DropPosts(AccountId author, uint64_t* dropped);
  std::string KeyOf(AccountId author, const PostRecord& post) const;
  absl::Status ApplyPosts(const std::vector<PostRecord>& posts, WriteAck* ack);
  absl::Status Reindex(AccountId id, const store::AccountRow& before,
                       const std::vector<PostRecord>& added, store::AccountRow* row);
  absl::Status RestoreOne(const RestoreRow& row, WriteAck* ack);

  // Sources and what undoing them needs (group_sources.cc).
  absl::StatusOr<uint32_t> SourceOf(const WriteRequest& request);
  store::SourceRow* MutableSource(uint32_t number);
  void KeepProfileForUndo(AccountId id, const store::AccountRow& before, uint32_t version_after);
  absl::Status KeepPostForUndo(AccountId author, const std::string& post_key);

  // Erasing and merging (group_erase.cc).
  absl::Status RemoveAccount(AccountId id, store::ErasureRow* erasure);
  absl::Status DropUndoRows(AccountId id, uint32_t source);
  absl::StatusOr<store::KeyedHash> OwnHash(AccountId id, const store::AccountRow& row);
  absl::Status MoveAliases(AccountId alias, AccountId canonical);
  absl::Status ForgetAliases(AccountId id, const store::ErasureRow& erasure);
  void Suppress(const store::KeyedHash& hash, const store::ErasureRow& erasure);

  GroupContext context_;
  store::Batch batch_;
  LogTail tail_;
  uint32_t first_created_;  // accounts from here on are new in this group
  uint32_t next_account_;
  std::vector<std::string> created_pseudonyms_;
  uint32_t source_ = 0;  // of the request at work
  absl::flat_hash_map<store::KeyedHash, AccountId> new_ids_;
  SuppressedSet new_suppressed_;
  std::map<uint32_t, store::SourceRow> changed_sources_;
  absl::flat_hash_map<std::string, uint32_t> new_source_numbers_;
  uint32_t next_source_ = 0;
  absl::flat_hash_map<uint32_t, store::AccountRow> rows_;
  absl::flat_hash_map<std::string, std::string> undo_rows_;       // account rows kept in this group
  absl::flat_hash_set<uint32_t> removed_;                         // erased or merged in this group
  absl::flat_hash_map<uint32_t, std::vector<PostRecord>> posts_;  // added in this group
  absl::flat_hash_set<uint32_t> posts_dropped_;          // authors whose posts in the store go
  absl::flat_hash_map<std::string, std::string> dedup_;  // added in this group
  std::vector<store::ChangeRecord> records_;
  index::IndexStatistics statistics_;
  uint64_t profile_changes_ = 0;
};

// Errors that concern one change, not the group it came in.
bool ConcernsOneRequest(const absl::Status& status);

// The newest posts of an author that make its document: newest first, each external id once.
absl::StatusOr<std::vector<PostRecord>> LoadPosts(const store::Store& db, AccountId author);

}  // namespace halqa::ingest
