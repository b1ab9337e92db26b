#pragma once
// The topics of a graph that no process has open: reading and changing them.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/run_context.h"

namespace halqa::runtime {

// The taxonomy of a directory as the file it was set from; the built-in one where it has none.
// Errors: those of Store::OpenReadOnly.
absl::StatusOr<std::string> ReadTaxonomy(const std::string& directory);

// Gives a directory topics of its own, or, without `toml`, the built-in ones again, and makes its
// index anew. The rankings that exist keep the topics they were made with: rank again. Killed after
// the topics were written, the next open makes the index. Errors: InvalidArgument
// (TAXONOMY_INVALID, naming `file`); those of Store::Open, of the store and of Checkpoint.
absl::Status SetTaxonomy(const std::string& directory, const std::optional<std::string>& toml,
                         absl::string_view file, RunContext& run);

}  // namespace halqa::runtime
