#include "engine/ingest/commit_group.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/document.h"
#include "engine/ingest/find_account.h"
#include "engine/ingest/profile.h"

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

// The followers that named an account at import are not counted again: it stays named while it is
// public, unless it withdraws the consent that may have named it.
bool StaysNamed(const store::AccountRow& before, const AccountRecord& merged) {
  const bool withdrew = before.record.opted_in.value_or(false) && !merged.opted_in.value_or(false);
  return before.named && merged.is_public.value_or(false) && !withdrew;
}

}  // namespace

void RememberCursor(absl::string_view producer, uint64_t cursor, Lsn lsn, UnixSeconds now,
                    store::Batch* batch) {
  batch->Put(Family::kDedup, CursorKey(producer), DedupValue(cursor, lsn, now));
}

std::string EncodeTail(const LogTail& tail) {
  std::string out;
  PutFixed64BE(tail.lsn, &out);
  PutFixed64BE(tail.chain, &out);
  return out;
}

absl::StatusOr<LogTail> DecodeTail(absl::string_view bytes) {
  if (bytes.size() != 16) {
    return MakeError(absl::StatusCode::kDataLoss, "LOG_TAIL_CORRUPT",
                     "the log's end mark is damaged");
  }
  return LogTail{DecodeFixed64BE(bytes), DecodeFixed64BE(bytes.substr(8))};
}

CommitGroup::CommitGroup(const GroupContext& context, LogTail tail, uint32_t next_account)
    : context_(context),
      tail_(tail),
      next_account_(next_account),
      statistics_(context.statistics) {}

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

