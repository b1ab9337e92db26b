#pragma once
// The producers and imports that the writer knows. Used by the writer thread only.

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/store/source_codec.h"
#include "engine/store/store.h"

namespace halqa::ingest {

// Source numbers start at 1; 0 means that no producer was named.
struct SourceTable {
  absl::flat_hash_map<std::string, uint32_t> numbers;  // by name
  std::map<uint32_t, store::SourceRow> rows;
  uint32_t next = 1;

  // Reads the family `source`. Errors: DataLoss (STATE_ROW_CORRUPT).
  static absl::StatusOr<SourceTable> Load(const store::Store& db);
  void Put(uint32_t number, const store::SourceRow& row);
};

}  // namespace halqa::ingest
