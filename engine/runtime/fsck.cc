#include "engine/runtime/fsck.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/status_macros.h"
#include "engine/ingest/fold.h"
#include "engine/runtime/fsck_context.h"

namespace halqa::runtime {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string SnapshotsOf(const CheckContext& c) {
  return absl::StrCat(c.db->directory(), "/snapshots");
}

// The newest snapshot file of this history. Files that will be deleted at the next start are
// findings.
std::unique_ptr<Snapshot> PickSnapshot(CheckContext& c) {
  struct File {
    Lsn lsn;
    std::string path;
  };
  std::vector<File> files;
  for (const std::string& name : NamesIn(SnapshotsOf(c))) {
    absl::string_view rest = name;
    Lsn lsn = 0;
    if (absl::ConsumePrefix(&rest, "snapshot-") && absl::ConsumeSuffix(&rest, ".halqa") &&
        absl::SimpleAtoi(rest, &lsn)) {
      files.push_back({lsn, absl::StrCat(SnapshotsOf(c), "/", name)});
    }
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.lsn > b.lsn; });
  std::unique_ptr<Snapshot> picked;
  for (const File& file : files) {
    c.findings->Checked(1);
    auto snapshot = Snapshot::Open(file.path);
    if (!snapshot.ok()) {
      c.Add("snapshot-damaged", "snapshot", file.path, snapshot.status().message());
      c.broken_snapshot = true;
    } else if (snapshot->identity().timeline_id != c.db->timeline()) {
      c.Add("snapshot-unusable", "snapshot", file.path, "belongs to another timeline");
      c.stray_files.push_back(file.path);
    } else if (picked == nullptr) {
      picked = std::make_unique<Snapshot>(*std::move(snapshot));
    }
  }
  return picked;
}

}  // namespace

uint64_t CheckReport::total() const {
  uint64_t sum = 0;
  for (const auto& [kind, count] : counts) sum += count;
  return sum;
}

void Findings::Begin(const std::string& part) {
  std::lock_guard lock(mutex_);
  report_->parts.push_back({part});
}

void Findings::Checked(uint64_t rows) {
  std::lock_guard lock(mutex_);
  report_->parts.back().checked += rows;
}

uint64_t Findings::total() {
  std::lock_guard lock(mutex_);
  return report_->total();
}

void Findings::Add(absl::string_view kind, absl::string_view family, absl::string_view key,
                   absl::string_view what) {
  std::lock_guard lock(mutex_);
  ++report_->parts.back().findings;
  if (report_->counts[std::string(kind)]++ >= listed_max_) return;
  report_->findings.push_back({report_->parts.back().name, std::string(kind), std::string(family),
                               std::string(key), std::string(what)});
}

void CheckContext::Scan(store::Family family, absl::string_view from, absl::string_view to,
                        const store::Store::ScanFn& fn) const {
  std::string last = "the beginning";
  const absl::Status status = db->Scan(
      family, from, to,
      [&](absl::string_view key, absl::string_view value) {
        last.assign(key.data(), key.size());
        return fn(key, value);
      },
      view, /*bulk=*/true);
  if (status.ok()) return;
  const std::string name = family >= store::Family::kFirstGeneration
                               ? "generation"
                               : std::string(store::FamilyName(family));
  Add("unreadable", name, absl::StrCat("after ", HexText(last)),
      absl::StrCat(status.message(), "; what follows was not checked"));
}

std::string HexText(absl::string_view bytes) {
  return absl::StrCat("0x", absl::BytesToHexString(bytes));
}
std::string AccountText(uint32_t id) { return absl::StrCat("account ", id); }
std::string EdgeText(uint32_t src, uint32_t dst) { return absl::StrCat(src, " -> ", dst); }

absl::Status CheckBlocks(CheckContext& c, RunContext& run) {
  const auto files = c.db->SortedFiles();
  uint64_t total = 1, done = 0;
  for (const auto& file : files) total += file.bytes;
  for (const auto& file : files) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(static_cast<double>(done), static_cast<double>(total)));
    done += file.bytes;
    const absl::Status status = c.db->VerifyFile(file);
    c.findings->Checked(1);
    if (status.ok()) continue;
    // A file that a compaction removed meanwhile is none any more.
    const auto now = c.db->SortedFiles();
    if (c.live &&
        std::none_of(now.begin(), now.end(), [&](const auto& f) { return f.name == file.name; }))
      continue;
    c.Add("file-damaged", file.family, file.name, status.message());
  }
  return run.Checkpoint(1, 1);
}

