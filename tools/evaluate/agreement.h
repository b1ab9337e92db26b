#pragma once
// How alike two labelings of the same things are, read from files.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace halqa {

struct Agreement {
  uint64_t both = 0, only_first = 0, only_second = 0;  // vertices
  uint32_t first_groups = 0, second_groups = 0;        // of those in both
  double ami = 0, ari = 0;                             // 1: the same up to names, 0: as by chance
};

// Compares the groups of vertices that stand in both files. A file is what `halqa analyze --output`
// writes, of a graph file (`vertex value`) or of a graph (external_id, value, group), or any table
// of two columns; .gz and .zst too. Errors: those of the files; InvalidArgument (MISSING_COLUMN,
// DUPLICATE_VERTEX); FailedPrecondition (NOTHING_JOINED). Cost: both files in memory.
absl::StatusOr<Agreement> CompareLabels(const std::string& first, const std::string& second);

}  // namespace halqa
