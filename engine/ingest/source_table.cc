#include "engine/ingest/source_table.h"

#include <algorithm>

#include "engine/base/coding.h"
#include "engine/base/status_macros.h"

namespace halqa::ingest {

void SourceTable::Put(uint32_t number, const store::SourceRow& row) {
  numbers[row.name] = number;
  rows[number] = row;
  next = std::max(next, number + 1);
}

absl::StatusOr<SourceTable> SourceTable::Load(const store::Store& db) {
  SourceTable table;
  absl::Status status;
  auto add = [&](absl::string_view key, absl::string_view value) {
    const auto row = store::DecodeSource(value);
    status = row.status();
    if (status.ok()) table.Put(DecodeFixed32BE(key), *row);
    return status.ok();
  };
  HALQA_RETURN_IF_ERROR(db.Scan(store::Family::kSource, "", "", add));
  HALQA_RETURN_IF_ERROR(status);
  return table;
}

}  // namespace halqa::ingest
