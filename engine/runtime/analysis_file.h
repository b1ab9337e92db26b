#pragma once
// Analyses as files: DIR/analyses/analysis-N.

#include <vector>

#include "absl/status/status.h"
#include "engine/runtime/analysis.h"

namespace halqa::runtime {

// Numbers of the analyses that are there, rising.
std::vector<uint64_t> AnalysisNumbers(const store::Store& db);
// Gives the analysis the next number, writes it durably, removes all but the newest `keep`.
absl::Status SaveAnalysis(const store::Store& db, size_t keep, Analysis* analysis);

}  // namespace halqa::runtime
