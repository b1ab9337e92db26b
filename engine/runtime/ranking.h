#pragma once
// The ranking: from the store to a published generation.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/run_context.h"
#include "engine/ingest/live_graph.h"
#include "engine/projection/projection.h"
#include "engine/runtime/generation.h"
#include "engine/text/taxonomy.h"

namespace halqa::runtime {

struct RankingOptions {
  projection::ProjectionOptions projection;
  double damping = 0.85;           // [0, 0.99]
  double tolerance = 1e-9;         // [0, 1]
  double topic_tolerance = 1e-7;   // of topic vectors, [0, 1]
  double resolution = 1;           // of Leiden, [1e-3, 1e3]
  uint64_t seed = 1;               // of Leiden
  uint32_t topic_entries = 10000;  // kept per topic, [10, 10000000]
  uint32_t leaders = 50;           // leading accounts per topic, [1, 1000]
  uint32_t evidence_min = 3;       // a topic that fewer accounts name gets no vector, [1, 1000000]
  uint32_t keep_generations = 3;   // [1, 8]
  // Refuse to publish when accounts, follows or arcs have fallen by more than this share since the
  // generation before, [0, 1]; 1 = never refuse.
  double shrink_max = 1;

  absl::Status Validate() const;
};

// One parameter by which a caller sets an option.
struct RankingParameter {
  std::string name, default_value, range, doc;
};
std::vector<RankingParameter> RankingParameters();

// Options from named values. Errors: InvalidArgument (UNKNOWN_PARAMETER with the known names,
// PARAMETER_NOT_A_NUMBER, PARAMETER_OUT_OF_RANGE).
absl::StatusOr<RankingOptions> ParseRankingOptions(
    const std::map<std::string, std::string>& values);
// The same values back, defaults included; kept with every generation.
std::map<std::string, std::string> DescribeOptions(const RankingOptions& options);

// Arcs that a projection of the graph will have, before the store is read: its follows, and an
// upper bound of the pairs that only interact.
uint64_t EstimateArcs(const store::Store& db, const ingest::Epoch& epoch);

// What an open graph of that size holds by itself: profiles and names, caches, the program.
uint64_t ResidentBytes(uint64_t accounts);

// Peak bytes of a ranking of a graph of that size, `topics` topics included.
uint64_t EstimateRanking(uint64_t accounts, uint64_t arcs, uint64_t topics);

using StageFn = std::function<void(const std::string& stage)>;

// Folds what is durable, ranks it and publishes the next generation. Errors: ResourceExhausted
// (MEMORY_LIMIT with needed and allowed bytes), FailedPrecondition (EMPTY_GRAPH, GRAPH_SHRANK),
// those of Checkpoint; nothing is published then. What each stage has found is kept beside the
// store until the generation is published: the same ranking of the same data goes on where it was
// killed.
absl::StatusOr<store::GenerationInfo> RankGraph(ingest::LiveGraph& graph,
                                                const text::Taxonomy& taxonomy,
                                                const RankingOptions& options, const StageFn& stage,
                                                RunContext& run);

}  // namespace halqa::runtime
