#pragma once
// Opaque signed page tokens. A token holds where a page ended and what it is bound to; it is no
// authorisation.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/ids.h"

namespace halqa::services {

// What a token holds. `query_hash` covers every other field of the request.
struct PageToken {
  uint64_t generation = 0;
  uint64_t snapshot = 0;
  uint64_t query_hash = 0;
  uint64_t position = 0;  // meaning is the method's: an id, an offset, a score
  uint64_t last = 0;
  uint64_t inner_hash = 0;  // the engine's own hash of the query, where it has one
  int64_t expires_at = 0;   // Unix seconds
};

inline constexpr int64_t kPageTokenSeconds = 3 * 24 * 3600;

// Thread safety: immutable.
class PageTokenSigner {
 public:
  explicit PageTokenSigner(std::string secret) : secret_(std::move(secret)) {}
  // URL-safe text. expires_at is set to now + three days.
  std::string Sign(PageToken token) const;
  // Errors: InvalidArgument, field page_token: PAGE_TOKEN_INVALID (not one of ours),
  // PAGE_TOKEN_MISMATCH (made for another request); FailedPrecondition PAGE_TOKEN_EXPIRED.
  absl::StatusOr<PageToken> Check(absl::string_view text, uint64_t query_hash) const;

 private:
  std::string Mac(absl::string_view body) const;
  std::string secret_;
};

// The number of items of a page: `size` 0 = fallback, more than max = max. Errors: InvalidArgument,
// field page_size (NEGATIVE_PAGE_SIZE).
absl::StatusOr<int> PageSize(int32_t size, int fallback, int max);

}  // namespace halqa::services
