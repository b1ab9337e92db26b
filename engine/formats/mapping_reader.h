#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/records.h"
#include "engine/formats/mapping.h"
#include "engine/formats/read_options.h"

namespace halqa {

// Reads the files that `mapping` names out of `paths` (files, or directories whose other files are
// left alone) and hands their records over: accounts first, then the rest in the mapping's order.
// Errors: InvalidArgument with file:line:column and a reason for what stands in a line
// (MISSING_COLUMN, RAGGED_ROW, NOT_A_COUNT, DUPLICATE_ID, SELF_LOOP, ...), UNMATCHED_FILE,
// MISSING_FILE, MISSING_VARIABLE; those of the files (FILE_TRUNCATED, INVALID_ENCODING) and of the
// visitor. Cost: about 0.7 us per follow row; memory for the accounts where the mapping joins
// files.
absl::StatusOr<ReadStats> ReadWithMapping(const Mapping& mapping,
                                          const std::vector<std::string>& paths,
                                          const ReadOptions& options, RecordVisitor& visitor);

// `paths` with each directory replaced by its files, sorted by name. Errors: NotFound
// (FILE_NOT_FOUND).
struct InputFile {
  std::string path, name;
  bool from_directory = false;
};
absl::StatusOr<std::vector<InputFile>> ListInputs(const std::vector<std::string>& paths);

}  // namespace halqa
