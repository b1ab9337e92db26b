#pragma once
// Keyed hashes of external ids. The store looks accounts up by hash only, so the id of a person who
// may not be named is never written down. Truncated HMAC-SHA-256 under a secret made with the
// store.

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace halqa::store {

using KeyedHash = std::array<char, 16>;

// The first 16 bytes of HMAC-SHA-256(secret, external_id). Cost: about 1 us.
KeyedHash HashExternalId(absl::string_view secret, absl::string_view external_id);

// "platform:~" + 16 hexadecimal digits of the hash: what is shown for an account that may not be
// named.
std::string PseudonymOf(absl::string_view external_id, const KeyedHash& hash);

// 32 random bytes from the system. Used once, when a store is made.
std::string NewSecret();

inline absl::string_view AsBytes(const KeyedHash& hash) { return {hash.data(), hash.size()}; }

}  // namespace halqa::store
