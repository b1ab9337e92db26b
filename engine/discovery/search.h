#pragma once
// Who matters for a topic: candidates, signals, fusion, filter, pages, and where an account stands.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/discovery/reach.h"
#include "engine/discovery/signals.h"
#include "engine/discovery/sources.h"
#include "engine/filter/value.h"
#include "engine/text/taxonomy.h"

namespace halqa::discovery {

// Rises whenever the same request on the same sources can give another order or score.
inline constexpr int kSearchVersion = 3;

// Where a page ended. Services sign it; nothing in it is secret.
struct SearchCursor {
  uint64_t generation = 0, snapshot = 0;
  uint64_t score_bits = 0;  // the last hit's score, bit for bit
  AccountId last = kNoAccount;
  uint64_t query_hash = 0;
  friend bool operator==(const SearchCursor&, const SearchCursor&) = default;
};

struct SearchRequest {
  // Words in any language and script, any of which may match; or an expression with AND, OR, NOT,
  // phrases and parentheses (text::IsBoolean), which is then a filter too. May be empty.
  std::string query;
  std::vector<std::string> topics;        // topic ids, in addition to those the query names
  std::string filter;                     // AIP-160, see SearchSchema()
  std::map<std::string, double> weights;  // see ParseWeights()
  int page_size = 0;                      // 0: default; more than the maximum: the maximum
  std::optional<SearchCursor> after;      // continue behind this
  bool allow_sensitive = false;           // the caller holds a grant for sensitive topics
};

struct SignalAnswer {
  double value = kUnknownSignal;       // NaN: unknown
  double percentile = kUnknownSignal;  // among platform and tier; NaN: unknown
  double contribution = 0;             // to ln score; 0 when unknown
  bool known() const { return !std::isnan(value); }
};

// Evidence, as data; words are made of it elsewhere.
struct Reason {
  enum class Kind : uint8_t {
    kLeadersFollow,  // `count` of `of` leading accounts of `topic` follow the account
    kTextMatch,      // its document matches the query
    kStrongSignal,   // `signal` is what lifts it most
  };
  Kind kind = Kind::kStrongSignal;
  std::string topic;
  uint32_t count = 0, of = 0;
  std::vector<AccountId> accounts;  // the best of those, at most reason_accounts_max
  Signal signal = Signal::kRelevance;
};

struct SearchHit {
  uint64_t rank = 0;  // 1-based, over all pages
  AccountId account = kNoAccount;
  double score = 0;  // ln score = SearchAnswer::baseline + Σ contributions
  std::array<SignalAnswer, kSignals> signals;
  ReachEstimate reach;
  uint32_t niche = kNoNiche;
  std::string niche_label;
  std::vector<Reason> reasons;
};

// A request that has an answer where the one asked has none: the same but for query and filter.
struct Suggestion {
  std::string query, filter;
  uint64_t matched = 0;  // accounts
};

struct SearchAnswer {
  std::vector<SearchHit> hits;
  text::ResolvedQuery query;                 // what the words were taken to mean
  std::string expression;                    // what the expression was taken to mean; "": none
  std::vector<std::string> withheld_topics;  // sensitive topics of the query, not searched
  std::vector<std::string> topics;           // topics searched: those of the query, then the others
  SignalWeights weights = {};
  double baseline = 0;
  uint64_t candidates = 0;              // before the filter
  uint64_t matched = 0;                 // after the filter: the number of hits over all pages
  bool candidates_truncated = false;    // more documents matched than text_candidates_max
  std::optional<SearchCursor> next;     // unset on the last page
  std::vector<Suggestion> suggestions;  // where nothing matched: what would, see suggest.h
};

// The fields a filter may name: platform, tier (ordered), followers, known_followers, verified,
// country, city, category, handle, display_name, languages, niche, and every signal by its name.
// Bare words look into handle and display name.
filter::Schema SearchSchema(const SearchSources& sources);

// Ranks the accounts that have authority in the topics or documents that match the query; without
// words and topics all listed accounts, with PageRank for their authority. A filter
// removes accounts but never changes a score. Ties: the smaller id first. Pages follow each other
// without gap or repetition as long as generation and snapshot stay.
// Errors: InvalidArgument with the field: QUERY_TOO_LONG, QUERY_NOT_UTF8,
// QUERY_NOT_UNDERSTOOD (only words without meaning), QUERY_SYNTAX, QUERY_ONLY_EXCLUDES,
// UNKNOWN_TOPIC, NEGATIVE_PAGE_SIZE, PAGE_TOKEN_MISMATCH (another query), those of ParseWeights and
// Filter::Compile; PermissionDenied TOPIC_SENSITIVE; FailedPrecondition PAGE_TOKEN_EXPIRED (another
// generation or snapshot); Cancelled, DeadlineExceeded; errors of the sources. Cost: linear in the
// candidates, plus sorting three of their signals.
absl::StatusOr<SearchAnswer> SearchInfluencers(const SearchRequest& request,
                                               const SearchSources& sources, RunContext& run);

// Where one account stands in a search, found or not.
struct Standing {
  enum class State : uint8_t {
    kRanked,       // it is hit number `rank`
    kFilteredOut,  // a candidate that the filter removed; `rank` is where it would stand
    kOutside,      // not listed for the topic at all; `rank` is where its signals would place it
  };
  State state = State::kOutside;
  uint64_t rank = 0;
  uint64_t matched = 0;
  SearchHit hit;  // rank as above
};

// "Here 214th": the place of an account, for the famous ones that a search leaves out. page_size
// and after are ignored. Errors: NotFound ACCOUNT_NOT_LISTED; else as SearchInfluencers.
absl::StatusOr<Standing> RankOf(const SearchRequest& request, AccountId account,
                                const SearchSources& sources, RunContext& run);

}  // namespace halqa::discovery
