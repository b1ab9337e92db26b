#pragma once
// One import, as `halqa import` and `halqa nightly` make it.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/formats/formats.h"
#include "tools/halqa/import_sinks.h"

namespace halqa::cli {

// What the flags say; either data or server.
struct ImportFlags {
  std::string data, server, format = "auto", rejects, platform = "graph", title;
  std::string source, legal_basis, collected, expires;
  std::vector<std::string> files;
  std::vector<std::string> variables;
  bool lenient = false, json = false, undirected = false, drop_self_loops = false, invented = false,
       again = false, all_public = false;
  uint64_t name_threshold = 1000;
  int threads = 0;
};

struct ImportOutcome {
  ImportSummary summary;
  ReadStats stats;
  double seconds = 0;
  uint64_t peak_bytes = 0;
};

// Reads the files and stores what they hold; a new directory is built in one step. The same files
// again change nothing, so an import that was killed is made again. Shows progress bars. Errors:
// those of the flags, the files and the store.
absl::StatusOr<ImportOutcome> RunImport(const ImportFlags& flags);

}  // namespace halqa::cli
