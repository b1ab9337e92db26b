// The check of settings, log and small rows.

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/status_macros.h"
#include "engine/index/document_index.h"
#include "engine/ingest/fold.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/state_codec.h"

namespace halqa::runtime {
namespace {

using store::Family;

// A number of `default`, 0 where it is absent or damaged.
uint32_t NumberOf(const CheckContext& c, absl::string_view name) {
  const auto value = c.db->Get(Family::kMeta, name, c.view);
  if (!value.ok()) {
    c.Add("unreadable", "default", name, value.status().message());
    return 0;
  }
  if (!value->has_value()) return 0;
  if ((*value)->size() == 4) return DecodeFixed32BE(**value);
  c.Add("setting-damaged", "default", name, absl::StrCat((*value)->size(), " bytes, not 4"));
  return 0;
}

// Calls check(value) with the bytes of a setting that is there and says what it returns.
void CheckSetting(const CheckContext& c, Family family, absl::string_view name,
                  const std::function<absl::Status(absl::string_view)>& check) {
  const auto value = c.db->Get(family, name, c.view);
  if (!value.ok()) {
    c.Add("unreadable", store::FamilyName(family), name, value.status().message());
  } else if (value->has_value()) {
    if (auto s = check(**value); !s.ok())
      c.Add("setting-damaged", store::FamilyName(family), name, s.message());
  }
}

absl::Status ReadMarker(CheckContext& c, absl::string_view bytes) {
  if (bytes.size() != 20 && bytes.size() != 24)
    return absl::DataLossError(absl::StrCat(bytes.size(), " bytes, not 24"));
  HALQA_ASSIGN_OR_RETURN(c.marker, ingest::DecodeTail(bytes.substr(0, 16)));
  c.newest_word = DecodeFixed32BE(bytes.substr(16));
  return absl::OkStatus();
}

void CheckRecordIds(const CheckContext& c, const store::ChangeRecord& record) {
  uint64_t wrong = c.KnowsSource(record.source) ? 0 : 1;
  for (const auto& f : record.follows) wrong += f.src >= c.accounts || f.dst >= c.accounts ? 1 : 0;
  for (const auto& x : record.interactions)
    wrong += x.src >= c.accounts || x.entry.dst >= c.accounts ? 1 : 0;
  for (uint32_t id : record.erased) wrong += c.gone.contains(id) ? 0 : 1;
  for (const auto& a : record.aliases) wrong += c.gone.contains(a.alias) ? 0 : 1;
  for (uint32_t source : record.undone) wrong += c.mask->SourceHidden(source) ? 0 : 1;
  if (wrong == 0) return;
  c.Add("log-id-unknown", "chg", absl::StrCat("record ", record.lsn),
        absl::StrCat(wrong, " of its rows name what does not exist, or was never done"));
}

// What of the log the comparison with the snapshot needs.
void KeepEdges(CheckContext& c, const store::ChangeRecord& record) {
  if (c.snapshot == nullptr || record.lsn <= c.snapshot->identity().lsn) return;
  c.moved_since.insert(record.erased.begin(), record.erased.end());
  for (const auto& a : record.aliases) c.moved_since.insert({a.alias, a.canonical});
  c.undone_since = c.undone_since || !record.undone.empty();
  if (record.lsn > c.marker.lsn) return;
  for (const auto& f : record.follows)
    c.folded_since.push_back({c.mask->Canonical(f.src), c.mask->Canonical(f.dst)});
}

struct LogWalk {
  uint64_t first = 0, last = 0, chain = 0;
  bool snapshot_fits = true;
};

void VisitRecord(CheckContext& c, absl::string_view key, absl::string_view value, LogWalk* walk) {
  const std::string name = key.size() == 8 ? absl::StrCat("record ", DecodeFixed64BE(key))
                                           : absl::StrCat("key ", HexText(key));
  c.findings->Checked(1);
  uint64_t chain = 0;
  const auto record = store::DecodeChangeRecord(value, &chain);
  if (!record.ok()) return c.Add("log-record-damaged", "chg", name, record.status().message());
  if (key.size() != 8 || record->lsn != DecodeFixed64BE(key)) {
    return c.Add("log-record-misplaced", "chg", name, absl::StrCat("holds record ", record->lsn));
  }
  if (walk->last != 0 && record->lsn != walk->last + 1) {
    c.Add("log-hole", "chg", name,
          absl::StrCat("records ", walk->last + 1, " to ", record->lsn - 1, " are missing"));
  } else if (walk->last != 0 && record->previous_chain != walk->chain) {
    c.Add("log-chain-broken", "chg", name, absl::StrCat("does not continue record ", walk->last));
  }
  const auto compare = [&](const ingest::LogTail& mark, absl::string_view what) {
    if (mark.lsn == record->lsn && mark.chain != chain)
      c.Add("log-chain-broken", "chg", name, absl::StrCat("is not the one of ", what));
  };
  compare(c.marker, "the fold marker");
  compare(c.tail, "the end mark");
  if (c.snapshot != nullptr && c.snapshot->identity().lsn == record->lsn)
    walk->snapshot_fits = c.snapshot->identity().chain == chain;
  CheckRecordIds(c, *record);
  KeepEdges(c, *record);
  if (walk->first == 0) walk->first = record->lsn;
  walk->last = record->lsn;
  walk->chain = chain;
}

// A snapshot that the log does not lead on from is built again at the next start.
void CheckSnapshotMark(CheckContext& c, const LogWalk& walk) {
  if (c.snapshot == nullptr) return;
  const SnapshotIdentity& id = c.snapshot->identity();
  std::string why;
  if (id.lsn > c.tail.lsn) why = "is newer than the log";
  if (id.lsn == c.marker.lsn && id.chain != c.marker.chain) why = "is not of the fold marker";
  if (id.lsn < c.marker.lsn && (walk.first == 0 || walk.first > id.lsn + 1))
    why = "is older than the log reaches back";
  if (!walk.snapshot_fits) why = "is of another history";
  if (why.empty()) return;
  c.Add("snapshot-unusable", "snapshot", absl::StrCat("record ", id.lsn), why);
  c.broken_snapshot = true;
  c.snapshot = nullptr;
  c.folded_since.clear();
  c.moved_since.clear();
}

void CheckDedup(const CheckContext& c) {
  c.Scan(Family::kDedup, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    const bool known = key.substr(0, 2) == "r:" || key.substr(0, 2) == "c:";
    const std::string name = absl::CHexEscape(key);
    if (!known || value.size() != 24) {
      c.Add("dedup-row-damaged", "dedup", name,
            absl::StrCat(value.size(), " bytes, not 24, or a key of no known kind"));
    } else if (DecodeFixed64BE(value.substr(8)) > c.tail.lsn) {
      c.Add("dedup-beyond-log", "dedup", name,
            absl::StrCat("remembers record ", DecodeFixed64BE(value.substr(8)),
                         ", the log ends at ", c.tail.lsn));
    }
    return true;
  });
}

void CheckJobs(const CheckContext& c) {
  static constexpr absl::string_view kStates[] = {"QUEUED", "RUNNING",   "SUCCEEDED",
                                                  "FAILED", "CANCELLED", "INTERRUPTED"};
  c.Scan(Family::kJobs, "", "", [&](absl::string_view key, absl::string_view value) {
    c.findings->Checked(1);
    const auto job = store::DecodeJob(value);
    const std::string name = HexText(key);
    if (!job.ok()) {
      c.Add("job-damaged", "jobs", name, job.status().message());
    } else if (key.size() != 8 || job->id != DecodeFixed64BE(key)) {
      c.Add("job-damaged", "jobs", name, absl::StrCat("holds job ", job->id));
    } else if (std::find(std::begin(kStates), std::end(kStates), job->state) == std::end(kStates)) {
      c.Add("job-damaged", "jobs", name, absl::StrCat("state ", job->state, " is unknown"));
    }
    return true;
  });
}

}  // namespace

