#pragma once
// One algorithm on the graph of a directory or a server.

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "tools/halqa/backend.h"

namespace halqa::cli {

struct GraphAnalysis {
  std::string algorithm;
  std::map<std::string, std::string> parameters;
  uint32_t top = 20;   // accounts shown, by falling value
  std::string output;  // file for all values, "" = none; - is stdout
  bool json = false;
};

// Runs the job, shows its progress, prints figures and the first accounts. Errors: the job's own,
// those of writing.
absl::Status AnalyzeGraph(const Backend& backend, const GraphAnalysis& what);

}  // namespace halqa::cli
