#pragma once
// Any algorithm of the registry on the graph as it is now, as a job; its values stay beside the
// store until newer ones take their place.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/runtime/graph.h"
#include "engine/runtime/registry.h"

namespace halqa::runtime {

// What an analysis found, and of what.
struct Analysis {
  uint64_t number = 0;
  std::string algorithm;
  uint32_t version = 0;
  ValueType type = ValueType::kNumber;
  uint64_t timeline = 0, lsn = 0;    // the snapshot it saw
  std::vector<double> values;        // by account; kVertex: the account that names the group
  std::vector<ValueColumn> columns;  // by account
};

// Only checks names, values and memory. Errors: those of FindAlgorithm and RunAlgorithm for names
// and values; ResourceExhausted (MEMORY_LIMIT) when even the graph does not fit.
absl::StatusOr<JobRow> PlanAnalysis(const Graph& graph, const std::string& algorithm,
                                    const ParameterValues& parameters, uint64_t memory_bytes_max);

// Queues a job of kind "analysis". Folds what is durable, builds the weighted graph (default
// weights; symmetric where the algorithm needs it), runs the algorithm, keeps the values. Vertices
// in parameters are external ids. Results: "analysis" (the number to read it by), "rounds",
// "converged", "residual", "kernel_bytes", the algorithm's figures. The newest 8 analyses stay.
// Errors: those of PlanAnalysis and JobManager::Start; the job's are those of the kernel.
absl::StatusOr<JobRow> StartAnalysis(Graph& graph, const std::string& algorithm,
                                     const ParameterValues& parameters, uint64_t memory_bytes_max);

// Errors: NotFound (ANALYSIS_NOT_FOUND), DataLoss (ANALYSIS_DAMAGED).
absl::StatusOr<Analysis> LoadAnalysis(const store::Store& db, uint64_t number);

// Places [from, from + count) of its accounts by falling value (kVertex: in the order of accounts);
// equal ones in the order of accounts. Cost: O(accounts) for a page, not of its size.
std::vector<AccountId> ByValue(const Analysis& analysis, uint64_t from, uint64_t count);

// Removes all analyses: they have values of everybody who was there.
void RemoveAnalyses(const store::Store& db);

}  // namespace halqa::runtime
