#pragma once
// The arrays of a bulk import and the passes that turn them into sorted files.

#include <ctime>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "engine/ingest/bulk_import.h"
#include "engine/ingest/document.h"
#include "engine/ingest/fold.h"
#include "engine/ingest/write_request.h"
#include "engine/store/account_codec.h"
#include "engine/store/keyed_hash.h"
#include "engine/store/posting_list.h"

namespace halqa::ingest {

// External ids -> dense numbers in order of first appearance. The characters live in large blocks.
class IdTable {
 public:
  uint32_t Intern(absl::string_view id);
  std::optional<uint32_t> Find(absl::string_view id) const;
  uint32_t size() const { return static_cast<uint32_t>(names_.size()); }
  absl::string_view name(uint32_t id) const { return names_[id]; }

 private:
  absl::string_view Keep(absl::string_view id);
  absl::flat_hash_map<absl::string_view, uint32_t> places_;
  std::vector<absl::string_view> names_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_left_ = 0;
  char* block_next_ = nullptr;
};

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
  std::string last_follower;  // rows of one follower often come together
  uint32_t last_follower_id = 0;

  std::vector<uint32_t> follow_src, follow_dst, follow_word;
  struct Interaction {
    uint32_t src;
    store::InteractionEntry entry;
  };
  std::vector<Interaction> interactions;
  absl::flat_hash_map<uint32_t, AccountRecord> profiles;
  absl::flat_hash_map<uint32_t, std::vector<PostRecord>> posts;

  std::vector<uint32_t> followers;       // active in-degree, after WriteFollows
  std::vector<store::KeyedHash> hashes;  // by id
  std::vector<bool> named;               // by id
  absl::flat_hash_map<std::string, std::vector<store::Posting>> postings;
  index::IndexStatistics statistics;

  absl::Status WriteMarker(store::Store& db, const NewestWords& newest);
  absl::Status WriteFollows(store::Store& db, RunContext& run);
  absl::Status WriteInteractions(store::Store& db, RunContext& run);
  absl::Status WriteIds(store::Store& db, RunContext& run);
  absl::Status WriteAccountsAndIndex(store::Store& db, RunContext& run);
  absl::Status WriteIndex(store::Store& db);
  void MakeBlock(uint32_t from, uint32_t to, BulkBlock* block);
  absl::Status WritePosts(store::Store& db, RunContext& run);
  absl::Status WriteState(store::Store& db);
  store::AccountRow MakeRow(uint32_t id);
};

}  // namespace halqa::ingest
