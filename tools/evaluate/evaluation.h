#pragma once
// Scores against a truth, side by side with the baselines.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace halqa {

struct ScoreColumn {
  std::string name;  // "halqa", "follower_count", "weighted_in_degree", "pagerank", "k_core"
  std::vector<double> values;
  bool baseline = false;
};

struct TruthColumn {
  std::string name;
  std::vector<double> values;  // numbers; for yes and no: 1 and 0
  bool yes_no = false;         // AUC and precision instead of correlation and NDCG
};

struct PartitionPair {
  std::string name;  // "niche vs party"
  std::vector<uint32_t> found, truth;
};

struct EvaluationOptions {
  std::vector<size_t> ks = {10, 100};  // each > 0
};

struct MetricValue {
  std::string metric;  // "ndcg@10"
  double value = 0;    // NaN = not defined on this data
};

struct ScoreMetrics {
  std::string score;
  bool baseline = false;
  std::vector<MetricValue> metrics;
};

struct Evaluation {
  std::string truth;
  uint64_t rows = 0;
  std::vector<ScoreMetrics> scores;  // in the order given
};

// Every metric of every score against `truth`. Errors: InvalidArgument (LENGTH_MISMATCH,
// OUT_OF_RANGE, NOT_FINITE) naming the column.
absl::StatusOr<Evaluation> Evaluate(const std::vector<ScoreColumn>& scores,
                                    const TruthColumn& truth,
                                    const EvaluationOptions& options = {});

// AMI and ARI of each pair. Errors: InvalidArgument (LENGTH_MISMATCH).
absl::StatusOr<Evaluation> EvaluatePartitions(const std::vector<PartitionPair>& pairs);

// An aligned table for people; the best value of each metric carries a *, baselines their name in
// brackets.
std::string EvaluationTable(const Evaluation& evaluation);
std::string EvaluationJson(const Evaluation& evaluation);

}  // namespace halqa
