#include "tools/halqa/import_sinks.h"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <filesystem>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "engine/base/checksum.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/live_graph.h"

namespace halqa::cli {
namespace {

constexpr uint64_t kBatchRows = 4000;
constexpr uint64_t kBatchBytes = 1 << 20;  // far below the 4 MiB that a message may have
constexpr uint64_t kRowBytes = 32;         // numbers of a row and what surrounds them
constexpr int kInFlight = 16;

// The texts that can be long; kRowBytes and the distance to the limit stand for the rest.
uint64_t TextBytes(const AccountRecord& record) {
  uint64_t bytes = 512 + record.bio.value_or("").size() + record.creator_evidence.size();
  for (const std::string& list : record.lists) bytes += list.size();
  for (const auto& [name, value] : record.attributes) bytes += name.size() + value.size();
  return bytes;
}
uint64_t TextBytes(const PostRecord& record) {
  uint64_t bytes = 512 + record.text.size();
  for (const std::string& tag : record.hashtags) bytes += tag.size();
  return bytes;
}

// Keeps a few batches under way and remembers the first error.
class InFlight {
 public:
  absl::Status Begin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_ < kInFlight; });
    ++open_;
    return status_;
  }
  void End(const absl::StatusOr<ingest::WriteAck>& ack) {
    std::lock_guard lock(mutex_);
    --open_;
    if (!ack.ok() && status_.ok()) status_ = ack.status();
    if (ack.ok()) {
      ++summary_.batches;
      summary_.duplicate_batches += ack->duplicate ? 1 : 0;
      summary_.new_accounts += ack->new_accounts;
    }
    changed_.notify_all();
  }
  absl::StatusOr<ImportSummary> Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_ == 0; });
    if (!status_.ok()) return status_;
    return summary_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int open_ = 0;
  absl::Status status_;
  ImportSummary summary_;
};

}  // namespace

absl::Status BatchVisitor::OnAccount(const AccountRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnAccount(record));
  return FlushIfFull(TextBytes(record));
}
absl::Status BatchVisitor::OnFollow(const FollowRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnFollow(record));
  return FlushIfFull(record.follower.size() + record.followee.size());
}
absl::Status BatchVisitor::OnInteraction(const InteractionRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnInteraction(record));
  return FlushIfFull(record.actor.size() + record.target.size());
}
absl::Status BatchVisitor::OnPost(const PostRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnPost(record));
  return FlushIfFull(TextBytes(record));
}
absl::Status BatchVisitor::FlushIfFull(uint64_t record_bytes) {
  bytes_ += record_bytes + kRowBytes;
  if (builder_.request().rows() < kBatchRows && bytes_ < kBatchBytes) return absl::OkStatus();
  return Flush();
}
absl::Status BatchVisitor::Flush() {
  bytes_ = 0;
  if (builder_.request().rows() == 0) return absl::OkStatus();
  return send_(++cursor_, builder_.Take());
}

absl::Status PublicVisitor::Announce(absl::string_view id) {
  if (!seen_.insert(std::string(id)).second) return absl::OkStatus();
  AccountRecord record;
  record.external_id = std::string(id);
  record.is_public = true;
  return next_.OnAccount(record);
}
absl::Status PublicVisitor::OnAccount(const AccountRecord& record) {
  seen_.insert(record.external_id);
  AccountRecord shown = record;
  if (!shown.is_public) shown.is_public = true;
  return next_.OnAccount(shown);
}
absl::Status PublicVisitor::OnFollow(const FollowRecord& record) {
  HALQA_RETURN_IF_ERROR(Announce(record.follower));
  HALQA_RETURN_IF_ERROR(Announce(record.followee));
  return next_.OnFollow(record);
}
absl::Status PublicVisitor::OnInteraction(const InteractionRecord& record) {
  HALQA_RETURN_IF_ERROR(Announce(record.actor));
  HALQA_RETURN_IF_ERROR(Announce(record.target));
  return next_.OnInteraction(record);
}
absl::Status PublicVisitor::OnPost(const PostRecord& record) {
  HALQA_RETURN_IF_ERROR(Announce(record.author));
  return next_.OnPost(record);
}

absl::Status CheckRecords(const ReadFn& read) {
  BatchVisitor visitor([](uint64_t, const ingest::WriteRequest& request) {
    return ingest::ValidateWriteRequest(request, std::time(nullptr));
  });
  HALQA_RETURN_IF_ERROR(read(visitor));
  return visitor.Flush();
}

absl::StatusOr<ImportSummary> ImportBulk(const std::string& directory,
                                         const ingest::BulkImportOptions& options,
                                         const ReadFn& read, RunContext& run) {
  ingest::BulkImporter importer(options);
  HALQA_RETURN_IF_ERROR(read(importer));
  ImportSummary summary;
  summary.was_bulk = true;
  HALQA_ASSIGN_OR_RETURN(summary.bulk, importer.Finish(directory, run));
  return summary;
}

absl::StatusOr<ImportSummary> ImportIntoGraph(const std::string& directory,
                                              const ImportOrigin& origin, const ReadFn& read) {
  HALQA_ASSIGN_OR_RETURN(auto graph, ingest::LiveGraph::Open(directory, {}, {}));
  InFlight flight;
  BatchVisitor visitor([&](uint64_t cursor, ingest::WriteRequest request) -> absl::Status {
    request.producer = origin.producer;
    request.provenance = origin.provenance;
    request.cursor = cursor;
    const absl::Status earlier = flight.Begin();
    graph->Submit(std::move(request),
                  [&](absl::StatusOr<ingest::WriteAck> ack) { flight.End(ack); });
    return earlier;
  });
  absl::Status status = read(visitor);
  if (status.ok()) status = visitor.Flush();
  auto summary = flight.Wait();
  HALQA_RETURN_IF_ERROR(status);
  return summary;
}

absl::StatusOr<std::string> ProducerOf(const std::vector<std::string>& files,
                                       const std::string& reading) {
  namespace fs = std::filesystem;
  std::vector<std::string> all;
  for (const std::string& file : files) {
    std::error_code error;
    if (!fs::is_directory(file, error)) {
      all.push_back(file);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(file, error)) {
      if (entry.is_regular_file()) all.push_back(entry.path().string());
    }
  }
  std::sort(all.begin(), all.end());
  uint64_t hash = Checksum64(reading);
  for (const std::string& file : all) {
    HALQA_ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::Open(file));
    hash = Checksum64(mapped.bytes(), hash);
  }
  return absl::StrCat("import-", absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace halqa::cli
