#pragma once
// How the table of algorithms is made: one function per family, each in a file of its own
// (algorithms_*.cc), brought together by registry.cc. Private to the registry.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/algo/centrality/page_rank.h"
#include "engine/algo/kernel.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/registry.h"

namespace halqa {

// The parameters of one run: given or default, all checked.
class Values {
 public:
  // Errors: InvalidArgument (UNKNOWN_PARAMETER, BAD_PARAMETER, MISSING_PARAMETER).
  static absl::StatusOr<Values> Make(const AlgorithmDescriptor& algorithm,
                                     const ParameterValues& given);
  // REQUIRES of all: the algorithm has a parameter of that name and type.
  double Double(absl::string_view name) const;
  int64_t Integer(absl::string_view name) const;
  bool Bool(absl::string_view name) const;
  const std::string& Text(absl::string_view name) const;
  std::vector<TeleportEntry> VerticesOf(absl::string_view name) const;

 private:
  ParameterValues values_;
};

// What a run would need.
struct Estimate {
  int threads = 1;     // that it may use
  uint64_t bytes = 0;  // peak, result included
};

// Estimates the peak bytes, then runs; with a null context it only estimates. A run that may not
// use so many is refused.
using RunFn = absl::StatusOr<AlgorithmResult> (*)(const CsrView&, const Values&, RunContext*,
                                                  Estimate* estimate);
#define HALQA_ESTIMATE_ONLY(peak)               \
  estimate->bytes = (peak);                     \
  if (run == nullptr) return AlgorithmResult(); \
  HALQA_RETURN_IF_ERROR(RequireMemory(*run, estimate->bytes))
// The same for an adaptive algorithm, which keeps to the memory of the run by itself.
#define HALQA_ESTIMATE_MOST(peak) \
  estimate->bytes = (peak);       \
  if (run == nullptr) return AlgorithmResult()

struct AlgorithmEntry {
  AlgorithmDescriptor descriptor;
  RunFn run;
};

std::vector<AlgorithmEntry> DegreeAlgorithms();
std::vector<AlgorithmEntry> WalkAlgorithms();
std::vector<AlgorithmEntry> CommunityAlgorithms();
std::vector<AlgorithmEntry> ComponentAlgorithms();
std::vector<AlgorithmEntry> StructureAlgorithms();
std::vector<AlgorithmEntry> DistanceAlgorithms();
std::vector<AlgorithmEntry> SpectralAlgorithms();
std::vector<AlgorithmEntry> FlowAlgorithms();
std::vector<AlgorithmEntry> AudienceAlgorithms();

// Descriptors of parameters that several algorithms have.
ParameterDescriptor NumberParameter(std::string name, double low, double high, std::string standard,
                                    std::string doc);
ParameterDescriptor IntegerParameter(std::string name, double low, double high,
                                     std::string standard, std::string doc);
ParameterDescriptor BoolParameter(std::string name, std::string standard, std::string doc);
ParameterDescriptor ChoiceParameter(std::string name, std::string standard,
                                    std::vector<std::string> choices, std::string doc);
// "" as standard: must be given.
ParameterDescriptor VerticesParameter(std::string name, std::string standard, std::string doc);

}  // namespace halqa
