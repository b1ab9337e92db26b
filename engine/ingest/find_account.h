#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// The account of an external id, or of the pseudonym ("platform:~" and 16 hexadecimal digits) by
// which an unnamed account is shown; nullopt when there is none. Errors: those of the store.
// A pseudonym finds accounts of its own platform only.
absl::StatusOr<std::optional<AccountId>> FindAccount(const store::Store& db,
                                                     absl::string_view external_id);

// The hash that leads to an account, and the account where there is one. A pseudonym of no account
// gives the hash of the pseudonym itself. Errors: those of the store.
struct FoundHash {
  store::KeyedHash hash;
  std::optional<AccountId> account;
};
absl::StatusOr<FoundHash> FindHash(const store::Store& db, absl::string_view external_id);

// Whether an id has the form of a pseudonym.
bool IsPseudonym(absl::string_view external_id);

}  // namespace halqa::ingest
