#include "engine/ingest/find_account.h"

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "engine/base/coding.h"
#include "engine/base/records.h"
#include "engine/base/status_macros.h"
#include "engine/store/account_codec.h"
#include "engine/store/keyed_hash.h"

namespace halqa::ingest {
namespace {

using store::Family;

// The first 8 bytes of the hash that a pseudonym shows; "" when `native` is none.
std::string PrefixOf(absl::string_view native) {
  if (native.size() != 17 || native[0] != '~') return "";
  const std::string prefix = absl::HexStringToBytes(native.substr(1));
  return absl::BytesToHexString(prefix) == native.substr(1) ? prefix : "";
}

}  // namespace

absl::StatusOr<FoundHash> FindHash(const store::Store& db, absl::string_view external_id) {
  FoundHash found{store::HashExternalId(db.id_key(), external_id), std::nullopt};
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kExternalToId, store::AsBytes(found.hash)));
  if (value) found.account = AccountId{DecodeFixed32BE(*value)};
  const std::string prefix = PrefixOf(NativeIdOf(external_id));
  if (value || prefix.empty()) return found;
  // The hash is the key: one short scan finds it.
  FoundHash shown = found;
  HALQA_RETURN_IF_ERROR(
      db.Scan(Family::kExternalToId, prefix, "", [&](absl::string_view key, absl::string_view id) {
        if (key.substr(0, 8) != prefix || key.size() != shown.hash.size()) return false;
        std::copy_n(key.data(), key.size(), shown.hash.begin());
        shown.account = AccountId{DecodeFixed32BE(id)};
        return false;
      }));
  if (!shown.account) return found;
  HALQA_ASSIGN_OR_RETURN(const auto bytes,
                         db.Get(Family::kAccount, store::AccountKey(*shown.account)));
  if (!bytes) return found;
  HALQA_ASSIGN_OR_RETURN(const auto row, store::DecodeAccount(*bytes));
  return PlatformOf(row.record.external_id) == PlatformOf(external_id) ? shown : found;
}

absl::StatusOr<std::optional<AccountId>> FindAccount(const store::Store& db,
                                                     absl::string_view external_id) {
  HALQA_ASSIGN_OR_RETURN(const FoundHash found, FindHash(db, external_id));
  return found.account;
}

bool IsPseudonym(absl::string_view external_id) {
  return !PrefixOf(NativeIdOf(external_id)).empty();
}

}  // namespace halqa::ingest
