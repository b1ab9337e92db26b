#pragma once
// The file form of a taxonomy; see data/taxonomy.toml for its fields.

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/text/taxonomy.h"

namespace halqa::text {

// The topics of a file as they stand, fields checked, references not. Errors: InvalidArgument
// (TAXONOMY_INVALID).
absl::StatusOr<std::vector<Topic>> ParseTopics(absl::string_view toml, absl::string_view file);

// InvalidArgument (TAXONOMY_INVALID) that names file, topic and what is wrong.
absl::Status TaxonomyError(absl::string_view file, absl::string_view topic, absl::string_view what);

}  // namespace halqa::text
