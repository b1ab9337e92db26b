#pragma once
// Accounts and posts as bytes of the store, and back. The private protos go no further than this
// file.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/records.h"

namespace halqa::store {

// What the store keeps of one account. record.external_id is the real id of a named account and the
// pseudonym
// ("platform:~hash") of every other.
struct AccountRow {
  AccountRecord record;
  bool named = false;
  uint32_t document_version = 0;
};

std::string EncodeAccount(const AccountRow& row);
// EncodeAccount of a row of which nothing but the pseudonym is known; about ten times as fast.
std::string EncodePlaceholder(absl::string_view pseudonym);
// Errors: DataLoss (ACCOUNT_ROW_CORRUPT).
absl::StatusOr<AccountRow> DecodeAccount(absl::string_view bytes);

// Whether an account may be shown by name: it opted in, or it is known to be public and has at
// least `threshold` followers (the larger of what it declares and what the graph knows).
bool MayBeNamed(const AccountRecord& record, uint64_t known_followers, uint64_t threshold);

// Removes what tells who the account is: id becomes `pseudonym`; handle, name, bio, link, creator
// and attributes go. Language, country, category, hashtags and lists stay: they describe the
// audience, not the person.
void MakeAnonymous(absl::string_view pseudonym, AccountRecord* record);

std::string EncodePost(const PostRecord& post);
// The author is part of the key, not of the value, and stays empty. Errors: DataLoss
// (POST_ROW_CORRUPT).
absl::StatusOr<PostRecord> DecodePost(absl::string_view bytes);

}  // namespace halqa::store
