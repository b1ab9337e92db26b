#pragma once
// The store beside its peer: durable follows through the service against synced random keys in
// RocksDB, and what folds, scans, rebuilds, imports and restarts cost.

#include <string>

#include "absl/status/status.h"

namespace halqa::bench {

struct StoreBenchOptions {
  std::string halqad, halqa;              // the programs; "" = beside this one in the build tree
  std::string directory = "store-bench";  // made, and removed at the end
  uint32_t accounts = 1'000'000;
  uint64_t burst_edges = 8'000'000;  // until the delta limit
  uint64_t sustained_edges = 50'000'000;
  uint64_t import_edges = 50'000'000;
  int rounds = 2;  // of peer and burst, one after the other
  int streams = 3, window = 3;
  uint32_t batch = 5'000;
  bool keep = false, json = false;
  std::string only;  // one of burst, sustained, offline, import; "" = all

  void MakeQuick();  // a few minutes less, and figures that only show that it runs
};

// Measures and prints one table. Errors: those of the parts; FailedPrecondition (PROGRAM_MISSING).
absl::Status RunStoreBench(StoreBenchOptions options);

}  // namespace halqa::bench
