#pragma once
// Truth files joined with scores.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/evaluate/evaluation.h"
#include "tools/halqa/scores.h"

namespace halqa::cli {

struct TruthFile {
  std::string path;
  std::string id_column, truth_column;
  std::string platform;  // put before ids that name none
};

// Lines of a truth file whose account the graph has.
struct JoinedTruth {
  std::vector<ScoreRow> rows;
  std::vector<std::string> truth;  // beside rows; never empty
  uint64_t lines = 0, unmatched = 0, without_truth = 0;
};
// Errors: those of the file; InvalidArgument (UNKNOWN_COLUMN) with the columns there are;
// FailedPrecondition (NOTHING_JOINED).
absl::StatusOr<JoinedTruth> JoinTruth(const TruthFile& file, ScoreReader& reader);

// The baselines of every evaluation: followers (declared, where any is known, and known), weighted
// in-degree, PageRank, k-core.
std::vector<ScoreColumn> Baselines(const std::vector<ScoreRow>& rows);

// Search against the planted truth of `halqa gen`, topic by topic, over named accounts.
struct GenEvaluation {
  std::vector<std::string>
      scores;  // "halqa", those who name the topic by followers, then the baselines
  struct Topic {
    std::string topic;
    std::vector<double> ndcg;       // beside scores
    std::vector<uint32_t> experts;  // experts of the topic among the k best, beside scores
  };
  std::vector<Topic> topics;
  std::vector<double> mean;  // of ndcg
  uint64_t accounts = 0;     // named accounts of the truth
  size_t k = 10;
};
// Errors: as JoinTruth.
absl::StatusOr<GenEvaluation> EvaluateGen(const std::string& path, size_t k, ScoreReader& reader);

}  // namespace halqa::cli
