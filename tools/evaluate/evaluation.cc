#include "tools/evaluate/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"
#include "tools/evaluate/metrics.h"

namespace halqa {
namespace {

absl::Status CheckColumn(const std::string& name, const std::vector<double>& values, size_t rows) {
  if (values.size() != rows) {
    return FieldError("LENGTH_MISMATCH", name,
                      absl::StrCat("has ", values.size(), " values, the truth has ", rows));
  }
  for (double v : values) {
    if (!std::isfinite(v)) return FieldError("NOT_FINITE", name, "holds a value that is no number");
  }
  return absl::OkStatus();
}

std::vector<MetricValue> YesNoMetrics(const ScoreColumn& score, absl::Span<const bool> positive,
                                      const EvaluationOptions& options) {
  std::vector<MetricValue> metrics = {{"auc", Auc(score.values, positive)}};
  for (size_t k : options.ks) {
    if (k > score.values.size()) continue;
    metrics.push_back({absl::StrCat("precision@", k), PrecisionAtK(score.values, positive, k)});
  }
  return metrics;
}

std::vector<MetricValue> NumberMetrics(const ScoreColumn& score, const TruthColumn& truth,
                                       const EvaluationOptions& options) {
  std::vector<MetricValue> metrics = {{"spearman", Spearman(score.values, truth.values)},
                                      {"kendall", KendallTauB(score.values, truth.values)}};
  for (size_t k : options.ks) {
    metrics.push_back({absl::StrCat("ndcg@", k), NdcgAtK(score.values, truth.values, k)});
  }
  return metrics;
}

}  // namespace

absl::StatusOr<Evaluation> Evaluate(const std::vector<ScoreColumn>& scores,
                                    const TruthColumn& truth, const EvaluationOptions& options) {
  const size_t rows = truth.values.size();
  HALQA_RETURN_IF_ERROR(CheckColumn(truth.name, truth.values, rows));
  for (size_t k : options.ks) {
    if (k == 0) return FieldError("OUT_OF_RANGE", "ks", "must be at least 1");
  }
  auto positive = std::make_unique<bool[]>(rows);
  for (size_t i = 0; i < rows; ++i) positive[i] = truth.values[i] > 0;
  Evaluation result{truth.name, rows, {}};
  for (const ScoreColumn& score : scores) {
    HALQA_RETURN_IF_ERROR(CheckColumn(score.name, score.values, rows));
    result.scores.push_back(
        {score.name, score.baseline,
         truth.yes_no ? YesNoMetrics(score, absl::MakeSpan(positive.get(), rows), options)
                      : NumberMetrics(score, truth, options)});
  }
  return result;
}

absl::StatusOr<Evaluation> EvaluatePartitions(const std::vector<PartitionPair>& pairs) {
  Evaluation result{"partition", 0, {}};
  for (const PartitionPair& pair : pairs) {
    if (pair.found.size() != pair.truth.size()) {
      return FieldError("LENGTH_MISMATCH", pair.name, "the two partitions differ in length");
    }
    result.rows = std::max<uint64_t>(result.rows, pair.found.size());
    result.scores.push_back({pair.name,
                             false,
                             {{"ami", *AdjustedMutualInformation(pair.found, pair.truth)},
                              {"ari", *AdjustedRandIndex(pair.found, pair.truth)}}});
  }
  return result;
}

std::string EvaluationTable(const Evaluation& evaluation) {
  if (evaluation.scores.empty()) return "";
  std::vector<Table::Column> columns = {{evaluation.truth}};
  std::vector<double> best;
  for (size_t m = 0; m < evaluation.scores[0].metrics.size(); ++m) {
    columns.push_back({evaluation.scores[0].metrics[m].metric, Table::Align::kRight});
    best.push_back(-std::numeric_limits<double>::infinity());
    for (const ScoreMetrics& s : evaluation.scores) {
      if (s.metrics[m].value > best[m]) best[m] = s.metrics[m].value;
    }
  }
  Table table(columns);
  for (const ScoreMetrics& s : evaluation.scores) {
    std::vector<std::string> row = {s.baseline ? absl::StrCat("(", s.score, ")") : s.score};
    for (size_t m = 0; m < s.metrics.size(); ++m) {
      const double v = s.metrics[m].value;
      row.push_back(std::isnan(v) ? "-" : absl::StrFormat("%.3f%s", v, v == best[m] ? "*" : " "));
    }
    table.AddRow(std::move(row));
  }
  return table.Render();
}

std::string EvaluationJson(const Evaluation& evaluation) {
  JsonWriter json;
  json.BeginObject().Key("truth").String(evaluation.truth).Key("rows").UInt(evaluation.rows);
  json.Key("scores").BeginArray();
  for (const ScoreMetrics& s : evaluation.scores) {
    json.BeginObject().Key("score").String(s.score).Key("baseline").Bool(s.baseline);
    json.Key("metrics").BeginObject();
    for (const MetricValue& m : s.metrics) json.Key(m.metric).Number(m.value);
    json.End().End();
  }
  return json.End().End().text();
}

}  // namespace halqa
