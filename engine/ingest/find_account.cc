#include "engine/ingest/find_account.h"

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

absl::StatusOr<std::optional<AccountId>> FindAccount(const store::Store& db,
                                                     absl::string_view external_id) {
  const store::KeyedHash hash = store::HashExternalId(db.secret(), external_id);
  HALQA_ASSIGN_OR_RETURN(auto value, db.Get(Family::kExternalToId, store::AsBytes(hash)));
  if (value) return std::optional<AccountId>(AccountId{DecodeFixed32BE(*value)});
  std::optional<AccountId> found;
  const std::string prefix = PrefixOf(NativeIdOf(external_id));
  if (prefix.empty()) return found;
  // The hash is the key: one short scan finds it.
  HALQA_RETURN_IF_ERROR(
      db.Scan(Family::kExternalToId, prefix, "", [&](absl::string_view key, absl::string_view id) {
        if (key.substr(0, 8) == prefix) found = AccountId{DecodeFixed32BE(id)};
        return false;
      }));
  if (!found) return found;
  HALQA_ASSIGN_OR_RETURN(const auto bytes, db.Get(Family::kAccount, store::AccountKey(*found)));
  if (!bytes) return std::optional<AccountId>();
  HALQA_ASSIGN_OR_RETURN(const auto row, store::DecodeAccount(*bytes));
  const bool same = PlatformOf(row.record.external_id) == PlatformOf(external_id);
  return same ? found : std::optional<AccountId>();
}

bool IsPseudonym(absl::string_view external_id) {
  return !PrefixOf(NativeIdOf(external_id)).empty();
}

}  // namespace halqa::ingest