absl::Status CheckSettings(CheckContext& c, RunContext& run) {
  for (const std::string& name : c.db->unknown_families())
    c.Add("family-unknown", name, "", "is not a family of this Halqa; its rows were not read");
  if (c.db->missing_batches() > 0) {
    c.Add("log-cut", "files", "acknowledged",
          absl::StrCat(c.db->missing_batches(), " acknowledged batches are missing"));
  }
  c.accounts = NumberOf(c, store::meta::kNextAccount);
  c.current_generation = NumberOf(c, store::meta::kCurrentGeneration);
  const uint32_t next = NumberOf(c, store::meta::kNextGeneration);
  if (c.current_generation != 0 && next <= c.current_generation) {
    c.Add("setting-damaged", "default", store::meta::kNextGeneration,
          absl::StrCat("is ", next, ", the current generation is ", c.current_generation));
  }
  CheckSetting(c, Family::kMeta, store::meta::kTail, [&](absl::string_view v) -> absl::Status {
    HALQA_ASSIGN_OR_RETURN(c.tail, ingest::DecodeTail(v));
    return absl::OkStatus();
  });
  CheckSetting(c, Family::kMeta, store::meta::kSettings,
               [](absl::string_view v) { return store::DecodeSettings(v).status(); });
  CheckSetting(c, Family::kMeta, store::meta::kTaxonomy, [](absl::string_view v) {
    return text::Taxonomy::Parse(v, store::meta::kTaxonomy).status();
  });
  CheckSetting(c, Family::kMeta, store::meta::kHorizon, [](absl::string_view v) {
    return v.size() == 8 ? absl::OkStatus() : absl::DataLossError("not 8 bytes");
  });
  CheckSetting(c, Family::kFold, store::meta::kFoldMarker,
               [&](absl::string_view v) { return ReadMarker(c, v); });
  if (c.marker.lsn > c.tail.lsn) {
    c.Add("marker-beyond-log", "fold", "marker",
          absl::StrCat("is at record ", c.marker.lsn, ", the log ends at ", c.tail.lsn));
  }
  c.findings->Checked(9);
  return run.Checkpoint(1, 1);
}

