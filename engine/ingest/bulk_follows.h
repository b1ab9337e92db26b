#pragma once
// The follows of a bulk import: gathered as they come, sorted and written on all cores.

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/graph/array.h"
#include "engine/graph/ordered_rows.h"
#include "engine/ingest/fold.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Thread safety: one thread at a time.
// Cost: 12 bytes per row while gathering, twice that while sorting.
class BulkFollows {
 public:
  struct Row {
    uint32_t src, dst, word;
  };

  void Add(const Row& row) {
    if (used_ == kBlockRows) NewBlock();
    blocks_.back()[used_++] = row;
    newest_.Add(row.word);
  }
  uint64_t size() const { return blocks_.empty() ? 0 : (blocks_.size() - 1) * kBlockRows + used_; }
  const NewestWords& newest() const { return newest_; }

  // Sorts the rows of `accounts` accounts, brings them into the empty family `f_out` as events that
  // `source` told, and returns the active follows of each account. Nothing is left here afterwards.
  // The same files for every number of threads. Errors: those of the store and of Checkpoint.
  absl::StatusOr<RowPieces> Write(store::Store& db, uint32_t accounts, uint32_t source,
                                  RunContext& run);

 private:
  static constexpr uint64_t kBlockRows = uint64_t{1} << 20;
  struct Sorted;
  void NewBlock();
  uint64_t BlockSize(uint64_t block) const {
    return block + 1 < blocks_.size() ? kBlockRows : used_;
  }
  // All rows, those of one piece of accounts together.
  absl::StatusOr<Sorted> ByPiece(uint64_t pieces, RunContext& run);

  std::vector<Array<Row>> blocks_;
  uint64_t used_ = kBlockRows;  // of the last block
  NewestWords newest_;
};

}  // namespace halqa::ingest
