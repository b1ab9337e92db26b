#pragma once
// What all readers do the same way: where an error is, what strict and lenient mean, duplicates,
// self-loops, progress.

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/records.h"
#include "engine/formats/byte_source.h"
#include "engine/formats/read_options.h"

namespace halqa {

enum class SelfLoops { kRefuse, kDrop };
enum class Duplicates { kRefuse, kKeepFirst, kAllow };

// One run of a reader over some files. Thread safety: one thread at a time.
class ReadSession {
 public:
  ReadSession(const ReadOptions& options, RecordVisitor& visitor)
      : options_(options), visitor_(visitor) {}

  // Opens one file after the other; the name in messages is the path. Errors: those of ByteSource.
  absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);
  void set_bytes_total(uint64_t bytes) { bytes_total_ = bytes; }
  void FinishFile(const ByteSource& source);

  // What happens with a bad line: strict returns the error with "file:line: " before its message,
  // lenient gives it to the rejects. Errors that are not about one line always return.
  absl::Status Refuse(const absl::Status& error, uint64_t line, absl::string_view raw);

  // Progress; call it once per row. Cost: a counter.
  absl::Status Tick(const ByteSource& source) {
    return (++ticks_ & 4095) == 0 ? Report(source.compressed_bytes_read()) : absl::OkStatus();
  }

  // Progress, for readers that take many rows at once.
  absl::Status Report(const ByteSource& source) { return Report(source.compressed_bytes_read()); }

  // Hand a record over. Errors of these are the caller's to Refuse.
  absl::Status Emit(const AccountRecord& record);
  absl::Status Emit(const PostRecord& record);
  absl::Status Emit(const FollowRecord& record, SelfLoops loops, bool both_ways);
  absl::Status Emit(const InteractionRecord& record, SelfLoops loops);
  // What Emit checks of a follow; false when it is to be left out. From any thread.
  absl::StatusOr<bool> Check(const FollowRecord& record, SelfLoops loops) const;
  // Checked follows, up to the first that the visitor refuses (see RecordVisitor::OnFollows).
  absl::Status EmitChecked(absl::Span<const FollowRecord> records, size_t* taken);

  // Remembers `id` of the current file. False when the row must be left out (counted); DUPLICATE_ID
  // naming both lines when that is not allowed.
  absl::StatusOr<bool> FirstOfItsName(absl::string_view id, uint64_t line, Duplicates duplicates);

  ReadStats& stats() { return stats_; }
  const ReadOptions& options() const { return options_; }

 private:
  absl::Status Report(uint64_t bytes_in_file);
  // False when the record is to be left out.
  absl::StatusOr<bool> CheckLoop(absl::string_view from, absl::string_view to,
                                 SelfLoops loops) const;

  const ReadOptions& options_;
  RecordVisitor& visitor_;
  ReadStats stats_;
  std::string file_;
  uint64_t ticks_ = 0, bytes_done_ = 0, bytes_total_ = 0;
  absl::flat_hash_map<uint64_t, uint64_t> line_of_id_;  // by hash; 64 bits are enough for a file
};

}  // namespace halqa
