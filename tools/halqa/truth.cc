#include "tools/halqa/truth.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_source.h"
#include "engine/formats/csv.h"
#include "tools/common/progress_bar.h"
#include "tools/evaluate/metrics.h"

namespace halqa::cli {
namespace {

constexpr absl::string_view kExpertise = "expertise_";

absl::StatusOr<size_t> ColumnOf(const CsvReader& reader, const std::string& path,
                                const std::string& name) {
  const auto& columns = reader.columns();
  const auto it = std::find(columns.begin(), columns.end(), name);
  if (it != columns.end()) return static_cast<size_t>(it - columns.begin());
  return FieldError(
      "UNKNOWN_COLUMN", name,
      absl::StrCat(path, " has no column '", name, "'; it has: ", absl::StrJoin(columns, ", ")));
}

absl::StatusOr<std::unique_ptr<CsvReader>> OpenCsv(const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(auto source, ByteSource::Open(path));
  auto reader = std::make_unique<CsvReader>(std::move(source), CsvDialect());
  HALQA_RETURN_IF_ERROR(reader->Open());
  return reader;
}

double Share(const CsvReader& reader) {
  const uint64_t total = reader.source().compressed_bytes_total();
  return total == 0 ? 1
                    : static_cast<double>(reader.source().compressed_bytes_read()) /
                          static_cast<double>(total);
}

absl::Status NothingJoined(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "NOTHING_JOINED",
                   absl::StrCat(path,
                                ": no line names an account of the graph; ids are "
                                "\"platform:id\", or give --platform"));
}

ScoreColumn Column(const std::string& name, const std::vector<ScoreRow>& rows,
                   double (*value)(const ScoreRow&)) {
  ScoreColumn column{name, {}, true};
  for (const ScoreRow& row : rows) column.values.push_back(value(row));
  return column;
}

// Named accounts of a gen truth, and their expertise per topic.
struct GenTruth {
  std::vector<ScoreRow> rows;
  std::vector<std::string> topics;
  std::vector<std::vector<double>> expertise;  // per topic, beside rows
  std::vector<std::string> expert_in;          // topic of an expert, "" for others; beside rows
};

absl::StatusOr<GenTruth> ReadGenTruth(const std::string& path, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto csv, OpenCsv(path));
  HALQA_ASSIGN_OR_RETURN(const size_t id, ColumnOf(*csv, path, "account"));
  HALQA_ASSIGN_OR_RETURN(const size_t expert, ColumnOf(*csv, path, "is_expert"));
  HALQA_ASSIGN_OR_RETURN(const size_t own, ColumnOf(*csv, path, "topic"));
  GenTruth truth;
  std::vector<size_t> places;
  for (size_t i = 0; i < csv->columns().size(); ++i) {
    absl::string_view name = csv->columns()[i];
    if (!absl::ConsumePrefix(&name, kExpertise)) continue;
    truth.topics.emplace_back(name);
    places.push_back(i);
  }
  truth.expertise.resize(places.size());
  std::vector<absl::string_view> fields;
  ProgressBar bar("truth");
  while (true) {
    HALQA_ASSIGN_OR_RETURN(const bool more, csv->Next(&fields));
    if (!more) break;
    bar.Update(Share(*csv));
    HALQA_ASSIGN_OR_RETURN(auto row, reader.Find(std::string(fields[id])));
    if (!row || !row->named) continue;
    truth.rows.push_back(*std::move(row));
    truth.expert_in.emplace_back(fields[expert] == "1" ? fields[own] : "");
    for (size_t t = 0; t < places.size(); ++t) {
      double value = 0;
      if (!absl::SimpleAtod(fields[places[t]], &value)) value = 0;
      truth.expertise[t].push_back(value);
    }
  }
  bar.Done();
  if (truth.rows.empty() || truth.topics.empty()) return NothingJoined(path);
  return truth;
}

uint32_t ExpertsAmong(const std::vector<double>& score, const GenTruth& truth,
                      const std::string& topic, size_t k) {
  std::vector<size_t> order(score.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  k = std::min(k, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<int64_t>(k), order.end(),
      [&](size_t a, size_t b) { return score[a] != score[b] ? score[a] > score[b] : a < b; });
  uint32_t experts = 0;
  for (size_t i = 0; i < k; ++i) experts += truth.expert_in[order[i]] == topic ? 1 : 0;
  return experts;
}

// `value` of the results of a search, 0 for accounts it did not return.
template <typename ValueFn>
ScoreColumn ColumnOf(const std::string& name, bool baseline, const std::vector<ScoreRow>& found,
                     const GenTruth& truth, const ValueFn& value) {
  absl::flat_hash_map<std::string, double> values;
  for (const ScoreRow& row : found) values[row.external_id] = value(row);
  ScoreColumn column{name, {}, baseline};
  for (const ScoreRow& row : truth.rows) {
    const auto it = values.find(row.external_id);
    column.values.push_back(it == values.end() ? 0 : it->second);
  }
  return column;
}

// Fused scores of a topic's search. Only as many results are fetched as can matter among the k
// best.
absl::StatusOr<ScoreColumn> SearchScores(const std::string& topic, size_t k, const GenTruth& truth,
                                         ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto found,
                         reader.Search({{topic}, "", ""}, std::max<size_t>(k, 200), false));
  return ColumnOf("halqa", false, found, truth, [](const ScoreRow& row) { return row.score; });
}

