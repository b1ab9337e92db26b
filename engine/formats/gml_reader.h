#pragma once

#include <string>

#include "absl/status/status.h"
#include "engine/formats/session.h"

namespace halqa {

// Reads a GML graph: nodes become accounts ("platform:id", label as display name, other plain
// attributes kept under their names), edges follows: source follows target, both ways where the
// file does not say "directed 1". Platform and undirected come from the options of the session.
// Errors: InvalidArgument (INVALID_GML, DUPLICATE_ID, SELF_LOOP, UNKNOWN_KEY for an edge to a node
// that the file lacks) with file:line; those of the file. Cost: memory for the ids of the nodes.
absl::Status ReadGmlFile(const std::string& path, ReadSession& session);

}  // namespace halqa
