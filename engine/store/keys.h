#pragma once
// Keys of every family. Numbers are big-endian so that keys sort as numbers. docs/STORAGE_FORMAT.md
// lists them all.

#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/coding.h"
#include "engine/base/ids.h"

namespace halqa::store {

// Column families. Generations are families of their own, numbered from kFirstGeneration.
enum class Family : uint32_t {
  kMeta = 0,
  kFold,          // ingest-only: the fold marker
  kAccount,       // id -> StoredAccount
  kExternalToId,  // keyed hash -> id
  kFollowOut,     // ingest-only: id, relation -> packed follows
  kInteractOut,   // ingest-only: id -> packed interactions
  kPost,          // author, newest first, post hash -> StoredPost
  kPostings,      // term -> packed postings
  kChange,        // lsn -> change record
  kDedup,         // request ids and producer cursors
  kSuppress,      // keyed hashes that may not come back
  kJobs,          // job id -> StoredJob
  kSource,        // source number -> StoredSource: one import or stream, its provenance
  kUndo,          // source number, kind, key -> what was there before that source wrote
  kErased,        // id -> StoredErasure: accounts that are gone and stay gone
  kAlias,         // id -> the id it was merged into
  kFixedFamilies,
  kFirstGeneration = 1000,
};

// Name of a fixed family on disk.
const char* FamilyName(Family family);

inline Family GenerationFamily(uint32_t generation) {
  return static_cast<Family>(static_cast<uint32_t>(Family::kFirstGeneration) + generation);
}

namespace meta {
inline constexpr absl::string_view kFormatVersion = "format_version";
inline constexpr absl::string_view kSecret = "secret";
inline constexpr absl::string_view kIdKey = "id_key";
inline constexpr absl::string_view kTimeline = "timeline";
inline constexpr absl::string_view kNextAccount = "next_account";
inline constexpr absl::string_view kTail = "tail";  // lsn:8 chain:8 of the newest change record
inline constexpr absl::string_view kCurrentGeneration = "current_generation";
inline constexpr absl::string_view kNextGeneration = "next_generation";
inline constexpr absl::string_view kNextJob = "next_job";
inline constexpr absl::string_view kIndexStatistics = "index_statistics";
inline constexpr absl::string_view kSettings = "settings";
inline constexpr absl::string_view kTaxonomy = "taxonomy";  // TOML; absent: the built-in one
inline constexpr absl::string_view kIndexedBy =
    "indexed_by";  // the rules the postings were made by
inline constexpr absl::string_view kNextSource = "next_source";
inline constexpr absl::string_view kHorizon = "horizon";  // Unix seconds: older events are refused
inline constexpr absl::string_view kFoldMarker = "marker";  // in family kFold
}  // namespace meta

inline std::string AccountKey(AccountId id) {
  std::string key;
  PutFixed32BE(Raw(id), &key);
  return key;
}

inline std::string NumberKey(uint32_t number) { return AccountKey(AccountId{number}); }

inline std::string FollowKey(AccountId src, uint8_t relation = 0) {
  std::string key = AccountKey(src);
  key.push_back(static_cast<char>(relation));
  return key;
}

inline std::string LsnKey(Lsn lsn) {
  std::string key;
  PutFixed64BE(lsn, &key);
  return key;
}

// author, then newest first, then 8 bytes that tell posts of one second apart.
inline std::string PostKey(AccountId author, int64_t time, absl::string_view hash8) {
  std::string key = AccountKey(author);
  PutFixed64BE(~static_cast<uint64_t>(time), &key);
  key.append(hash8.data(), hash8.size());
  return key;
}

}  // namespace halqa::store
