#include <atomic>

#include "absl/strings/str_cat.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/projection/projection.h"
#include "engine/projection/scan.h"
#include "engine/store/newest_follows.h"

namespace halqa::projection {

namespace {

absl::Status Damaged(uint32_t src) {
  return MakeError(absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
                   absl::StrCat("packed edge list of account ", src));
}

// The active follows of the accounts [from, to), where nothing is hidden.
absl::Status ReadPlain(const ScanScope& scope, uint32_t from, uint32_t to, RowPiece* piece) {
  absl::Status status;
  auto row = [&](absl::string_view key, absl::string_view value) {
    const uint32_t src = DecodeFixed32BE(key);
    piece->starts.resize(src - from + 1, piece->targets.size());
    const bool whole = store::ForEachNewestFollow(value, [&](uint32_t dst, uint32_t word) {
      if (store::IsActive(word)) piece->targets.push_back(dst);
    });
    if (!whole) status = Damaged(src);
    return whole;
  };
  HALQA_RETURN_IF_ERROR(scope.db->Scan(store::Family::kFollowOut, store::NumberKey(from),
                                       store::NumberKey(to), row, scope.view, /*bulk=*/true));
  return status;
}

absl::Status ReadMasked(const ScanScope& scope, uint32_t from, uint32_t to, RowPiece* piece) {
  return ScanFollows(scope, from, to,
                     [&](uint32_t src, const std::vector<store::FollowEntry>& follows) {
                       piece->starts.resize(src - from + 1, piece->targets.size());
                       for (const store::FollowEntry& f : follows) {
                         if (store::IsActive(f.word)) piece->targets.push_back(f.dst);
                       }
                     });
}

absl::Status ReadPiece(const ScanScope& scope, uint32_t from, uint32_t to, RowPiece* piece) {
  piece->starts.reserve(to - from + 1);
  piece->starts.push_back(0);
  const bool plain = scope.as_of == 0 && (scope.mask == nullptr || scope.mask->empty());
  HALQA_RETURN_IF_ERROR(plain ? ReadPlain(scope, from, to, piece)
                              : ReadMasked(scope, from, to, piece));
  piece->starts.resize(to - from + 1, piece->targets.size());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RowPieces> ActiveFollows(const store::Store& db, const store::ReadView* view,
                                        uint32_t accounts, RunContext& run) {
  static_assert(kAccountsPerBlock == 1u << RowPieces::kShift);
  HALQA_ASSIGN_OR_RETURN(const auto mask, store::LoadMask(db, view));
  const ScanScope scope{&db, view, mask.get()};
  RowPieces rows(accounts);
  std::atomic<uint64_t> largest{0};  // of the pieces read so far; room that nobody touches is free
  auto read = [&](uint32_t block, uint32_t from, uint32_t to) -> absl::Status {
    RowPiece& piece = rows.pieces[block];
    piece.targets.reserve(largest + largest / 4);
    HALQA_RETURN_IF_ERROR(ReadPiece(scope, from, to, &piece));
    if (piece.targets.size() > largest) largest = piece.targets.size();
    return absl::OkStatus();
  };
  HALQA_RETURN_IF_ERROR(ForEachBlock(accounts, run, 1, read));
  return rows;
}

absl::Status WriteRows(RowPieces rows, absl::Span<const uint32_t> in_degrees,
                       const SnapshotIdentity& identity, const std::string& path, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const OrderedGraph ordered,
                         OrderByInDegree(std::move(rows), in_degrees, run));
  return WriteSnapshot(path, identity, ordered.graph.View(), AsAccounts(ordered.order));
}

absl::Status BuildSnapshot(const store::Store& db, const store::ReadView* view, uint32_t accounts,
                           const SnapshotIdentity& identity, const std::string& path,
                           RunContext& run) {
  RunContext scan = run.Part(0, 0.5);
  HALQA_ASSIGN_OR_RETURN(RowPieces rows, ActiveFollows(db, view, accounts, scan));
  RunContext count = run.Part(0.5, 0.55);
  auto in_degrees = InDegrees(rows, count);
  if (ErrorReason(in_degrees.status()) == "VERTEX_OUT_OF_RANGE") {
    return MakeError(absl::StatusCode::kDataLoss, "EDGE_LIST_CORRUPT",
                     in_degrees.status().message());
  }
  HALQA_RETURN_IF_ERROR(in_degrees.status());
  RunContext build = run.Part(0.55, 1);
  return WriteRows(std::move(rows), *in_degrees, identity, path, build);
}

}  // namespace halqa::projection
