#pragma once
// Resource names: "graphs/{graph}", "graphs/{graph}/accounts/{external_id}", ".../niches/{id}",
// ".../jobs/{id}".

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace halqa::services {

// OK for "" and the graph this server has. Errors: NotFound (GRAPH_NOT_FOUND).
absl::Status CheckGraph(absl::string_view parent);
// The last part of "graphs/main/<collection>/<id>", or `name` itself where it holds no "graphs/".
// Errors: InvalidArgument (INVALID_NAME, field), NotFound (GRAPH_NOT_FOUND).
absl::StatusOr<std::string> IdIn(absl::string_view name, absl::string_view collection,
                                 absl::string_view field);
// The same as a number.
absl::StatusOr<uint64_t> NumberIn(absl::string_view name, absl::string_view collection,
                                  absl::string_view field);

std::string NameOf(absl::string_view collection, absl::string_view id);

}  // namespace halqa::services