absl::StatusOr<WriteAck> CommitGroup::Add(const WriteRequest& request) {
  const uint64_t hash = PayloadHash(request);
  HALQA_ASSIGN_OR_RETURN(auto earlier, FindEarlier(request, hash));
  if (earlier) return *earlier;
  bool duplicate = false;
  HALQA_RETURN_IF_ERROR(CheckCursor(request, &duplicate));
  if (duplicate) return WriteAck{tail_.lsn, true, 0};
  const uint32_t created_before = created_;
  for (const AccountRecord& account : request.accounts)
    HALQA_RETURN_IF_ERROR(ApplyProfile(account));
  HALQA_RETURN_IF_ERROR(ApplyPosts(request.posts));
  HALQA_RETURN_IF_ERROR(AppendRecord(request));
  Remember(request, hash);
  profile_changes_ += request.accounts.size() + request.posts.size();
  return WriteAck{tail_.lsn, false, created_ - created_before};
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

absl::StatusOr<AccountId> CommitGroup::Resolve(const std::string& external_id) {
  const store::KeyedHash hash = store::HashExternalId(context_.db->secret(), external_id);
  if (auto it = context_.ids->find(hash); it != context_.ids->end()) return it->second;
  if (auto it = new_ids_.find(hash); it != new_ids_.end()) return it->second;
  HALQA_ASSIGN_OR_RETURN(const auto stored, FindAccount(*context_.db, external_id));
  if (stored) {
    new_ids_[hash] = *stored;
    return *stored;
  }
  const AccountId id{next_account_++};
  ++created_;
  new_ids_[hash] = id;
  batch_.Put(Family::kExternalToId, store::AsBytes(hash), store::AccountKey(id));
  store::AccountRow row;
  row.record.external_id = store::PseudonymOf(external_id, hash);
  batch_.Put(Family::kAccount, store::AccountKey(id), store::EncodeAccount(row));
  rows_[Raw(id)] = std::move(row);
  return id;
}

absl::StatusOr<store::AccountRow> CommitGroup::LoadRow(AccountId id) {
  if (auto it = rows_.find(Raw(id)); it != rows_.end()) return it->second;
  HALQA_ASSIGN_OR_RETURN(auto bytes, context_.db->Get(Family::kAccount, store::AccountKey(id)));
  if (!bytes) {
    return MakeError(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_MISSING",
                     absl::StrCat("account ", Raw(id), " has an id but no row"));
  }
  return store::DecodeAccount(*bytes);
}

absl::Status CommitGroup::ApplyProfile(const AccountRecord& record) {
  HALQA_ASSIGN_OR_RETURN(const AccountId id, Resolve(record.external_id));
  HALQA_ASSIGN_OR_RETURN(const store::AccountRow before, LoadRow(id));
  store::AccountRow row = before;
  AccountRecord merged = MergeProfiles(before.record, record);
  // Whoever knows only the pseudonym cannot name the account.
  const bool pseudonym = IsPseudonym(record.external_id);
  const std::string own = pseudonym ? before.record.external_id : record.external_id;
  row.named = StaysNamed(before, merged) ||
              (!pseudonym && store::MayBeNamed(merged, 0, context_.settings.name_threshold));
  if (row.named) {
    merged.external_id = own;
  } else if (before.named || !pseudonym) {
    const store::KeyedHash hash = store::HashExternalId(context_.db->secret(), own);
    store::MakeAnonymous(store::PseudonymOf(own, hash), &merged);
  } else {
    store::MakeAnonymous(own, &merged);
  }
  row.record = std::move(merged);
  HALQA_RETURN_IF_ERROR(Reindex(id, before, {}, &row));
  return before.named && !row.named ? DropPosts(id) : absl::OkStatus();
}

// The texts of a person who may no longer be named go with the name.
absl::Status CommitGroup::DropPosts(AccountId author) {
  for (const PostRecord& post : posts_[Raw(author)])
    batch_.Delete(Family::kPost, KeyOf(author, post));
  posts_[Raw(author)].clear();
  posts_dropped_.insert(Raw(author));
  return context_.db->Scan(Family::kPost, store::AccountKey(author),
                           store::AccountKey(AccountId{Raw(author) + 1}),
                           [&](absl::string_view key, absl::string_view) {
                             batch_.Delete(Family::kPost, key);
                             return true;
                           });
}

std::string CommitGroup::KeyOf(AccountId author, const PostRecord& post) const {
  const store::KeyedHash hash = store::HashExternalId(context_.db->secret(), post.external_id);
  return store::PostKey(author, post.time, {hash.data(), 8});
}

absl::Status CommitGroup::ApplyPosts(const std::vector<PostRecord>& posts) {
  std::map<uint32_t, std::vector<PostRecord>> by_author;
  for (const PostRecord& post : posts) {
    HALQA_ASSIGN_OR_RETURN(const AccountId author, Resolve(post.author));
    HALQA_ASSIGN_OR_RETURN(const store::AccountRow row, LoadRow(author));
    // The text of a person who may not be named is not kept.
    if (row.named) by_author[Raw(author)].push_back(post);
  }
  for (auto& [author, added] : by_author) {
    for (const PostRecord& post : added) {
      batch_.Put(Family::kPost, KeyOf(AccountId{author}, post), store::EncodePost(post));
    }
    HALQA_ASSIGN_OR_RETURN(store::AccountRow row, LoadRow(AccountId{author}));
    const store::AccountRow before = row;
    HALQA_RETURN_IF_ERROR(Reindex(AccountId{author}, before, added, &row));
  }
  return absl::OkStatus();
}

absl::Status CommitGroup::Reindex(AccountId id, const store::AccountRow& before,
                                  const std::vector<PostRecord>& added, store::AccountRow* row) {
  std::vector<PostRecord> stored;
  if (!posts_dropped_.contains(Raw(id))) {
    HALQA_ASSIGN_OR_RETURN(stored, LoadPosts(*context_.db, id));
  }
  std::vector<PostRecord>& pending = posts_[Raw(id)];
  const std::vector<PostRecord> old_posts = DocumentPosts(pending, stored);
  pending.insert(pending.begin(), added.rbegin(), added.rend());
  const std::vector<PostRecord> new_posts = DocumentPosts(pending, stored);
  const text::DocumentTerms old_terms = AnalyzeRow(before, old_posts);
  row->document_version = before.document_version + 1;
  const text::DocumentTerms new_terms = AnalyzeRow(*row, new_posts);
  WritePostings({id, row->document_version, &old_terms, &new_terms}, &statistics_, &batch_);
  batch_.Put(Family::kAccount, store::AccountKey(id), store::EncodeAccount(*row));
  rows_[Raw(id)] = *row;
  return absl::OkStatus();
}

absl::Status CommitGroup::AppendRecord(const WriteRequest& request) {
  std::vector<uint32_t> ids;
  ids.reserve(request.ids.size());
  for (const std::string& external_id : request.ids) {
    HALQA_ASSIGN_OR_RETURN(const AccountId id, Resolve(external_id));
    ids.push_back(Raw(id));
  }
  store::ChangeRecord record;
  record.lsn = tail_.lsn + 1;
  record.commit_time = context_.now;
  record.previous_chain = tail_.chain;
  for (const FollowRow& f : request.follows) {
    const auto state = f.removed ? store::FollowState::kRemoved : store::FollowState::kActive;
    record.follows.push_back(
        {ids[f.follower], ids[f.followee], store::MakeStateWord(f.time, state)});
  }
  for (const InteractionRow& x : request.interactions) {
    store::InteractionEntry entry{ids[x.target], static_cast<uint8_t>(x.kind),
                                  store::HourBucket(x.time), x.count};
    entry.value_micros = x.value_micros.value_or(0);
    if (x.sign) {
      entry.sign_milli_sum = std::lround(*x.sign * 1000);
      entry.sign_count = 1;
    }
    record.interactions.push_back({ids[x.actor], entry});
  }
  batch_.Put(Family::kChange, store::LsnKey(record.lsn),
             store::EncodeChangeRecord(record, &tail_.chain));
  tail_.lsn = record.lsn;
  records_.push_back(std::move(record));
  return absl::OkStatus();
}

const store::Batch& CommitGroup::Seal() {
  batch_.Put(Family::kMeta, store::meta::kTail, EncodeTail(tail_));
  batch_.Put(Family::kMeta, store::meta::kNextAccount, store::AccountKey(AccountId{next_account_}));
  batch_.Put(Family::kMeta, store::meta::kIndexStatistics, statistics_.Encode());
  return batch_;
}

absl::StatusOr<std::vector<PostRecord>> LoadPosts(const store::Store& db, AccountId author) {
  std::vector<PostRecord> posts;
  absl::flat_hash_set<std::string> seen;
  absl::Status status;
  auto row = [&](absl::string_view, absl::string_view value) {
    auto post = store::DecodePost(value);
    status = post.status();
    if (!status.ok()) return false;
    // Posts of one second lie in any order: all of the last one are read, DocumentPosts chooses.
    if (posts.size() >= kDocumentPostsMax && post->time != posts.back().time) return false;
    if (seen.insert(post->external_id).second) posts.push_back(*std::move(post));
    return true;
  };
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kPost, store::AccountKey(author),
                                store::AccountKey(AccountId{Raw(author) + 1}), row));
  HALQA_RETURN_IF_ERROR(status);
  return posts;
}

}  // namespace halqa::ingest
