// Sources of a commit group, and what undoing one needs.

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/commit_group.h"
#include "engine/ingest/undo_rows.h"

namespace halqa::ingest {

using store::Family;

store::SourceRow* CommitGroup::MutableSource(uint32_t number) {
  if (auto it = changed_sources_.find(number); it != changed_sources_.end()) return &it->second;
  auto known = context_.sources->rows.find(number);
  if (known == context_.sources->rows.end()) return nullptr;
  return &changed_sources_.emplace(number, known->second).first->second;
}

absl::StatusOr<uint32_t> CommitGroup::SourceOf(const WriteRequest& request) {
  if (request.producer.empty()) return 0;
  uint32_t number = 0;
  if (auto it = context_.sources->numbers.find(request.producer);
      it != context_.sources->numbers.end()) {
    number = it->second;
  } else if (auto fresh = new_source_numbers_.find(request.producer);
             fresh != new_source_numbers_.end()) {
    number = fresh->second;
  }
  if (number != 0 && MutableSource(number)->undone) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "IMPORT_UNDONE",
                     absl::StrCat("import ", number, " (", request.producer,
                                  ") was undone and takes no more batches; use another producer"),
                     {{"import", absl::StrCat(number)}, {"producer", request.producer}});
  }
  if (number == 0) {
    number = next_source_++;
    new_source_numbers_[request.producer] = number;
    changed_sources_[number] = {request.producer, request.provenance, context_.now};
  }
  store::SourceRow* row = MutableSource(number);
  row->follows += request.follows.size();
  row->interactions += request.interactions.size();
  row->profiles += request.accounts.size();
  row->posts += request.posts.size();
  return number;
}

absl::StatusOr<WriteAck> CommitGroup::AddChange(const UndoRequest& request) {
  const store::SourceRow* known = MutableSource(request.source);
  if (known == nullptr) {
    return MakeError(absl::StatusCode::kNotFound, "IMPORT_NOT_FOUND",
                     absl::StrCat("there is no import ", request.source),
                     {{"import", absl::StrCat(request.source)}});
  }
  if (known->founding) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "IMPORT_IS_THE_GRAPH",
                     "the graph was built from this import: remove its directory instead");
  }
  if (known->undone) return WriteAck{tail_.lsn, true};
  store::SourceRow* row = MutableSource(request.source);
  row->undone = true;
  row->undone_at = context_.now;
  store::ChangeRecord record;
  record.undone = {request.source};
  AppendRecord(std::move(record));
  return WriteAck{tail_.lsn};
}

void CommitGroup::KeepProfileForUndo(AccountId id, const store::AccountRow& before,
                                     uint32_t version_after) {
  if (source_ == 0) return;
  // The record of this request is not appended yet; what it wrote first is what undoing needs.
  const std::string key = UndoProfileKey(source_, id, tail_.lsn + 1);
  const auto kept = undo_rows_.try_emplace(key, store::EncodeAccount(before)).first;
  batch_.Put(Family::kUndo, key, EncodeUndoProfile(version_after, kept->second));
}

absl::Status CommitGroup::KeepPostForUndo(AccountId author, const std::string& post_key) {
  if (source_ == 0) return absl::OkStatus();
  HALQA_ASSIGN_OR_RETURN(const auto before, context_.db->Get(Family::kPost, post_key));
  batch_.Put(Family::kUndo, UndoPostKey(source_, author, tail_.lsn + 1, post_key),
             before.value_or(""));
  return absl::OkStatus();
}

absl::StatusOr<WriteAck> CommitGroup::AddChange(const RestoreRequest& request) {
  WriteAck ack;
  for (const RestoreRow& row : request.rows) {
    HALQA_RETURN_IF_ERROR(RestoreOne(row, &ack));
    // Killed after this batch, the same undo goes on behind it.
    if (request.source != 0) HALQA_RETURN_IF_ERROR(DropUndoRows(row.account, request.source));
  }
  AppendRecord({});
  profile_changes_ += request.rows.size();
  ack.lsn = tail_.lsn;
  return ack;
}

absl::Status CommitGroup::RestoreOne(const RestoreRow& restore, WriteAck* ack) {
  const bool gone = removed_.contains(Raw(restore.account)) ||
                    context_.mask->Hidden(Raw(restore.account)) ||
                    context_.mask->aliases().contains(Raw(restore.account));
  if (gone) return absl::OkStatus();
  HALQA_ASSIGN_OR_RETURN(const store::AccountRow now, LoadRow(restore.account));
  if (now.document_version != restore.version_after) {
    ++ack->kept_rows;
    return absl::OkStatus();
  }
  // The document is made again from the posts that stay, and the row that was there before.
  std::vector<PostRecord> stored;
  HALQA_ASSIGN_OR_RETURN(stored, LoadPosts(*context_.db, restore.account));
  const text::DocumentTerms old_terms =
      AnalyzeRow(now, DocumentPosts({}, stored), *context_.taxonomy);
  for (const auto& [key, before] : restore.posts) {
    before.empty() ? batch_.Delete(Family::kPost, key) : batch_.Put(Family::kPost, key, before);
  }
  HALQA_ASSIGN_OR_RETURN(store::AccountRow row, store::DecodeAccount(restore.before));
  row.document_version = now.document_version + 1;
  HALQA_ASSIGN_OR_RETURN(const auto left, PostsAfterRestore(*context_.db, restore));
  const text::DocumentTerms new_terms =
      AnalyzeRow(row, DocumentPosts({}, left), *context_.taxonomy);
  WritePostings({restore.account, row.document_version, &old_terms, &new_terms}, &statistics_,
                &batch_);
  batch_.Put(Family::kAccount, store::AccountKey(restore.account), store::EncodeAccount(row));
  rows_[Raw(restore.account)] = std::move(row);
  ++ack->restored_rows;
  return absl::OkStatus();
}

}  // namespace halqa::ingest