// What a killed compaction, ingest or snapshot build leaves is no finding: nothing reads it and the
// next start removes it (a check opens the directory read-only and does not).
absl::Status CheckFiles(CheckContext& c, RunContext& run) {
  const std::string rocks = absl::StrCat(c.db->directory(), "/rocksdb");
  const auto files = c.db->SortedFiles();
  for (const std::string& name : NamesIn(rocks)) {
    c.findings->Checked(1);
    const bool ours =
        std::any_of(files.begin(), files.end(), [&](const auto& f) { return f.name == name; });
    if (!c.live && absl::EndsWith(name, ".sst") && !ours) {
      c.stray_files.push_back(absl::StrCat(rocks, "/", name));
    }
  }
  for (const std::string& name : NamesIn(SnapshotsOf(c))) {
    c.findings->Checked(1);
    const std::string path = absl::StrCat(SnapshotsOf(c), "/", name);
    if (c.live || (absl::StartsWith(name, "snapshot-") && absl::EndsWith(name, ".halqa"))) continue;
    if (!absl::EndsWith(name, ".tmp")) c.Add("file-stray", "files", path, "is no snapshot");
    c.stray_files.push_back(path);
  }
  return run.Checkpoint(1, 1);
}

absl::Status RunCheck(CheckContext& c, const CheckOptions& options, CheckReport* report,
                      const PartFn& part, RunContext& run) {
  using Part = absl::Status (*)(CheckContext&, RunContext&);
  struct Step {
    const char* name;
    Part check;
    double until;
  };
  static constexpr Step kSteps[] = {{"file checksums", CheckBlocks, 0.2},
                                    {"settings", CheckSettings, 0.2},
                                    {"people and sources", CheckPeople, 0.2},
                                    {"log", CheckLog, 0.25},
                                    {"follows", CheckFollows, 0.35},
                                    {"interactions", CheckInteractions, 0.4},
                                    {"snapshot", CheckSnapshot, 0.55},
                                    {"accounts", CheckAccounts, 0.65},
                                    {"posts", CheckPosts, 0.7},
                                    {"index", CheckIndex, 0.95},
                                    {"small rows", CheckSmallRows, 0.96},
                                    {"generations", CheckGenerations, 0.99},
                                    {"files", CheckFiles, 1}};
  using Clock = std::chrono::steady_clock;
  double from = 0;
  for (const Step& step : kSteps) {
    const auto start = Clock::now();
    const double until = step.until;
    if (step.check == CheckBlocks && !options.file_checksums) continue;
    part(step.name);
    c.findings->Begin(step.name);
    RunContext inner = run.Part(from, until);
    HALQA_RETURN_IF_ERROR(step.check(c, inner));
    report->parts.back().seconds = std::chrono::duration<double>(Clock::now() - start).count();
    from = until;
  }
  report->timeline = c.db->timeline();
  report->format_version = c.db->format_version();
  report->lsn = c.tail.lsn;
  report->chain = c.tail.chain;
  report->accounts = c.accounts;
  return run.Checkpoint(1, 1);
}

absl::StatusOr<CheckReport> CheckClosed(const store::Store& db, const CheckOptions& options,
                                        const PartFn& part, CheckContext* c, RunContext& run) {
  CheckReport report;
  Findings findings(&report, options.listed_per_kind_max);
  c->db = &db;
  c->findings = &findings;
  findings.Begin("snapshot files");
  const auto snapshot = PickSnapshot(*c);
  c->snapshot = snapshot.get();
  const absl::Status status = RunCheck(*c, options, &report, part, run);
  c->snapshot = nullptr;
  c->findings = nullptr;
  HALQA_RETURN_IF_ERROR(status);
  return report;
}

absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory,
                                           const CheckOptions& options, const PartFn& part,
                                           RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const auto db, store::Store::OpenReadOnly(directory, {}));
  CheckContext c;
  return CheckClosed(*db, options, part, &c, run);
}

absl::StatusOr<CheckReport> CheckLive(const ingest::LiveGraph& live, const CheckOptions& options,
                                      const PartFn& part, RunContext& run) {
  const store::Store& db = live.db();
  // A fold between the two would trim what leads from this snapshot to that view.
  std::shared_ptr<const ingest::Epoch> epoch;
  std::shared_ptr<const store::ReadView> view;
  do {
    epoch = live.epoch();
    view = db.NewView();
  } while (live.epoch()->snapshot != epoch->snapshot);
  CheckReport report;
  Findings findings(&report, options.listed_per_kind_max);
  CheckContext c;
  c.db = &db;
  c.view = view.get();
  c.snapshot = epoch->snapshot.get();
  c.live = true;
  c.findings = &findings;
  HALQA_RETURN_IF_ERROR(RunCheck(c, options, &report, part, run));
  return report;
}

}  // namespace halqa::runtime
