// Profiles and posts of a commit group.

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/commit_group.h"
#include "engine/ingest/find_account.h"
#include "engine/ingest/profile.h"

namespace halqa::ingest {
namespace {

using store::Family;

// The followers that named an account at import are not counted again: it stays named while it is
// public, unless it withdraws the consent that may have named it.
bool StaysNamed(const store::AccountRow& before, const AccountRecord& merged) {
  const bool withdrew = before.record.opted_in.value_or(false) && !merged.opted_in.value_or(false);
  return before.named && merged.is_public.value_or(false) && !withdrew;
}

}  // namespace

absl::StatusOr<store::AccountRow> CommitGroup::LoadRow(AccountId id) {
  if (auto it = rows_.find(Raw(id)); it != rows_.end()) return it->second;
  if (Raw(id) >= first_created_) {
    store::AccountRow row;
    row.record.external_id = created_pseudonyms_[Raw(id) - first_created_];
    return row;
  }
  HALQA_ASSIGN_OR_RETURN(auto bytes, context_.db->Get(Family::kAccount, store::AccountKey(id)));
  if (!bytes) {
    return MakeError(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_MISSING",
                     absl::StrCat("account ", Raw(id), " has an id but no row"));
  }
  return store::DecodeAccount(*bytes);
}

absl::Status CommitGroup::ApplyProfile(const AccountRecord& record, const Provenance& provenance,
                                       WriteAck* ack) {
  HALQA_ASSIGN_OR_RETURN(const AccountId id, Resolve(record.external_id));
  if (id == kNoAccount) {
    ++ack->suppressed_rows;
    return absl::OkStatus();
  }
  AccountRecord complete = record;
  Provenance& own = complete.provenance;
  if (own.source.empty()) own.source = provenance.source;
  if (own.legal_basis.empty()) own.legal_basis = provenance.legal_basis;
  if (own.collected_at == 0) own.collected_at = provenance.collected_at;
  if (own.expires_at == 0) own.expires_at = provenance.expires_at;
  return ApplyProfileTo(id, complete);
}

absl::Status CommitGroup::ApplyProfileTo(AccountId id, const AccountRecord& record) {
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
    const store::KeyedHash hash = store::HashExternalId(context_.db->id_key(), own);
    store::MakeAnonymous(store::PseudonymOf(own, hash), &merged);
  } else {
    store::MakeAnonymous(own, &merged);
  }
  row.record = std::move(merged);
  HALQA_RETURN_IF_ERROR(Reindex(id, before, {}, &row));
  KeepProfileForUndo(id, before, row.document_version);
  uint64_t dropped = 0;
  return before.named && !row.named ? DropPosts(id, &dropped) : absl::OkStatus();
}

// The texts of a person who may no longer be named go with the name.
absl::Status CommitGroup::DropPosts(AccountId author, uint64_t* dropped) {
  for (const PostRecord& post : posts_[Raw(author)])
    batch_.Delete(Family::kPost, KeyOf(author, post));
  posts_[Raw(author)].clear();
  posts_dropped_.insert(Raw(author));
  return context_.db->Scan(Family::kPost, store::AccountKey(author),
                           store::AccountKey(AccountId{Raw(author) + 1}),
                           [&](absl::string_view key, absl::string_view) {
                             batch_.Delete(Family::kPost, key);
                             ++*dropped;
                             return true;
                           });
}

std::string CommitGroup::KeyOf(AccountId author, const PostRecord& post) const {
  const store::KeyedHash hash = store::HashExternalId(context_.db->id_key(), post.external_id);
  return store::PostKey(author, post.time, {hash.data(), 8});
}

absl::Status CommitGroup::ApplyPosts(const std::vector<PostRecord>& posts, WriteAck* ack) {
  std::map<uint32_t, std::vector<PostRecord>> by_author;
  for (const PostRecord& post : posts) {
    HALQA_ASSIGN_OR_RETURN(const AccountId author, Resolve(post.author));
    if (author == kNoAccount) {
      ++ack->suppressed_rows;
      continue;
    }
    HALQA_ASSIGN_OR_RETURN(const store::AccountRow row, LoadRow(author));
    // The text of a person who may not be named is not kept.
    if (row.named) by_author[Raw(author)].push_back(post);
  }
  for (auto& [author, added] : by_author) {
    for (const PostRecord& post : added) {
      const std::string key = KeyOf(AccountId{author}, post);
      HALQA_RETURN_IF_ERROR(KeepPostForUndo(AccountId{author}, key));
      batch_.Put(Family::kPost, key, store::EncodePost(post));
    }
    HALQA_ASSIGN_OR_RETURN(store::AccountRow row, LoadRow(AccountId{author}));
    const store::AccountRow before = row;
    HALQA_RETURN_IF_ERROR(Reindex(AccountId{author}, before, added, &row));
    KeepProfileForUndo(AccountId{author}, before, row.document_version);
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
  const text::DocumentTerms old_terms = AnalyzeRow(before, old_posts, *context_.taxonomy);
  row->document_version = before.document_version + 1;
  const text::DocumentTerms new_terms = AnalyzeRow(*row, new_posts, *context_.taxonomy);
  WritePostings({id, row->document_version, &old_terms, &new_terms}, &statistics_, &batch_);
  batch_.Put(Family::kAccount, store::AccountKey(id), store::EncodeAccount(*row));
  rows_[Raw(id)] = *row;
  return absl::OkStatus();
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
