#pragma once
// Which accounts a query with AND, OR and NOT allows.

#include <vector>

#include "absl/status/statusor.h"
#include "engine/discovery/sources.h"
#include "engine/text/boolean_query.h"

namespace halqa::discovery {

// The accounts that the expression allows, rising. A word or phrase allows those whose documents
// match it; a topic also those of its PageRank list, whom the topic's followers point at. Errors:
// of the sources. Cost: linear in the posting lists; a phrase reads the documents that hold its
// words.
absl::StatusOr<std::vector<AccountId>> AllowedAccounts(const text::QueryNode& node,
                                                       const SearchSources& sources);

}  // namespace halqa::discovery
