#pragma once
// A graph in a form that the programs of others read.

#include <string>

#include "absl/status/status.h"
#include "engine/graph/csr_view.h"

namespace halqa::bench {

// Writes the arcs of `view`. A name that ends in .sg: the GAP Benchmark Suite's serialized graph
// (directed: one byte, arcs and vertices: 8 bytes each, then offsets of 8 and ids of 4 bytes;
// the in-rows too when directed). Any other: one "SOURCE TARGET" per line, and the weight if there
// are weights; each edge of a symmetric graph once. Errors: InvalidArgument (TOO_MANY_VERTICES: the
// ids of .sg are signed), FailedPrecondition (MISSING_IN_ROWS), Internal (FILE_WRITE_FAILED).
absl::Status WriteGraphFile(const CsrView& view, const std::string& path);

}  // namespace halqa::bench
