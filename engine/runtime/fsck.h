#pragma once
// The check of a whole graph: everything that can be derived is derived again and compared, and
// everything that has a form is held against it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/live_graph.h"
#include "engine/store/store.h"

namespace halqa::runtime {

// One thing that is wrong.
struct Finding {
  std::string part;    // of the check: "log", "follows", "index", ...
  std::string kind;    // a stable word, see docs/OPERATIONS.md
  std::string family;  // of the store, or "snapshot", "files"
  std::string key;     // which row, readable
  std::string what;    // what differs
};

struct CheckOptions {
  uint64_t listed_per_kind_max = 20;  // all are counted
  bool file_checksums = true;         // read every block of every sorted file first
};

struct CheckPart {
  std::string name;
  uint64_t checked = 0;  // rows, arcs, postings, ...
  uint64_t findings = 0;
  double seconds = 0;
};

struct CheckReport {
  uint64_t timeline = 0, chain = 0;
  Lsn lsn = 0;
  uint32_t accounts = 0, format_version = 0;
  std::vector<CheckPart> parts;            // in the order they ran
  std::map<std::string, uint64_t> counts;  // findings by kind
  std::vector<Finding> findings;           // the first ones of each kind
  std::vector<std::string> repairs;        // what RepairDerived did

  uint64_t total() const;
};

using PartFn = std::function<void(const std::string& part)>;

// Checks a directory that no process has open, without changing it. Errors: those of
// Store::OpenReadOnly (then nothing was checked) and Checkpoint; damage is a finding, not an error.
// Cost: reads everything once or twice; memory about 17 bytes per account, 4 per arc, 16 per change
// that is not folded, and 24 per posting of at most 40 M postings at a time.
absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory,
                                           const CheckOptions& options, const PartFn& part,
                                           RunContext& run);

// The same for an open graph, at one moment, while it is written.
absl::StatusOr<CheckReport> CheckLive(const ingest::LiveGraph& live, const CheckOptions& options,
                                      const PartFn& part, RunContext& run);

// Checks, then builds again what is derived and was found wrong: postings and their statistics,
// snapshots (removed, built at the next start), generations (a damaged one goes, the newest whole
// one becomes current) and files that belong to nobody. Checks again and reports what is left.
absl::StatusOr<CheckReport> RepairDerived(const std::string& directory, const CheckOptions& options,
                                          const PartFn& part, RunContext& run);

}  // namespace halqa::runtime