// What a person would do by hand: those who name the topic, by followers.
absl::StatusOr<ScoreColumn> NamedByFollowers(const std::string& topic, const GenTruth& truth,
                                             ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto found,
                         reader.Search({{topic}, "", "relevance > 0"}, /*limit=*/0, false));
  return ColumnOf("followers, topic named", true, found, truth,
                  [](const ScoreRow& row) { return static_cast<double>(row.followers()); });
}

}  // namespace

absl::StatusOr<JoinedTruth> JoinTruth(const TruthFile& file, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto csv, OpenCsv(file.path));
  HALQA_ASSIGN_OR_RETURN(const size_t id, ColumnOf(*csv, file.path, file.id_column));
  HALQA_ASSIGN_OR_RETURN(const size_t value, ColumnOf(*csv, file.path, file.truth_column));
  JoinedTruth joined;
  std::vector<absl::string_view> fields;
  ProgressBar bar("truth");
  while (true) {
    HALQA_ASSIGN_OR_RETURN(const bool more, csv->Next(&fields));
    if (!more) break;
    ++joined.lines;
    bar.Update(Share(*csv));
    if (fields[value].empty()) {
      ++joined.without_truth;
      continue;
    }
    const bool bare = !file.platform.empty() && !absl::StrContains(fields[id], ':');
    HALQA_ASSIGN_OR_RETURN(auto row,
                           reader.Find(absl::StrCat(bare ? file.platform + ":" : "", fields[id])));
    if (!row) {
      ++joined.unmatched;
      continue;
    }
    joined.rows.push_back(*std::move(row));
    joined.truth.emplace_back(fields[value]);
  }
  bar.Done();
  if (joined.rows.empty()) return NothingJoined(file.path);
  return joined;
}

std::vector<ScoreColumn> Baselines(const std::vector<ScoreRow>& rows) {
  std::vector<ScoreColumn> columns;
  const bool declared = std::any_of(rows.begin(), rows.end(), [](const ScoreRow& row) {
    return row.declared_followers.has_value();
  });
  if (declared) {
    columns.push_back(Column("followers declared", rows, [](const ScoreRow& row) {
      return static_cast<double>(row.declared_followers.value_or(0));
    }));
  }
  columns.push_back(Column("followers known", rows, [](const ScoreRow& row) {
    return static_cast<double>(row.known_followers);
  }));
  columns.push_back(Column("weighted in-degree", rows,
                           [](const ScoreRow& row) { return row.weighted_in_degree.value_or(0); }));
  columns.push_back(
      Column("pagerank", rows, [](const ScoreRow& row) { return row.page_rank.value_or(0); }));
  columns.push_back(
      Column("k-core", rows, [](const ScoreRow& row) { return row.core_number.value_or(0); }));
  return columns;
}

absl::StatusOr<GenEvaluation> EvaluateGen(const std::string& path, size_t k, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const GenTruth truth, ReadGenTruth(path, reader));
  std::vector<ScoreColumn> columns = Baselines(truth.rows);
  columns.insert(columns.begin(), 2, ScoreColumn());
  GenEvaluation out;
  out.k = k;
  out.accounts = truth.rows.size();
  out.mean.assign(columns.size(), 0);
  for (size_t t = 0; t < truth.topics.size(); ++t) {
    HALQA_ASSIGN_OR_RETURN(columns[0], SearchScores(truth.topics[t], k, truth, reader));
    HALQA_ASSIGN_OR_RETURN(columns[1], NamedByFollowers(truth.topics[t], truth, reader));
    GenEvaluation::Topic topic{truth.topics[t], {}, {}};
    for (size_t c = 0; c < columns.size(); ++c) {
      topic.ndcg.push_back(NdcgAtK(columns[c].values, truth.expertise[t], k));
      topic.experts.push_back(ExpertsAmong(columns[c].values, truth, truth.topics[t], k));
      out.mean[c] += topic.ndcg.back() / static_cast<double>(truth.topics.size());
    }
    out.topics.push_back(std::move(topic));
  }
  for (const ScoreColumn& column : columns) out.scores.push_back(column.name);
  return out;
}

}  // namespace halqa::cli
