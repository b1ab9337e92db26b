#include "engine/store/keyed_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/records.h"

namespace halqa::store {

namespace {

std::string HmacSha256(absl::string_view key, absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const auto* ok =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  HALQA_CHECK(ok != nullptr && size == 32);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace

KeyedHash HashExternalId(absl::string_view key, absl::string_view external_id) {
  KeyedHash hash;
  static_assert(sizeof hash == crypto_shorthash_siphashx24_BYTES);
  if (key.size() == crypto_shorthash_siphashx24_KEYBYTES) {
    crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()),
                                reinterpret_cast<const unsigned char*>(external_id.data()),
                                external_id.size(),
                                reinterpret_cast<const unsigned char*>(key.data()));
    return hash;
  }
  const std::string digest = HmacSha256(key, external_id);
  std::copy_n(digest.data(), hash.size(), hash.begin());
  return hash;
}

std::string SignText(absl::string_view secret, absl::string_view text) {
  return absl::BytesToHexString(HmacSha256(secret, text));
}

std::string PseudonymOf(absl::string_view external_id, const KeyedHash& hash) {
  return absl::StrCat(PlatformOf(external_id), ":~",
                      absl::BytesToHexString(absl::string_view(hash.data(), 8)));
}

std::string NewSecret() {
  std::string secret(32, '\0');
  HALQA_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), 32) == 1);
  return secret;
}

}  // namespace halqa::store
