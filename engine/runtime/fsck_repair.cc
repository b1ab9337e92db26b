// Builds again what is derived and was found wrong.

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/base/coding.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/index/document_index.h"
#include "engine/projection/scan.h"
#include "engine/runtime/fsck_context.h"
#include "engine/store/posting_list.h"

namespace halqa::runtime {
namespace {

namespace fs = std::filesystem;
using store::Family;

// Writes the lists of the broken terms, and the statistics, anew from profiles and posts.
absl::Status RepairIndex(const CheckContext& found, store::Store& db, RunContext& run) {
  CheckReport unused;
  Findings findings(&unused, 0);
  findings.Begin("repair");
  CheckContext c;
  c.db = &db;
  c.findings = &findings;
  c.taxonomy = found.taxonomy;
  std::map<std::string, std::vector<store::Posting>> lists;
  for (const std::string& term : found.broken_terms) lists[term];
  index::IndexStatistics statistics;
  const uint32_t blocks = projection::BlockCount(found.accounts);
  for (uint32_t block = 0; block < blocks; ++block) {
    HALQA_RETURN_IF_ERROR(run.Checkpoint(block, blocks));
    const uint32_t from = block * projection::kAccountsPerBlock;
    const uint32_t to = std::min(found.accounts, from + projection::kAccountsPerBlock);
    ForEachDocument(c, from, to, [&](const ingest::AccountDocument& d) {
      statistics.Add(d.terms);
      for (const auto& [term, counts] : d.terms.terms) {
        if (auto it = lists.find(term); it != lists.end()) {
          it->second.push_back({AccountId{d.account}, d.version, counts, d.terms.WeightedLength()});
        }
      }
    });
  }
  store::Batch batch;
  for (const auto& [term, list] : lists) {
    if (list.empty()) {
      batch.Delete(Family::kPostings, term);
    } else {
      batch.Put(Family::kPostings, term, store::EncodePostings(list));
    }
  }
  batch.Put(Family::kMeta, store::meta::kIndexStatistics, statistics.Encode());
  return db.Write(batch, store::Durability::kSync);
}

// Drops damaged generations; the newest whole one becomes the current one.
absl::Status RepairGenerations(const CheckContext& found, store::Store& db) {
  uint32_t newest = 0;
  std::vector<uint32_t> drop;
  for (uint32_t generation : db.Generations()) {
    const auto& broken = found.broken_generations;
    if (generation > found.current_generation) continue;  // dropped when the graph opens
    if (std::find(broken.begin(), broken.end(), generation) == broken.end()) {
      newest = std::max(newest, generation);
    } else {
      drop.push_back(generation);
    }
  }
  store::Batch batch;
  if (newest == 0) {
    batch.Delete(Family::kMeta, store::meta::kCurrentGeneration);
  } else {
    std::string number;
    PutFixed32BE(newest, &number);
    batch.Put(Family::kMeta, store::meta::kCurrentGeneration, number);
  }
  HALQA_RETURN_IF_ERROR(db.Write(batch, store::Durability::kSync));
  for (uint32_t generation : drop) HALQA_RETURN_IF_ERROR(db.DropGeneration(generation));
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (!error) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "FILE_REMOVE_FAILED",
                   absl::StrCat(path, ": ", error.message()), {{"path", path}});
}

absl::StatusOr<std::vector<std::string>> Repair(const std::string& directory,
                                                const CheckContext& found, RunContext& run) {
  std::vector<std::string> done;
  for (const std::string& path : found.stray_files) {
    HALQA_RETURN_IF_ERROR(RemoveFile(path));
    done.push_back(absl::StrCat("removed ", path));
  }
  if (found.broken_snapshot) {
    std::error_code error;
    fs::remove_all(absl::StrCat(directory, "/snapshots"), error);
    done.push_back("removed the snapshots; the next start builds one");
  }
  const bool index = !found.broken_terms.empty() || found.broken_statistics;
  if (!index && found.broken_generations.empty()) return done;
  HALQA_ASSIGN_OR_RETURN(const auto db, store::Store::Open(directory, {}));
  if (index) {
    HALQA_RETURN_IF_ERROR(RepairIndex(found, *db, run));
    done.push_back(absl::StrCat("wrote ", found.broken_terms.size(),
                                " posting lists and the statistics of the index again"));
  }
  if (!found.broken_generations.empty()) {
    HALQA_RETURN_IF_ERROR(RepairGenerations(found, *db));
    done.push_back(absl::StrCat("dropped ", found.broken_generations.size(),
                                " damaged generations; rank again for a new one"));
  }
  return done;
}

}  // namespace

absl::StatusOr<CheckReport> RepairDerived(const std::string& directory, const CheckOptions& options,
                                          const PartFn& part, RunContext& run) {
  CheckContext found;
  CheckReport first;
  {
    HALQA_ASSIGN_OR_RETURN(const auto db, store::Store::OpenReadOnly(directory, {}));
    RunContext checking = run.Part(0, 0.4);
    HALQA_ASSIGN_OR_RETURN(first, CheckClosed(*db, options, part, &found, checking));
  }
  if (first.total() == 0 && found.stray_files.empty()) return first;
  RunContext repairing = run.Part(0.4, 0.6);
  part("repair");
  HALQA_ASSIGN_OR_RETURN(auto repairs, Repair(directory, found, repairing));
  RunContext again = run.Part(0.6, 1);
  HALQA_ASSIGN_OR_RETURN(CheckReport report, CheckDirectory(directory, options, part, again));
  report.repairs = std::move(repairs);
  return report;
}

}  // namespace halqa::runtime
