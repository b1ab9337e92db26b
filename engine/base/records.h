#pragma once
// The records that enter Halqa, whatever file or call they come from. Everything optional may be
// unknown: an unset optional and a time of 0 mean "not known", never zero. External ids are
// "platform:native_id".

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace halqa {

// Seconds since 1970-01-01 UTC; 0 = not known.
using UnixSeconds = int64_t;

struct Price {
  std::string format;    // "story", "reel", "post", "video"
  std::string currency;  // ISO 4217, "MAD"
  int64_t amount_micros = 0;
};

// How a record came to us; kept with it.
struct Provenance {
  std::string source;
  std::string legal_basis;
  UnixSeconds collected_at = 0;
  UnixSeconds expires_at = 0;
};

struct AccountRecord {
  std::string external_id;
  std::optional<std::string> handle, display_name, bio, url, country, city, category;
  std::vector<std::string> languages;  // BCP 47
  std::vector<std::string> hashtags;   // topic evidence the source gives per account, without '#'
  std::vector<std::string> lists;      // "known for": names of lists that hold the account
  std::optional<bool> verified;
  std::optional<bool> is_public;  // only public accounts above the threshold are named
  std::optional<bool> opted_in;
  std::optional<uint64_t> declared_followers, declared_following;
  std::vector<Price> prices;
  std::optional<std::string> creator_id;  // the person or organisation behind the account
  double creator_probability = 1;         // of that link
  std::string creator_evidence;
  // Columns that a mapping keeps under a name of its own ("views", "partner"): evaluation, export,
  // filters.
  std::map<std::string, std::string> attributes;
  Provenance provenance;
};

// Views are valid during the call that hands the record over.
struct FollowRecord {
  absl::string_view follower, followee;  // external ids: follower follows followee
  UnixSeconds time = 0;
  bool removed = false;
};

enum class InteractionKind : uint8_t {
  kLike = 1,
  kComment,
  kShare,
  kMention,
  kReply,
  kClick,
  kVisit,
  kPurchase,
};
inline constexpr int kInteractionKinds = 8;
// "like", "comment", ...; and back. Errors: InvalidArgument (UNKNOWN_INTERACTION_KIND).
absl::string_view InteractionKindName(InteractionKind kind);
absl::StatusOr<InteractionKind> ParseInteractionKind(absl::string_view name);

struct InteractionRecord {
  absl::string_view actor, target;  // external ids
  InteractionKind kind = InteractionKind::kLike;
  uint32_t count = 1;
  UnixSeconds time = 0;
  absl::string_view post;               // external id of the post, or ""
  std::optional<int64_t> value_micros;  // purchase value
  std::optional<float> sign;            // sentiment in [-1, 1]
  std::optional<float> confidence;      // of the sign, in [0, 1]
};

struct PostRecord {
  std::string external_id;  // "platform:post_id"
  std::string author;       // external id of the account
  UnixSeconds time = 0;
  std::string text;
  std::vector<std::string> hashtags;  // without '#'; those inside the text are found by the engine
  std::string language;               // BCP 47, or ""
  std::string media_kind;             // "image", "video", "story", or ""
  std::optional<bool> sponsored;
  std::map<std::string, uint64_t> metrics;  // "views", "impressions", "likes", "comments", "shares"
};

// Receives records in file order. An error stops the reader (strict) or sends the line to the
// rejects (lenient).
class RecordVisitor {
 public:
  virtual ~RecordVisitor() = default;
  virtual absl::Status OnAccount(const AccountRecord& record) = 0;
  virtual absl::Status OnFollow(const FollowRecord& record) = 0;
  // The same as OnFollow for one after the other, up to the first error. `taken` gets how many were
  // taken: the error concerns records[*taken].
  virtual absl::Status OnFollows(absl::Span<const FollowRecord> records, size_t* taken) {
    for (*taken = 0; *taken < records.size(); ++*taken) {
      if (absl::Status s = OnFollow(records[*taken]); !s.ok()) return s;
    }
    return absl::OkStatus();
  }
  virtual absl::Status OnInteraction(const InteractionRecord& record) = 0;
  virtual absl::Status OnPost(const PostRecord& record) = 0;
};

// Checks the form of an external id: "platform:native", platform [a-z0-9_]{1,32}, native 1..256
// bytes of UTF-8 without control characters or blanks at its ends. Errors: InvalidArgument
// (INVALID_EXTERNAL_ID).
absl::Status ValidateExternalId(absl::string_view external_id);

// The part before the first ':'; REQUIRES a valid external id.
absl::string_view PlatformOf(absl::string_view external_id);
absl::string_view NativeIdOf(absl::string_view external_id);

// True when `text` is valid UTF-8 (no surrogates, no overlong forms).
bool IsValidUtf8(absl::string_view text);

}  // namespace halqa
