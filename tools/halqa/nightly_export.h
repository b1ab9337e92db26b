#pragma once
// A generation as files, with a manifest.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/formats/table_writer.h"
#include "tools/halqa/backend.h"

namespace halqa::cli {

// Writes accounts and niches in each format ("parquet", "csv", "ndjson") into
// OUTPUT/generation-N, which appears in one step, then removes all but the newest `keep` of them.
// manifest.json names each file with rows, bytes and xxh3 checksum, and what the generation was
// computed from. Returns the directory. Errors: FailedPrecondition (NO_GENERATION), those of
// writing.
absl::StatusOr<std::string> ExportGeneration(const Backend& backend, const std::string& output,
                                             const std::vector<std::string>& formats,
                                             uint32_t keep);

// Errors: InvalidArgument (BAD_FORMAT).
absl::StatusOr<TableFormat> ParseTableFormat(const std::string& name);

}  // namespace halqa::cli
