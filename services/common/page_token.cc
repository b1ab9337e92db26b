#include "services/common/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ctime>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"

namespace halqa::services {
namespace {

constexpr size_t kMacBytes = 16;
constexpr size_t kBodyBytes = 1 + 7 * 8;
constexpr char kFormat = 1;

absl::Status Invalid() {
  return FieldError("PAGE_TOKEN_INVALID", "page_token", "is not a token of this server");
}

}  // namespace

std::string PageTokenSigner::Mac(absl::string_view body) const {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::string key = absl::StrCat("page_token", secret_);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), kMacBytes};
}

std::string PageTokenSigner::Sign(PageToken token) const {
  token.expires_at = std::time(nullptr) + kPageTokenSeconds;
  std::string body(1, kFormat);
  for (uint64_t v : {token.generation, token.snapshot, token.query_hash, token.position, token.last,
                     token.inner_hash, static_cast<uint64_t>(token.expires_at)}) {
    PutFixed64BE(v, &body);
  }
  return absl::WebSafeBase64Escape(absl::StrCat(body, Mac(body)));
}

absl::StatusOr<PageToken> PageTokenSigner::Check(absl::string_view text,
                                                 uint64_t query_hash) const {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() != kBodyBytes + kMacBytes)
    return Invalid();
  const absl::string_view body = absl::string_view(bytes).substr(0, kBodyBytes);
  const std::string mac = Mac(body);
  if (CRYPTO_memcmp(mac.data(), bytes.data() + kBodyBytes, kMacBytes) != 0 || body[0] != kFormat) {
    return Invalid();
  }
  absl::string_view in = body.substr(1);
  PageToken token;
  uint64_t expires = 0;
  for (uint64_t* v : {&token.generation, &token.snapshot, &token.query_hash, &token.position,
                      &token.last, &token.inner_hash, &expires}) {
    GetFixed64BE(&in, v);
  }
  token.expires_at = static_cast<int64_t>(expires);
  if (token.expires_at < std::time(nullptr)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "PAGE_TOKEN_EXPIRED",
                     "the page token is older than three days; start again without it");
  }
  if (token.query_hash != query_hash) {
    return FieldError("PAGE_TOKEN_MISMATCH", "page_token",
                      "was made for another request; only page_size may change between pages");
  }
  return token;
}

absl::StatusOr<int> PageSize(int32_t size, int fallback, int max) {
  if (size < 0)
    return FieldError("NEGATIVE_PAGE_SIZE", "page_size", absl::StrCat(size, " is negative"));
  return size == 0 ? fallback : std::min<int>(size, max);
}

}  // namespace halqa::services
