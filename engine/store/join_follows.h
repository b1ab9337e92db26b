#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace halqa::store {

// The union of encoded follow lists: what DecodeFollows of all, NormaliseFollows and EncodeFollows
// make of them, byte for byte. Events of an account that stands in one list only are copied as they
// are. Errors: DataLoss (EDGE_LIST_CORRUPT). Cost: about 5 ns per followee and list.
absl::StatusOr<std::string> JoinFollowLists(absl::Span<const absl::string_view> lists);

}  // namespace halqa::store