absl::Status CheckLog(CheckContext& c, RunContext& run) {
  LogWalk walk;
  absl::Status stopped;
  c.Scan(Family::kChange, "", "", [&](absl::string_view key, absl::string_view value) {
    VisitRecord(c, key, value, &walk);
    stopped = run.Checkpoint(static_cast<double>(walk.last), static_cast<double>(c.tail.lsn) + 1);
    return stopped.ok();
  });
  HALQA_RETURN_IF_ERROR(stopped);
  std::sort(c.folded_since.begin(), c.folded_since.end());
  c.folded_since.erase(std::unique(c.folded_since.begin(), c.folded_since.end()),
                       c.folded_since.end());
  if (walk.last != c.tail.lsn) {
    c.Add("log-hole", "chg", absl::StrCat("record ", c.tail.lsn),
          absl::StrCat("the log ends at record ", walk.last, ", its end mark says ", c.tail.lsn));
  }
  if (c.tail.lsn > c.marker.lsn && walk.first > c.marker.lsn + 1) {
    c.Add("log-hole", "chg", absl::StrCat("record ", c.marker.lsn + 1),
          absl::StrCat("the log begins at record ", walk.first, ", but only ", c.marker.lsn,
                       " are folded"));
  }
  CheckSnapshotMark(c, walk);
  return run.Checkpoint(1, 1);
}

absl::Status CheckSmallRows(CheckContext& c, RunContext& run) {
  CheckDedup(c);
  CheckJobs(c);
  return run.Checkpoint(1, 1);
}

}  // namespace halqa::runtime
