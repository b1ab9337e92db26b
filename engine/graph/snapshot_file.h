#pragma once
// One immutable graph in one file, made to be mapped and used where it lies.
//
// Layout (little-endian): header block of 4096 bytes {magic, format version, identity, counts,
// section table, checksum of the header}; the sections, each starting at a multiple of 4096; the
// checksum table, one XXH3-64 per MiB of each section. snapshot_layout.h has the bytes.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/ids.h"
#include "engine/graph/csr_view.h"

namespace halqa {

inline constexpr uint32_t kSnapshotFormatVersion = 1;

// Which log, and which place in it, a snapshot was made from. Snapshots are derived data: one whose
// identity does not match the store is deleted and built again.
struct SnapshotIdentity {
  uint64_t timeline_id = 0;  // new after every restore
  Lsn lsn = 0;               // the last change record inside
  uint64_t chain = 0;        // chained checksum of the change records up to lsn

  friend bool operator==(const SnapshotIdentity& a, const SnapshotIdentity& b) {
    return a.timeline_id == b.timeline_id && a.lsn == b.lsn && a.chain == b.chain;
  }
  friend bool operator!=(const SnapshotIdentity& a, const SnapshotIdentity& b) { return !(a == b); }
};

// Writes `view` to a temporary file beside `path`, syncs it, renames it over `path` and syncs the
// directory: after OK the snapshot survives power loss, after an error `path` is what it was.
// vertex_to_account[v] is the account of vertex v; no account stands twice. For locality, number
// the vertices by in-degree first (InDegreeOrder, Relabelled in builder.h).
// Errors: InvalidArgument (LENGTH_MISMATCH, DUPLICATE_ACCOUNT), FailedPrecondition
// (MISSING_IN_ROWS), Internal or ResourceExhausted (FILE_WRITE_FAILED, FILE_SYNC_FAILED).
// Cost: one sequential write of 8 bytes per arc (16 weighted; half for a symmetric graph) and 24
// per vertex.
absl::Status WriteSnapshot(const std::string& path, const SnapshotIdentity& identity,
                           const CsrView& view, absl::Span<const AccountId> vertex_to_account);

struct SnapshotOpenOptions {
  // When set, any other identity is refused. Not owned; read during Open only.
  const SnapshotIdentity* expected_identity = nullptr;
  // Check every block at once on `verify_threads` threads instead of before first use.
  bool verify_all = false;
  int verify_threads = 2;
};

enum class SnapshotSection : uint32_t {
  kOutOffsets = 0,
  kOutTargets,
  kInOffsets,
  kInSources,
  kOutWeights,
  kInWeights,
  kVertexToAccount,
  kAccountToVertex,
};
inline constexpr uint32_t kSnapshotSections = 8;

// A mapped snapshot. Movable; views stay valid while it lives.
//
// Thread safety: const methods from any thread.
// Invariants:
// 1. Offsets and account tables are checked at Open; of the other sections no byte is handed out by
// OutRow, InRow or View before the checksums of its blocks were found right.
class Snapshot {
 public:
  // Maps the file; checks the header (magic, version, checksum, section table against counts and
  // file size), the offsets and the account tables. Errors: NotFound (FILE_NOT_FOUND); DataLoss
  // (SNAPSHOT_CORRUPT: any wrong byte there, a shortened file; SNAPSHOT_WRONG_IDENTITY);
  // FailedPrecondition (SNAPSHOT_FORMAT_NEWER).
  // Cost: 24 bytes read per vertex; with verify_all the whole file is read.
  static absl::StatusOr<Snapshot> Open(const std::string& path,
                                       const SnapshotOpenOptions& options = {});
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  const SnapshotIdentity& identity() const;
  uint32_t vertices() const;
  uint64_t arcs() const;
  uint64_t file_bytes() const;
  // One more than the largest account id inside; 0 without vertices.
  uint32_t accounts_limit() const;

  // Checks every block not checked yet. Errors: DataLoss (SNAPSHOT_CORRUPT) naming section and
  // block. Cost: one sequential read, about 0.1 ns per byte and thread.
  absl::Status VerifyAll(int threads) const;
  // The same for the blocks that hold bytes [begin, end) of one section.
  absl::Status Verify(SnapshotSection section, uint64_t begin, uint64_t end) const;

  // The whole graph for kernels. Errors: those of VerifyAll, which runs on first use.
  absl::StatusOr<CsrView> View(int threads = 2) const;
  // The graph without waiting. Targets, sources and weights may only be read after VerifyAll, or
  // row by row through OutRow and InRow.
  CsrView UnverifiedView() const;

  // The sorted out- or in-neighbours of v, after checking the blocks that hold them. REQUIRES: v <
  // vertices(). Errors: DataLoss (SNAPSHOT_CORRUPT). Cost: O(1) once the blocks are checked.
  absl::StatusOr<absl::Span<const VertexIndex>> OutRow(VertexIndex v) const;
  absl::StatusOr<absl::Span<const VertexIndex>> InRow(VertexIndex v) const;

  // The vertex of an account; kNoVertex if the snapshot does not hold it. Cost: one array access.
  VertexIndex VertexOf(AccountId account) const;
  // The account of a vertex. REQUIRES: v < vertices().
  AccountId AccountOf(VertexIndex v) const { return vertex_to_account()[v]; }
  absl::Span<const AccountId> vertex_to_account() const;

 private:
  struct Impl;
  explicit Snapshot(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace halqa
