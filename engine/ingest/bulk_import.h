#pragma once
// Import into a graph that does not exist yet: everything is sorted in memory and written as
// finished files beside the target, which appears in one rename. Killed before that, it leaves
// nothing that a later open would see.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/base/run_context.h"
#include "engine/store/edge_list.h"
#include "engine/store/state_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

struct BulkImportOptions {
  store::Settings settings;
  int threads = 0;  // 0 = all cores
  // Names the input: the same input sent through the writer later is found to be stored already. ""
  // = not kept.
  std::string producer;
  Provenance provenance;  // of the files, kept with the source
  // Called when a stage begins: "follows", "accounts", "index", "snapshot", ...
  std::function<void(const std::string& stage)> on_stage = [](const std::string&) {};
};

struct ImportReport {
  uint64_t accounts = 0, named_accounts = 0, profiles = 0;
  uint64_t follow_rows = 0, follows = 0;  // rows read, distinct active follows stored
  uint64_t interaction_rows = 0, interaction_buckets = 0;
  uint64_t posts = 0, posts_dropped = 0;  // dropped: the author may not be named
  uint64_t terms = 0;
};

// Thread safety: one thread.
// Cost: 12 bytes per follow row and 48 per interaction row while reading; about twice that while
// sorting.
class BulkImporter : public RecordVisitor {
 public:
  explicit BulkImporter(BulkImportOptions options);
  ~BulkImporter() override;

  absl::Status OnAccount(const AccountRecord& record) override;
  absl::Status OnFollow(const FollowRecord& record) override;
  absl::Status OnFollows(absl::Span<const FollowRecord> records, size_t* taken) override;
  absl::Status OnInteraction(const InteractionRecord& record) override;
  absl::Status OnPost(const PostRecord& record) override;

  // Writes the graph into `directory`, which must not exist or be empty. The importer is empty
  // afterwards. Errors: AlreadyExists (DIRECTORY_NOT_EMPTY), those of the store, Cancelled.
  absl::StatusOr<ImportReport> Finish(const std::string& target, RunContext& run);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace halqa::ingest
