#pragma once
// What answers read from. The runtime implements these over store, index, snapshot and generation;
// tests over plain vectors. All of one SearchSources belong to one epoch. Methods may be called
// from several threads at once; views stay valid as long as the epoch.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/text/boolean_query.h"
#include "engine/text/taxonomy.h"

namespace halqa::discovery {

class GlobalSignals;
class ReachModel;

inline constexpr uint32_t kNoNiche = 0xffffffffu;

// Resident numbers of an account: asked for every candidate, so the call must be a few loads.
struct AccountFacts {
  uint16_t platform = 0;  // index in AccountSource::platforms()
  std::optional<uint64_t> declared_followers;
  uint64_t known_followers = 0;        // in-degree of the follow graph
  uint64_t interacting_followers = 0;  // of those, how many interacted in the reach window
  std::optional<bool> verified;
  bool has_document = false;  // some text of it is in the index
  bool isolated = false;      // no edge of it was ranked: what the graph says of it is unknown
};

enum class AccountText : uint8_t { kHandle, kDisplayName, kCountry, kCity, kCategory };

class AccountSource {
 public:
  virtual ~AccountSource() = default;
  // Ids are below this.
  virtual uint32_t size() const = 0;
  // Names of platforms by AccountFacts::platform, at most 256.
  virtual absl::Span<const std::string> platforms() const = 0;
  // Whether the account may be listed: a record exists, it is public above the threshold or opted
  // in, and it is neither erased nor opted out.
  virtual bool Listed(AccountId account) const = 0;
  virtual AccountFacts Facts(AccountId account) const = 0;
  // "" when not known. Asked only where a filter names the field.
  virtual absl::string_view Text(AccountId account, AccountText which) const = 0;
  virtual absl::Span<const std::string> Languages(AccountId account) const = 0;
};

struct ScoredAccount {
  AccountId account = kNoAccount;
  double score = 0;
};

class TextSource {
 public:
  virtual ~TextSource() = default;
  // The `limit` listed accounts whose documents match the query best (BM25F > 0), best first, ties
  // by the smaller id.
  virtual absl::StatusOr<std::vector<ScoredAccount>> Search(const text::ResolvedQuery& query,
                                                            size_t limit) const = 0;
  // All accounts whose documents match a leaf of a query (kTopic, kWord, kPhrase), rising; listed
  // or not.
  virtual absl::StatusOr<std::vector<AccountId>> Matches(const text::QueryNode& leaf) const = 0;
};

// One account of a topic's personalised PageRank vector.
struct TopicEntry {
  AccountId account = kNoAccount;
  double value = 0;  // unnormalised
};

// The largest entries of the *unnormalised* topic PageRank vector of one topic.
// Invariants: 1. entries rise strictly by account. 2. mass >= sum of the entries' values.
struct TopicList {
  absl::Span<const TopicEntry> entries;
  double mass = 0;                      // sum of the whole unnormalised vector
  absl::Span<const AccountId> leaders;  // see TopicLeaders(), best first
};

class TopicSource {
 public:
  virtual ~TopicSource() = default;
  // Null when the generation has no vector for the topic (nobody names it).
  virtual const TopicList* List(absl::string_view topic_id) const = 0;
  // Global PageRank by AccountId (0: not in the snapshot); may be shorter than the number of ids.
  virtual absl::Span<const double> page_rank() const = 0;
};

class NicheSource {
 public:
  virtual ~NicheSource() = default;
  // kNoNiche when the account is in none.
  virtual uint32_t NicheOf(AccountId account) const = 0;
  virtual absl::string_view Label(uint32_t niche) const = 0;
  // TopicFit() of the niche; empty when the topic has no evidence at all.
  virtual std::optional<double> Fit(uint32_t niche, absl::string_view topic_id) const = 0;
};

class FollowSource {
 public:
  virtual ~FollowSource() = default;
  virtual bool Follows(AccountId follower, AccountId followee) const = 0;
};

// Bounds of one search.
struct SearchLimits {
  size_t text_candidates_max = 10000;  // best text matches that become candidates
  size_t query_bytes_max = 1024;
  int page_size_default = 50;
  int page_size_max = 1000;
  size_t reason_accounts_max = 5;  // ids named in one reason
};

// Everything one answer reads. text, topics, niches and follows may be null: their signals are then
// unknown and their reasons left out.
struct SearchSources {
  const text::Taxonomy* taxonomy = nullptr;
  const AccountSource* accounts = nullptr;
  const GlobalSignals* signals = nullptr;
  const ReachModel* reach = nullptr;
  const TextSource* text = nullptr;
  const TopicSource* topics = nullptr;
  const NicheSource* niches = nullptr;
  const FollowSource* follows = nullptr;
  uint64_t generation = 0;
  uint64_t snapshot = 0;
  SearchLimits limits;
};

}  // namespace halqa::discovery
