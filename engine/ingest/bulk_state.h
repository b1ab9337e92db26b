#pragma once
// The arrays of a bulk import and the passes that turn them into sorted files.

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/graph/ordered_rows.h"
#include "engine/ingest/bulk_follows.h"
#include "engine/ingest/bulk_ids.h"
#include "engine/ingest/bulk_import.h"
#include "engine/ingest/document.h"
#include "engine/ingest/fold.h"
#include "engine/ingest/write_request.h"
#include "engine/store/account_codec.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/posting_list.h"

namespace halqa::ingest {

// Rows and terms of one range of accounts.
struct BulkBlock {
  std::vector<std::string> rows;
  std::vector<bool> named;
  std::vector<std::pair<std::string, store::Posting>> postings;  // accounts rise
  index::IndexStatistics statistics;
};

struct BulkImporter::State {
  BulkImportOptions options;
  ImportReport report;
  UnixSeconds latest_time = std::time(nullptr) + kFutureSecondsMax;  // of an event
  IdTable ids;
  BulkFollows follows;
  struct Interaction {
    uint32_t src;
    store::InteractionEntry entry;
  };
  std::vector<Interaction> interactions;
  absl::flat_hash_map<uint32_t, AccountRecord> profiles;
  absl::flat_hash_map<uint32_t, std::vector<PostRecord>> posts;

  RowPieces active{0};                   // active follows, after WriteFollows
  std::vector<uint32_t> followers;       // in-degrees of active
  std::vector<store::KeyedHash> hashes;  // by id
  std::vector<bool> named;               // by id
  absl::flat_hash_map<std::string, std::vector<store::Posting>> postings;
  index::IndexStatistics statistics;

  absl::Status AddFollow(const FollowRecord& record, const HashedId& follower,
                         const HashedId& followee);
  absl::Status WriteMarker(store::Store& db, const NewestWords& newest);
  absl::Status WriteFollows(store::Store& db, RunContext& run);
  absl::Status WriteInteractions(store::Store& db, RunContext& run);
  absl::Status WriteIds(store::Store& db, RunContext& run);
  absl::Status WriteAccountsAndIndex(store::Store& db, RunContext& run);
  absl::Status WriteIndex(store::Store& db);
  void MakeBlock(uint32_t from, uint32_t to, BulkBlock* block);
  absl::Status WritePosts(store::Store& db, RunContext& run);
  absl::Status WriteState(store::Store& db);
  absl::Status WriteSnapshot(store::Store& db, RunContext& run);
  store::AccountRow MakeRow(uint32_t id);
};

}  // namespace halqa::ingest
