#pragma once
// Sources and erasures as bytes of the store, and back.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/records.h"

namespace halqa::store {

// One import or producer stream (family `source`).
struct SourceRow {
  std::string name;
  Provenance provenance;
  UnixSeconds created_at = 0;
  uint64_t follows = 0, interactions = 0, profiles = 0, posts = 0;  // rows that arrived
  bool undone = false;
  UnixSeconds undone_at = 0;
  bool founding = false;  // the graph was built from it
};
std::string EncodeSource(const SourceRow& row);
// Errors: DataLoss (STATE_ROW_CORRUPT).
absl::StatusOr<SourceRow> DecodeSource(absl::string_view bytes);

// An account that was erased (families `erased` and `suppress`). Tells what went, not who.
struct ErasureRow {
  uint32_t account = 0;
  uint64_t lsn = 0;
  UnixSeconds time = 0;
  uint64_t following = 0, followers = 0, posts = 0;
  bool had_profile = false;
};
std::string EncodeErasure(const ErasureRow& row);
// Errors: DataLoss (STATE_ROW_CORRUPT).
absl::StatusOr<ErasureRow> DecodeErasure(absl::string_view bytes);

}  // namespace halqa::store
