#pragma once
// Keyed hashes of external ids. The store looks accounts up by hash only, so the id of a person who
// may not be named is never written down. docs/adr/0008-siphash-for-ids.md.

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace halqa::store {

using KeyedHash = std::array<char, 16>;

// Under a key of 16 bytes: SipHash-2-4 with 128 bits of output (Aumasson and Bernstein 2012), about
// 30 ns. Under any other key, which stores of format 1 have: the first 16 bytes of
// HMAC-SHA-256(key, external_id), about 1 us.
KeyedHash HashExternalId(absl::string_view key, absl::string_view external_id);

// HMAC-SHA-256 in hexadecimal: proves that a receipt came from who holds the secret.
std::string SignText(absl::string_view secret, absl::string_view text);

// "platform:~" + 16 hexadecimal digits of the hash: what is shown for an account that may not be
// named.
std::string PseudonymOf(absl::string_view external_id, const KeyedHash& hash);

// 32 random bytes from the system. Used once, when a store is made.
std::string NewSecret();

inline absl::string_view AsBytes(const KeyedHash& hash) { return {hash.data(), hash.size()}; }

}  // namespace halqa::store
