#pragma once
// Where imported records go: a new directory, an open graph, or a server.

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/bulk_import.h"
#include "engine/ingest/write_request.h"

namespace halqa::cli {

// What an import did, for the summary.
struct ImportSummary {
  ingest::ImportReport bulk;  // counts of a bulk import
  uint64_t batches = 0, duplicate_batches = 0, new_accounts = 0;
  bool was_bulk = false;
};

// Collects records into batches of a fixed size and hands each on with its number, so that the same
// input always makes the same batches and a repeated import finds which ones are stored already.
class BatchVisitor : public RecordVisitor {
 public:
  using SendFn = std::function<absl::Status(uint64_t cursor, ingest::WriteRequest request)>;
  explicit BatchVisitor(SendFn send) : send_(std::move(send)) {}
  absl::Status OnAccount(const AccountRecord& record) override;
  absl::Status OnFollow(const FollowRecord& record) override;
  absl::Status OnInteraction(const InteractionRecord& record) override;
  absl::Status OnPost(const PostRecord& record) override;
  absl::Status Flush();

 private:
  absl::Status FlushIfFull(uint64_t record_bytes);
  SendFn send_;
  ingest::WriteRequestBuilder builder_;
  uint64_t cursor_ = 0;
  uint64_t bytes_ = 0;  // about what the batch takes as a message
};

// Hands records on, and each id that is new to it first, as a public account.
class PublicVisitor : public RecordVisitor {
 public:
  explicit PublicVisitor(RecordVisitor& next) : next_(next) {}
  absl::Status OnAccount(const AccountRecord& record) override;
  absl::Status OnFollow(const FollowRecord& record) override;
  absl::Status OnInteraction(const InteractionRecord& record) override;
  absl::Status OnPost(const PostRecord& record) override;

 private:
  absl::Status Announce(absl::string_view id);
  RecordVisitor& next_;
  absl::flat_hash_set<std::string> seen_;
};

// Calls `read` with a visitor whose records go where the sink says, and finishes.
using ReadFn = std::function<absl::Status(RecordVisitor& visitor)>;

// Into a directory that does not exist or is empty: sorted files, one rename.
absl::StatusOr<ImportSummary> ImportBulk(const std::string& directory,
                                         const ingest::BulkImportOptions& options,
                                         const ReadFn& read, RunContext& run);
// Reads everything and stores nothing. Errors: those of reading, and what the writer would refuse.
absl::Status CheckRecords(const ReadFn& read);
// Who imports, and what is kept about where the records come from.
struct ImportOrigin {
  std::string producer;
  Provenance provenance;
};
// Into an existing directory, through the writer.
absl::StatusOr<ImportSummary> ImportIntoGraph(const std::string& directory,
                                              const ImportOrigin& origin, const ReadFn& read);
// Into a running server, over one write stream.
absl::StatusOr<ImportSummary> ImportOverWire(const std::string& server, const ImportOrigin& origin,
                                             const ReadFn& read);

// Names the content of the files and how they are read (`reading`): the same input gives the same
// producer. Errors: those of reading.
absl::StatusOr<std::string> ProducerOf(const std::vector<std::string>& files,
                                       const std::string& reading);

}  // namespace halqa::cli
