#include "engine/store/keyed_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/base/records.h"

namespace halqa::store {

KeyedHash HashExternalId(absl::string_view secret, absl::string_view external_id) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const auto* ok = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                        reinterpret_cast<const unsigned char*>(external_id.data()),
                        external_id.size(), digest, &size);
  HALQA_CHECK(ok != nullptr && size == 32);
  KeyedHash hash;
  std::copy_n(reinterpret_cast<const char*>(digest), hash.size(), hash.begin());
  return hash;
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
