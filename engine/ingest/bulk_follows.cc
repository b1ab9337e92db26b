#include "engine/ingest/bulk_follows.h"

#include <algorithm>
#include <utility>

#include "engine/base/status_macros.h"
#include "engine/graph/blocks.h"
#include "engine/store/edge_list.h"

namespace halqa::ingest {
namespace {

using Row = BulkFollows::Row;

constexpr uint32_t kPieceAccounts = 1u << RowPieces::kShift;
constexpr uint64_t kPiecesPerFile = 4;

struct Cell {
  uint32_t dst, word;
};

// Sorts and encodes the accounts of some pieces. One file for all of them.
class PieceWriter {
 public:
  PieceWriter(store::SstBuilder* sst, uint32_t source) : sst_(sst), source_(source) {}

  // `rows`: those of the accounts [first, first + count).
  absl::Status Write(absl::Span<const Row> rows, uint32_t first, uint32_t count, RowPiece* piece) {
    Group(rows, first, count);
    piece->starts.reserve(count + 1);
    piece->starts.push_back(0);
    piece->targets.reserve(rows.size());
    for (uint32_t i = 0; i < count; ++i) {
      if (starts_[i] != starts_[i + 1]) HALQA_RETURN_IF_ERROR(WriteOne(first + i, i, piece));
      piece->starts.push_back(piece->targets.size());
    }
    return absl::OkStatus();
  }

 private:
  // A counting sort by account: starts_ and cells_.
  void Group(absl::Span<const Row> rows, uint32_t first, uint32_t count) {
    starts_.assign(count + 1, 0);
    for (const Row& row : rows) ++starts_[row.src - first + 1];
    for (uint32_t i = 0; i < count; ++i) starts_[i + 1] += starts_[i];
    next_.assign(starts_.begin(), starts_.end() - 1);
    cells_.resize(rows.size());
    for (const Row& row : rows) cells_[next_[row.src - first]++] = {row.dst, row.word};
  }

  absl::Status WriteOne(uint32_t src, uint32_t i, RowPiece* piece) {
    entries_.clear();
    for (uint64_t c = starts_[i]; c < starts_[i + 1]; ++c) {
      entries_.push_back({cells_[c].dst, cells_[c].word, source_});
    }
    store::NormaliseFollows(&entries_);
    for (size_t e = 0; e < entries_.size(); ++e) {
      const bool newest = e == 0 || entries_[e - 1].dst != entries_[e].dst;
      if (newest && store::IsActive(entries_[e].word)) piece->targets.push_back(entries_[e].dst);
    }
    return sst_->Put(store::FollowKey(AccountId{src}), store::EncodeFollows(entries_));
  }

  store::SstBuilder* const sst_;
  const uint32_t source_;
  std::vector<uint64_t> starts_, next_;
  std::vector<Cell> cells_;
  std::vector<store::FollowEntry> entries_;
};

}  // namespace

struct BulkFollows::Sorted {
  Array<Row> rows;
  std::vector<uint64_t> bounds;  // pieces + 1
};

void BulkFollows::NewBlock() {
  blocks_.emplace_back(kBlockRows);
  used_ = 0;
}

absl::StatusOr<BulkFollows::Sorted> BulkFollows::ByPiece(uint64_t pieces, RunContext& run) {
  Sorted sorted;
  sorted.rows = Array<Row>(size());
  std::vector<uint64_t> cursors(blocks_.size() * pieces, 0);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks_.size(), {0, 0.1, 1}, [&](uint64_t b) {
    uint64_t* counts = cursors.data() + b * pieces;
    for (uint64_t i = 0; i < BlockSize(b); ++i) ++counts[blocks_[b][i].src / kPieceAccounts];
  }));
  uint64_t total = 0;
  for (uint64_t p = 0; p < pieces; ++p) {
    sorted.bounds.push_back(total);
    for (uint64_t b = 0; b < blocks_.size(); ++b) {
      total += std::exchange(cursors[b * pieces + p], total);
    }
  }
  sorted.bounds.push_back(total);
  HALQA_RETURN_IF_ERROR(CheckedBlocks(run, blocks_.size(), {0.1, 0.2, 1}, [&](uint64_t b) {
    uint64_t* next = cursors.data() + b * pieces;
    for (uint64_t i = 0; i < BlockSize(b); ++i) {
      const Row& row = blocks_[b][i];
      sorted.rows[next[row.src / kPieceAccounts]++] = row;
    }
  }));
  blocks_.clear();
  used_ = kBlockRows;
  return sorted;
}

absl::StatusOr<RowPieces> BulkFollows::Write(store::Store& db, uint32_t accounts, uint32_t source,
                                             RunContext& run) {
  RowPieces out(accounts);
  const uint64_t pieces = out.pieces.size();
  HALQA_ASSIGN_OR_RETURN(const Sorted sorted, ByPiece(pieces, run));
  const uint64_t files = (pieces + kPiecesPerFile - 1) / kPiecesPerFile;
  std::vector<std::unique_ptr<store::SstBuilder>> ssts;
  for (uint64_t f = 0; f < files; ++f) {
    HALQA_ASSIGN_OR_RETURN(auto sst, db.NewSst(store::Family::kFollowOut));
    ssts.push_back(std::move(sst));
  }
  std::vector<absl::Status> statuses(files);
  auto write_file = [&](uint64_t f) -> absl::Status {
    PieceWriter writer(ssts[f].get(), source);
    for (uint64_t p = f * kPiecesPerFile; p < std::min(pieces, (f + 1) * kPiecesPerFile); ++p) {
      const auto first = static_cast<uint32_t>(p * kPieceAccounts);
      const absl::Span<const Row> rows(sorted.rows.data() + sorted.bounds[p],
                                       sorted.bounds[p + 1] - sorted.bounds[p]);
      HALQA_RETURN_IF_ERROR(
          writer.Write(rows, first, std::min(kPieceAccounts, accounts - first), &out.pieces[p]));
    }
    return ssts[f]->Finish();
  };
  HALQA_RETURN_IF_ERROR(
      CheckedBlocks(run, files, {0.3, 0.7, 1}, [&](uint64_t f) { statuses[f] = write_file(f); }));
  for (const absl::Status& s : statuses) HALQA_RETURN_IF_ERROR(s);
  std::vector<store::SstBuilder*> all;
  for (const auto& sst : ssts) all.push_back(sst.get());
  HALQA_RETURN_IF_ERROR(db.Ingest(all));
  return out;
}

}  // namespace halqa::ingest
