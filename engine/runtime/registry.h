#pragma once
// Every algorithm by its name: what it does, what it can be told, what it costs, and how to run it
// on a view. Jobs, `halqa analyze` and the documentation read this one table.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/base/run_context.h"
#include "engine/graph/csr_view.h"

namespace halqa {

enum class ParameterType {
  kDouble,
  kInteger,
  kBool,
  kChoice,    // one of `choices`
  kVertices,  // "vertex" or "vertex=weight", separated by commas
};
absl::string_view ParameterTypeName(ParameterType type);

struct ParameterDescriptor {
  std::string name;
  ParameterType type = ParameterType::kDouble;
  double low = 0, high = 0;   // range of kDouble and kInteger, both ends allowed
  std::string default_value;  // "" = must be given
  std::vector<std::string> choices;
  std::string doc;
};

// What the values of a result are.
enum class ValueType {
  kNumber,  // a score
  kCount,   // a whole number
  kVertex,  // a vertex that names a group
  kHops,    // a number of arcs; kNoVertex = unreachable
};

struct AlgorithmDescriptor {
  std::string name;
  int version = 1;
  std::string summary;
  ValueType value = ValueType::kNumber;
  bool undirected = false;   // needs a symmetric view
  bool in_rows = true;       // needs in-rows
  bool superlinear = false;  // costs more than O(arcs) per round: for small graphs
  // What it needs depends on what it finds. Its estimate is the most that it may need; with less it
  // begins all the same, and stops (MEMORY_LIMIT) or returns what it has found so far when it would
  // need more than the run may use.
  bool adaptive = false;
  std::vector<ParameterDescriptor> parameters = {};
  std::string time = "", memory = "", paper = "";
};

using ParameterValues = std::map<std::string, std::string>;

// Further numbers of a result, one per vertex.
struct ValueColumn {
  std::string name;  // unique in the result, "low", "within_1"
  std::vector<double> values;
};

struct AlgorithmResult {
  std::string algorithm;
  int version = 1;
  ValueType type = ValueType::kNumber;
  // By vertex; doubles for kNumber (infinity = unreachable), whole numbers for the others.
  std::variant<std::vector<double>, std::vector<uint32_t>> values;
  std::vector<ValueColumn> columns;  // what else is known of each vertex
  int rounds = 0;                    // 0 where the algorithm has none
  bool converged = true;
  double residual = 0;
  uint64_t estimated_bytes = 0;
  std::map<std::string, double> figures;  // "modularity", "components", ...
};

// All algorithms, by name.
const std::vector<AlgorithmDescriptor>& Algorithms();

// The descriptor of `name`. Errors: InvalidArgument (UNKNOWN_ALGORITHM) listing the known names.
absl::StatusOr<const AlgorithmDescriptor*> FindAlgorithm(absl::string_view name);

// Peak bytes of a run on `threads` threads, its result included. Errors: as RunAlgorithm's for
// names and parameters. REQUIRES: threads > 0.
absl::StatusOr<uint64_t> EstimateAlgorithm(absl::string_view name, const CsrView& view,
                                           const ParameterValues& parameters, int threads);

// Runs `name` on `view`. Vertices in parameters are indices of the view. Errors: InvalidArgument
// (UNKNOWN_ALGORITHM, UNKNOWN_PARAMETER listing the known ones, BAD_PARAMETER, MISSING_PARAMETER)
// and those of the kernel.
absl::StatusOr<AlgorithmResult> RunAlgorithm(absl::string_view name, const CsrView& view,
                                             const ParameterValues& parameters, RunContext& run);

// Rewrites the vertices of a kVertices value by `translate` (which says what an unknown name is).
absl::StatusOr<std::string> TranslateVertices(
    absl::string_view value,
    const std::function<absl::StatusOr<VertexIndex>(absl::string_view)>& translate);

}  // namespace halqa
