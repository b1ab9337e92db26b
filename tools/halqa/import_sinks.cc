#include "tools/halqa/import_sinks.h"

#include <algorithm>
#include <condition_variable>
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
constexpr int kInFlight = 16;

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
  return FlushIfFull();
}
absl::Status BatchVisitor::OnFollow(const FollowRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnFollow(record));
  return FlushIfFull();
}
absl::Status BatchVisitor::OnInteraction(const InteractionRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnInteraction(record));
  return FlushIfFull();
}
absl::Status BatchVisitor::OnPost(const PostRecord& record) {
  HALQA_RETURN_IF_ERROR(builder_.OnPost(record));
  return FlushIfFull();
}
absl::Status BatchVisitor::FlushIfFull() {
  return builder_.request().rows() < kBatchRows ? absl::OkStatus() : Flush();
}
absl::Status BatchVisitor::Flush() {
  if (builder_.request().rows() == 0) return absl::OkStatus();
  return send_(++cursor_, builder_.Take());
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
                                              const std::string& producer, const ReadFn& read) {
  HALQA_ASSIGN_OR_RETURN(auto graph, ingest::LiveGraph::Open(directory, {}, {}));
  InFlight flight;
  BatchVisitor visitor([&](uint64_t cursor, ingest::WriteRequest request) -> absl::Status {
    request.producer = producer;
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

absl::StatusOr<std::string> ProducerOf(const std::vector<std::string>& files) {
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
  uint64_t hash = 0;
  for (const std::string& file : all) {
    HALQA_ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::Open(file));
    hash = Checksum64(mapped.bytes(), hash);
  }
  return absl::StrCat("import-", absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace halqa::cli
