#pragma once
// Rows of follow tables, one by one or a piece of the file at a time on several threads.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "engine/formats/bound_field.h"
#include "engine/formats/rows.h"
#include "engine/formats/session.h"

namespace halqa {

// Reads one row of a follow table.
//
// Thread safety: const methods from any thread.
class FollowParser {
 public:
  // The file and its fields outlive this.
  FollowParser(const FileSpec& file, absl::Span<const BoundField> fields);
  // `from` and `to` hold the ids that `record` points at. Errors: InvalidArgument of the fields.
  absl::Status Parse(const Row& row, std::string* from, std::string* to,
                     FollowRecord* record) const;

 private:
  enum class Part { kFollower, kFollowee, kTime, kRemoved };
  const FileSpec* file_;
  std::vector<std::pair<Part, const BoundField*>> parts_;
};

// Columns and values of rows that the mapping leaves out.
using BoundSkips = std::vector<std::pair<int, const SkipRule*>>;
bool IsSkipped(const Row& row, const BoundSkips& skips);

// Reads the plain parts of one table on several threads and hands their follows to the session in
// the order of the file: the same records, refusals and counts as row by row.
//
// Thread safety: one thread at a time.
class FollowChunks {
 public:
  struct Table {
    RowSource* rows = nullptr;
    const FileSpec* file = nullptr;
    const FollowParser* parser = nullptr;
    const BoundSkips* skips = nullptr;
  };
  // `threads` > 0. What `table` names and the session outlive this.
  FollowChunks(const Table& table, ReadSession* session, int threads);
  ~FollowChunks();
  // Takes what stands before the next row that only RowSource::Next can read. Errors: those of
  // ReadSession::Refuse and of progress.
  absl::Status TakeAll();

 private:
  struct Chunk;
  struct Impl;
  absl::Status Deliver(const Chunk& chunk);
  std::unique_ptr<Impl> impl_;
};

}  // namespace halqa
