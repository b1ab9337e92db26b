#include "engine/ingest/snapshot_dir.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/fold.h"
#include "engine/projection/projection.h"

namespace halqa::ingest {
namespace {

namespace fs = std::filesystem;

std::string SnapshotDirectory(const store::Store& db) {
  return absl::StrCat(db.directory(), "/snapshots");
}
std::string SnapshotPath(const store::Store& db, Lsn lsn) {
  return absl::StrCat(SnapshotDirectory(db), "/snapshot-", lsn, ".halqa");
}

struct Candidate {
  Lsn lsn = 0;
  std::string path;
};

// Snapshot files, newest first. Anything else in the directory is left alone, temporary files are
// removed.
std::vector<Candidate> ListSnapshots(const store::Store& db) {
  std::vector<Candidate> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(SnapshotDirectory(db), error)) {
    const std::string name = entry.path().filename().string();
    absl::string_view rest = name;
    if (absl::EndsWith(name, ".tmp")) {
      fs::remove(entry.path(), error);
      continue;
    }
    Candidate c;
    c.path = entry.path().string();
    if (absl::ConsumePrefix(&rest, "snapshot-") && absl::ConsumeSuffix(&rest, ".halqa") &&
        absl::SimpleAtoi(rest, &c.lsn)) {
      found.push_back(std::move(c));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.lsn > b.lsn; });
  return found;
}

// Whether the log continues where the snapshot ends.
absl::Status CheckIdentity(const store::Store& db, const Snapshot& snapshot, const LogTail& marker,
                           const LogTail& tail) {
  const SnapshotIdentity& id = snapshot.identity();
  auto wrong = [](absl::string_view why) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SNAPSHOT_WRONG_IDENTITY", why);
  };
  if (id.timeline_id != db.timeline()) return wrong("belongs to another timeline");
  const LogTail mark{id.lsn, id.chain};
  if (mark == tail || mark == marker) return absl::OkStatus();
  if (id.lsn > tail.lsn) return wrong("is newer than the log");
  HALQA_ASSIGN_OR_RETURN(auto next, db.Get(store::Family::kChange, store::LsnKey(id.lsn + 1)));
  if (!next) return wrong("the log no longer reaches back to it");
  uint64_t chain = 0;
  HALQA_ASSIGN_OR_RETURN(const auto record, store::DecodeChangeRecord(*next, &chain));
  return record.previous_chain == id.chain ? absl::OkStatus() : wrong("is of another history");
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Snapshot>> BuildAndOpenSnapshot(const store::Store& db,
                                                                     const LogTail& marker,
                                                                     uint32_t accounts,
                                                                     RunContext& run) {
  std::error_code error;
  fs::create_directories(SnapshotDirectory(db), error);
  const std::string path = SnapshotPath(db, marker.lsn);
  const SnapshotIdentity identity{db.timeline(), marker.lsn, marker.chain};
  const auto view = db.NewView();
  HALQA_RETURN_IF_ERROR(projection::BuildSnapshot(db, view.get(), accounts, identity, path, run));
  HALQA_ASSIGN_OR_RETURN(Snapshot snapshot, Snapshot::Open(path));
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

absl::Status WriteSnapshotOf(const store::Store& db, const LogTail& mark, RowPieces rows,
                             absl::Span<const uint32_t> in_degrees, RunContext& run) {
  std::error_code error;
  fs::create_directories(SnapshotDirectory(db), error);
  return projection::WriteRows(std::move(rows), in_degrees, {db.timeline(), mark.lsn, mark.chain},
                               SnapshotPath(db, mark.lsn), run);
}

absl::StatusOr<OpenedSnapshot> OpenOrBuildSnapshot(
    const store::Store& db, const LogTail& marker, const LogTail& tail, uint32_t accounts,
    const std::function<void(const std::string&)>& log, RunContext& run) {
  for (const Candidate& c : ListSnapshots(db)) {
    auto snapshot = Snapshot::Open(c.path);
    absl::Status status = snapshot.status();
    if (status.ok()) status = CheckIdentity(db, *snapshot, marker, tail);
    if (status.ok()) {
      const LogTail mark{snapshot->identity().lsn, snapshot->identity().chain};
      return OpenedSnapshot{std::make_shared<const Snapshot>(*std::move(snapshot)), mark};
    }
    log(absl::StrCat("snapshot ", c.path, " is not usable and is built again: ", status.message()));
    std::error_code error;
    fs::remove(c.path, error);
  }
  if (accounts > 0) log(absl::StrCat("building the snapshot at record ", marker.lsn));
  HALQA_ASSIGN_OR_RETURN(auto snapshot, BuildAndOpenSnapshot(db, marker, accounts, run));
  return OpenedSnapshot{std::move(snapshot), marker};
}

absl::Status RemoveOldSnapshots(const store::Store& db, const LogTail& keep) {
  for (const Candidate& c : ListSnapshots(db)) {
    if (c.lsn == keep.lsn) continue;
    std::error_code error;
    fs::remove(c.path, error);
    if (error) return ErrnoError(error.value(), "FILE_REMOVE_FAILED", c.path);
  }
  return absl::OkStatus();
}

}  // namespace halqa::ingest
