// Erasing an account, and merging one into another.

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/commit_group.h"
#include "engine/ingest/find_account.h"

namespace halqa::ingest {
namespace {

using store::Family;

// Value of a row of `alias`: the account it was merged into, and the hash that led to it.
std::string AliasValue(AccountId canonical, const store::KeyedHash& hash) {
  return absl::StrCat(store::AccountKey(canonical), store::AsBytes(hash));
}

}  // namespace

void CommitGroup::Suppress(const store::KeyedHash& hash, const store::ErasureRow& erasure) {
  batch_.Put(Family::kSuppress, store::AsBytes(hash), store::EncodeErasure(erasure));
  batch_.Delete(Family::kExternalToId, store::AsBytes(hash));
  new_suppressed_[hash] = erasure;
  new_ids_[hash] = kNoAccount;
}

// The hash of an account's own id: its row holds the id, or the pseudonym that begins the hash.
absl::StatusOr<store::KeyedHash> CommitGroup::OwnHash(AccountId id, const store::AccountRow& row) {
  for (const auto& [hash, account] : new_ids_) {
    if (account == id && Raw(id) >= first_created_) return hash;
  }
  HALQA_ASSIGN_OR_RETURN(const FoundHash found, FindHash(*context_.db, row.record.external_id));
  if (found.account == id) return found.hash;
  return MakeError(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_CORRUPT",
                   absl::StrCat("the row of account ", Raw(id), " names another account"));
}

// Profile, posts and index entries go now; the edges go with the next fold and compaction, and are
// masked until then.
absl::Status CommitGroup::RemoveAccount(AccountId id, store::ErasureRow* erasure) {
  HALQA_ASSIGN_OR_RETURN(const store::AccountRow before, LoadRow(id));
  std::vector<PostRecord> stored;
  if (!posts_dropped_.contains(Raw(id))) {
    HALQA_ASSIGN_OR_RETURN(stored, LoadPosts(*context_.db, id));
  }
  const text::DocumentTerms terms =
      AnalyzeRow(before, DocumentPosts(posts_[Raw(id)], stored), *context_.taxonomy);
  WritePostings({id, before.document_version + 1, &terms, nullptr}, &statistics_, &batch_);
  erasure->posts += posts_[Raw(id)].size();
  HALQA_RETURN_IF_ERROR(DropPosts(id, &erasure->posts));
  store::AccountRow known = before;
  known.document_version = 0;
  erasure->had_profile =
      store::EncodeAccount(known) != store::EncodePlaceholder(known.record.external_id);
  batch_.Delete(Family::kAccount, store::AccountKey(id));
  rows_.erase(Raw(id));
  removed_.insert(Raw(id));
  // What would bring a profile or post back when an import is undone goes too.
  for (const auto& [source, row] : context_.sources->rows)
    HALQA_RETURN_IF_ERROR(DropUndoRows(id, source));
  return absl::OkStatus();
}

absl::Status CommitGroup::DropUndoRows(AccountId id, uint32_t source) {
  const std::string prefix = store::NumberKey(source);
  return context_.db->Scan(Family::kUndo, prefix + store::AccountKey(id),
                           prefix + store::AccountKey(AccountId{Raw(id) + 1}),
                           [&](absl::string_view key, absl::string_view) {
                             batch_.Delete(Family::kUndo, key);
                             return true;
                           });
}

// Whoever was merged into an erased account is erased with it.
absl::Status CommitGroup::ForgetAliases(AccountId id, const store::ErasureRow& erasure) {
  auto row = [&](absl::string_view key, absl::string_view value) {
    if (value.size() != 20 || DecodeFixed32BE(value) != Raw(id)) return true;
    store::KeyedHash hash;
    std::copy_n(value.data() + 4, hash.size(), hash.begin());
    Suppress(hash, erasure);
    batch_.Put(Family::kErased, key, store::EncodeErasure(erasure));
    return true;
  };
  return context_.db->Scan(Family::kAlias, "", "", row);
}

absl::StatusOr<WriteAck> CommitGroup::AddChange(const EraseRequest& request) {
  HALQA_ASSIGN_OR_RETURN(const auto found, FindHash(*context_.db, request.external_id));
  const store::KeyedHash hash = found.hash;
  WriteAck ack;
  for (const SuppressedSet* set : {context_.suppressed, &std::as_const(new_suppressed_)}) {
    if (auto it = set->find(hash); it != set->end()) {
      ack.lsn = it->second.lsn;
      ack.duplicate = true;
      ack.erasure = it->second;
      return ack;
    }
  }
  AccountId id = found.account.value_or(kNoAccount);
  if (auto it = new_ids_.find(hash); it != new_ids_.end()) id = it->second;
  store::ErasureRow erasure{Raw(id), tail_.lsn + 1, context_.now};
  store::ChangeRecord record;
  if (id != kNoAccount) {
    std::tie(erasure.following, erasure.followers) = context_.degrees(id);
    HALQA_ASSIGN_OR_RETURN(const store::AccountRow row, LoadRow(id));
    HALQA_ASSIGN_OR_RETURN(const store::KeyedHash own, OwnHash(id, row));
    HALQA_RETURN_IF_ERROR(RemoveAccount(id, &erasure));
    batch_.Put(Family::kErased, store::AccountKey(id), store::EncodeErasure(erasure));
    HALQA_RETURN_IF_ERROR(ForgetAliases(id, erasure));
    Suppress(own, erasure);
    record.erased = {Raw(id)};
    ++profile_changes_;
  }
  Suppress(hash, erasure);
  AppendRecord(std::move(record));
  ack.lsn = tail_.lsn;
  ack.erasure = erasure;
  return ack;
}

// Whoever was merged into the alias before goes on with it.
absl::Status CommitGroup::MoveAliases(AccountId alias, AccountId canonical) {
  return context_.db->Scan(
      Family::kAlias, "", "", [&](absl::string_view earlier, absl::string_view value) {
        if (value.size() != 20 || DecodeFixed32BE(value) != Raw(alias)) return true;
        store::KeyedHash hash;
        std::copy_n(value.data() + 4, hash.size(), hash.begin());
        batch_.Put(Family::kAlias, earlier, AliasValue(canonical, hash));
        batch_.Put(Family::kExternalToId, store::AsBytes(hash), store::AccountKey(canonical));
        new_ids_[hash] = canonical;
        return true;
      });
}

absl::StatusOr<WriteAck> CommitGroup::AddChange(const AliasRequest& request) {
  HALQA_ASSIGN_OR_RETURN(const AccountId alias, Resolve(request.alias));
  HALQA_ASSIGN_OR_RETURN(const AccountId canonical, Resolve(request.canonical));
  if (alias == kNoAccount || canonical == kNoAccount) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "ACCOUNT_ERASED",
                     absl::StrCat(alias == kNoAccount ? request.alias : request.canonical,
                                  " was erased and cannot be merged"));
  }
  if (alias == canonical) return WriteAck{tail_.lsn, true};
  HALQA_ASSIGN_OR_RETURN(const store::AccountRow row, LoadRow(alias));
  HALQA_ASSIGN_OR_RETURN(const store::KeyedHash hash, OwnHash(alias, row));
  store::ErasureRow ignored;
  HALQA_ASSIGN_OR_RETURN(const std::vector<PostRecord> posts, LoadPosts(*context_.db, alias));
  HALQA_RETURN_IF_ERROR(RemoveAccount(alias, &ignored));
  if (ignored.had_profile) {
    AccountRecord record = row.record;
    record.external_id = request.canonical;
    HALQA_RETURN_IF_ERROR(ApplyProfileTo(canonical, record));
  }
  WriteAck ack;
  std::vector<PostRecord> moved = posts;
  for (PostRecord& post : moved) post.author = request.canonical;
  HALQA_RETURN_IF_ERROR(ApplyPosts(moved, &ack));
  batch_.Put(Family::kExternalToId, store::AsBytes(hash), store::AccountKey(canonical));
  batch_.Put(Family::kAlias, store::AccountKey(alias), AliasValue(canonical, hash));
  HALQA_RETURN_IF_ERROR(MoveAliases(alias, canonical));
  new_ids_[hash] = canonical;
  store::ChangeRecord record;
  record.aliases = {{Raw(alias), Raw(canonical)}};
  AppendRecord(std::move(record));
  ++profile_changes_;
  ack.lsn = tail_.lsn;
  return ack;
}

}  // namespace halqa::ingest
