#pragma once
// Inside of the check: what its parts share.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "engine/base/run_context.h"
#include "engine/graph/snapshot_file.h"
#include "engine/index/document_index.h"
#include "engine/ingest/document.h"
#include "engine/ingest/log_tail.h"
#include "engine/runtime/fsck.h"
#include "engine/store/change_record.h"
#include "engine/store/mask.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// Collects findings. Thread safety: all methods from any thread.
class Findings {
 public:
  Findings(CheckReport* report, uint64_t listed_per_kind_max)
      : report_(report), listed_max_(listed_per_kind_max) {}
  void Begin(const std::string& part);
  void Checked(uint64_t rows);
  uint64_t total();
  void Add(absl::string_view kind, absl::string_view family, absl::string_view key,
           absl::string_view what);

 private:
  std::mutex mutex_;
  CheckReport* const report_;
  const uint64_t listed_max_;
};

// An edge whose newest event is in the log only.
using EdgeKey = std::pair<uint32_t, uint32_t>;

// What one check looks at. Filled by the first parts, read by the later ones.
struct CheckContext {
  const store::Store* db = nullptr;
  const store::ReadView* view = nullptr;
  const Snapshot* snapshot = nullptr;  // nullptr = none to compare with
  bool live = false;                   // of an open graph: files come and go
  Findings* findings = nullptr;

  uint32_t accounts = 0;
  ingest::LogTail tail, marker;
  uint32_t newest_word = 0;         // of the fold marker
  uint32_t current_generation = 0;  // 0 = none
  absl::flat_hash_set<uint32_t> sources;
  std::shared_ptr<const store::Mask> mask;
  std::shared_ptr<const text::Taxonomy> taxonomy;
  absl::flat_hash_set<uint32_t> gone;                       // erased, or merged into another
  absl::flat_hash_map<std::string, uint32_t> alias_hashes;  // to the account that stands for them
  // What happened after the snapshot.
  std::vector<EdgeKey> folded_since;          // sorted: edges that changed, folded already
  absl::flat_hash_set<uint32_t> moved_since;  // accounts erased or merged
  bool undone_since = false;                  // an import was undone

  // What a repair has to build again.
  absl::flat_hash_set<std::string> broken_terms;
  bool broken_statistics = false;
  bool broken_snapshot = false;
  std::vector<uint32_t> broken_generations;
  std::vector<std::string> stray_files;

  bool KnowsSource(uint32_t number) const { return number == 0 || sources.contains(number); }
  // Scans a family; damage that stops the scan becomes a finding.
  void Scan(store::Family family, absl::string_view from, absl::string_view to,
            const store::Store::ScanFn& fn) const;
  void Add(absl::string_view kind, absl::string_view family, absl::string_view key,
           absl::string_view what) const {
    findings->Add(kind, family, key, what);
  }
};

// Readable forms of keys.
std::string HexText(absl::string_view bytes);
std::string AccountText(uint32_t id);
std::string EdgeText(uint32_t src, uint32_t dst);

// The documents of the accounts of [from, to), as the writer makes them.
void ForEachDocument(const CheckContext& c, uint32_t from, uint32_t to,
                     const std::function<void(const ingest::AccountDocument&)>& fn);

// The parts. Each returns the error of a checkpoint only.
absl::Status CheckBlocks(CheckContext& c, RunContext& run);
absl::Status CheckSettings(CheckContext& c, RunContext& run);
absl::Status CheckPeople(CheckContext& c, RunContext& run);
absl::Status CheckLog(CheckContext& c, RunContext& run);
absl::Status CheckFollows(CheckContext& c, RunContext& run);
absl::Status CheckInteractions(CheckContext& c, RunContext& run);
absl::Status CheckSnapshot(CheckContext& c, RunContext& run);
absl::Status CheckAccounts(CheckContext& c, RunContext& run);
absl::Status CheckPosts(CheckContext& c, RunContext& run);
absl::Status CheckIndex(CheckContext& c, RunContext& run);
absl::Status CheckSmallRows(CheckContext& c, RunContext& run);
absl::Status CheckGenerations(CheckContext& c, RunContext& run);
absl::Status CheckFiles(CheckContext& c, RunContext& run);

// Runs all parts over a context whose db, view, snapshot and live are set.
absl::Status RunCheck(CheckContext& c, const CheckOptions& options, CheckReport* report,
                      const PartFn& part, RunContext& run);

// Checks a store that no process writes. `c` then holds what a repair needs; of its pointers only
// what the caller set stays.
absl::StatusOr<CheckReport> CheckClosed(const store::Store& db, const CheckOptions& options,
                                        const PartFn& part, CheckContext* c, RunContext& run);

}  // namespace halqa::runtime
