#include "engine/ingest/undo_rows.h"

#include <map>
#include <utility>

#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/store/account_codec.h"

namespace halqa::ingest {
namespace {

using store::Family;

constexpr size_t kPrefixBytes = 4 + 4 + 1 + 8;

std::string Key(uint32_t source, AccountId account, char kind, Lsn lsn) {
  std::string key = store::NumberKey(source) + store::AccountKey(account);
  key.push_back(kind);
  PutFixed64BE(lsn, &key);
  return key;
}

absl::Status Corrupt(uint32_t source) {
  return MakeError(absl::StatusCode::kDataLoss, "UNDO_ROW_CORRUPT",
                   "a row that undoing import " + std::to_string(source) + " needs is damaged");
}

// Takes one row of the family into what is known of its account. Rows come oldest first.
bool Collect(absl::string_view key, absl::string_view value, RestoreRow* row,
             std::map<std::string, std::string>* posts) {
  if (key[8] == 'p') {
    posts->emplace(std::string(key.substr(kPrefixBytes)), std::string(value));
    return true;
  }
  if (key[8] != 'a' || value.size() < 4) return false;
  row->version_after = DecodeFixed32BE(value);
  if (row->before.empty()) row->before = std::string(value.substr(4));
  return true;
}

}  // namespace

std::string UndoProfileKey(uint32_t source, AccountId account, Lsn lsn) {
  return Key(source, account, 'a', lsn);
}

std::string UndoPostKey(uint32_t source, AccountId account, Lsn lsn, absl::string_view post_key) {
  return Key(source, account, 'p', lsn) + std::string(post_key);
}

std::string EncodeUndoProfile(uint32_t version_after, absl::string_view row_before) {
  std::string value;
  PutFixed32BE(version_after, &value);
  value.append(row_before.data(), row_before.size());
  return value;
}

absl::Status ForEachRestore(const store::Store& db, uint32_t source,
                            const std::function<absl::Status(RestoreRow)>& fn) {
  RestoreRow current;
  std::map<std::string, std::string> posts;
  auto give = [&]() -> absl::Status {
    if (current.account == kNoAccount) return absl::OkStatus();
    current.posts.assign(posts.begin(), posts.end());
    posts.clear();
    return fn(std::exchange(current, {}));
  };
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    if (key.size() < kPrefixBytes) {
      status = Corrupt(source);
      return false;
    }
    const AccountId account{DecodeFixed32BE(key.substr(4))};
    if (account != current.account) status = give();
    if (!status.ok()) return false;
    current.account = account;
    if (!Collect(key, value, &current, &posts)) status = Corrupt(source);
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(
      db.Scan(Family::kUndo, store::NumberKey(source), store::NumberKey(source + 1), row));
  HALQA_RETURN_IF_ERROR(status);
  return give();
}

absl::StatusOr<std::vector<PostRecord>> PostsAfterRestore(const store::Store& db,
                                                          const RestoreRow& restore) {
  std::map<std::string, std::string> rows;
  HALQA_RETURN_IF_ERROR(db.Scan(Family::kPost, store::AccountKey(restore.account),
                                store::AccountKey(AccountId{Raw(restore.account) + 1}),
                                [&](absl::string_view key, absl::string_view value) {
                                  rows.emplace(key, value);
                                  return true;
                                }));
  for (const auto& [key, before] : restore.posts) {
    if (before.empty()) {
      rows.erase(key);
    } else {
      rows[key] = before;
    }
  }
  std::vector<PostRecord> posts;
  for (const auto& [key, value] : rows) {
    HALQA_ASSIGN_OR_RETURN(PostRecord post, store::DecodePost(value));
    posts.push_back(std::move(post));
  }
  return posts;
}

}  // namespace halqa::ingest
