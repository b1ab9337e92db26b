#include "tools/halqa/cmd_evaluate.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/truth.h"

namespace halqa::cli {
namespace {

struct EvaluateFlags {
  BackendOptions backend;
  TruthFile truth;
  Selection selection;
  std::string kind = "auto", gen_truth;
  size_t k = 10;
  bool json = false;
};

// 1, 0, or nullopt where the text says neither.
std::optional<double> YesNo(const std::string& text) {
  const std::string word = absl::AsciiStrToLower(text);
  for (const char* yes : {"1", "true", "yes", "t", "y"}) {
    if (word == yes) return 1;
  }
  for (const char* no : {"0", "false", "no", "f", "n"}) {
    if (word == no) return 0;
  }
  return std::nullopt;
}

// "yes_no", "number" or "category", whichever all values are.
std::string KindOf(const std::vector<std::string>& truth) {
  double value = 0;
  const bool yes_no = std::all_of(truth.begin(), truth.end(),
                                  [](const std::string& t) { return YesNo(t).has_value(); });
  if (yes_no) return "yes_no";
  const bool number = std::all_of(truth.begin(), truth.end(), [&](const std::string& t) {
    return absl::SimpleAtod(t, &value);
  });
  return number ? "number" : "category";
}

absl::StatusOr<TruthColumn> Numbers(const std::string& name, const std::string& kind,
                                    const std::vector<std::string>& truth) {
  TruthColumn column{name, {}, kind == "yes_no"};
  for (const std::string& text : truth) {
    double value = 0;
    if (column.yes_no) {
      const auto yes = YesNo(text);
      if (!yes) return FieldError("BAD_TRUTH", name, absl::StrCat("'", text, "' is no yes or no"));
      value = *yes;
    } else if (!absl::SimpleAtod(text, &value)) {
      return FieldError("BAD_TRUTH", name, absl::StrCat("'", text, "' is no number"));
    }
    column.values.push_back(value);
  }
  return column;
}

// The fused score of every result of the search, 0 for accounts that it does not list. Without a
// topic or words the search compares everybody.
absl::StatusOr<ScoreColumn> HalqaScore(const EvaluateFlags& flags, const JoinedTruth& joined,
                                       ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto found, reader.Search(flags.selection, 0, false));
  absl::flat_hash_map<std::string, double> scores;
  for (const ScoreRow& row : found) scores[row.external_id] = row.score;
  ScoreColumn column{"halqa search", {}, false};
  for (const ScoreRow& row : joined.rows) {
    const auto it = scores.find(row.external_id);
    column.values.push_back(it == scores.end() ? 0 : it->second);
  }
  return column;
}

// What Halqa says of the people an account engages; nullopt where that is unknown of any.
std::optional<ScoreColumn> EngagedReach(const JoinedTruth& joined) {
  ScoreColumn column{"halqa engaged reach", {}, false};
  for (const ScoreRow& row : joined.rows) {
    if (!row.expected_reach) return std::nullopt;
    column.values.push_back(*row.expected_reach);
  }
  return column;
}

absl::StatusOr<Evaluation> OfNiches(const EvaluateFlags& flags, const JoinedTruth& joined) {
  PartitionPair pair;
  pair.name = absl::StrCat("niche vs ", flags.truth.truth_column);
  std::map<std::string, uint32_t> categories;
  for (size_t i = 0; i < joined.rows.size(); ++i) {
    pair.found.push_back(joined.rows[i].niche);
    const auto number = static_cast<uint32_t>(categories.size());
    pair.truth.push_back(categories.try_emplace(joined.truth[i], number).first->second);
  }
  return EvaluatePartitions({pair});
}

absl::StatusOr<Evaluation> OfScores(const EvaluateFlags& flags, const std::string& kind,
                                    const JoinedTruth& joined, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto truth, Numbers(flags.truth.truth_column, kind, joined.truth));
  HALQA_ASSIGN_OR_RETURN(auto halqa, HalqaScore(flags, joined, reader));
  std::vector<ScoreColumn> columns = Baselines(joined.rows);
  if (auto reach = EngagedReach(joined)) columns.insert(columns.begin(), std::move(*reach));
  columns.insert(columns.begin(), std::move(halqa));
  EvaluationOptions options;
  options.ks = {flags.k};
  return Evaluate(columns, truth, options);
}

absl::Status AgainstFile(const EvaluateFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto joined, JoinTruth(flags.truth, reader));
  const std::string kind = flags.kind == "auto" ? KindOf(joined.truth) : flags.kind;
  HALQA_ASSIGN_OR_RETURN(const auto evaluation, kind == "category"
                                                    ? OfNiches(flags, joined)
                                                    : OfScores(flags, kind, joined, reader));
  if (flags.json) {
    JsonWriter json;
    json.BeginObject().Key("kind").String(kind).Key("lines").UInt(joined.lines);
    json.Key("unmatched").UInt(joined.unmatched).Key("without_truth").UInt(joined.without_truth);
    json.Key("evaluation").Raw(EvaluationJson(evaluation));
    std::printf("%s\n", json.End().text().c_str());
    return absl::OkStatus();
  }
  std::printf("%s of %s lines joined (%s name no account of the graph, %s hold no truth)\n%s",
              WithThousands(joined.rows.size()).c_str(), WithThousands(joined.lines).c_str(),
              WithThousands(joined.unmatched).c_str(), WithThousands(joined.without_truth).c_str(),
              EvaluationTable(evaluation).c_str());
  std::printf("* best of its column; (baselines) in brackets\n");
  return absl::OkStatus();
}

std::string GenJson(const GenEvaluation& e) {
  JsonWriter json;
  auto values = [&](const char* key, const std::vector<double>& numbers) {
    json.Key(key).BeginObject();
    for (size_t c = 0; c < numbers.size(); ++c) json.Key(e.scores[c]).Number(numbers[c]);
    json.End();
  };
  json.BeginObject().Key("accounts").UInt(e.accounts).Key("k").UInt(e.k);
  values("mean_ndcg", e.mean);
  json.Key("topics").BeginArray();
  for (const auto& topic : e.topics) {
    json.BeginObject().Key("topic").String(topic.topic);
    values("ndcg", topic.ndcg);
    values("experts", std::vector<double>(topic.experts.begin(), topic.experts.end()));
    json.End();
  }
  return json.End().End().text();
}

std::string GenTable(const GenEvaluation& e) {
  std::vector<Table::Column> columns = {{"topic"}};
  for (size_t c = 0; c < e.scores.size(); ++c) {
    columns.push_back(
        {c == 0 ? e.scores[c] : absl::StrCat("(", e.scores[c], ")"), Table::Align::kRight});
  }
  Table table(columns);
  auto add = [&](const std::string& name, const std::vector<double>& ndcg,
                 const std::vector<uint32_t>& experts) {
    std::vector<std::string> cells = {name};
    for (size_t c = 0; c < ndcg.size(); ++c) {
      cells.push_back(experts.empty() ? absl::StrFormat("%.3f    ", ndcg[c])
                                      : absl::StrFormat("%.3f %3d", ndcg[c], experts[c]));
    }
    table.AddRow(cells);
  };
  for (const auto& topic : e.topics) add(topic.topic, topic.ndcg, topic.experts);
  add("mean", e.mean, {});
  return absl::StrCat("NDCG@", e.k, " against the planted truth, and experts among the ", e.k,
                      " best; ", WithThousands(e.accounts), " named accounts\n", table.Render());
}

absl::Status Run(const EvaluateFlags& flags, const Backend& backend) {
  ScoreReader reader(backend);
  if (flags.gen_truth.empty()) return AgainstFile(flags, reader);
  HALQA_ASSIGN_OR_RETURN(const auto evaluation, EvaluateGen(flags.gen_truth, flags.k, reader));
  const std::string text = flags.json ? GenJson(evaluation) + "\n" : GenTable(evaluation);
  std::fputs(text.c_str(), stdout);
  return absl::OkStatus();
}

void AddTruthFlags(Command command, EvaluateFlags* flags) {
  const Flag gen =
      command.Add("--gen-truth", flags->gen_truth, "truth.csv of `halqa gen`, all topics");
  const Flag truth = command.Add("--truth", flags->truth.path, "CSV file with ids and the truth");
  truth.Excludes(gen);
  const Flag id = command.Add("--id-column", flags->truth.id_column, "Column of the id");
  const Flag column =
      command.Add("--truth-column", flags->truth.truth_column, "Column of the truth");
  truth.Needs(id).Needs(column);
  command.Add("--truth-kind", flags->kind, "number, yes_no, category, or auto")
      .OneOf({"auto", "number", "yes_no", "category"})
      .ShowDefault();
  command.Add("--platform", flags->truth.platform, "Platform of ids that name none");
}

}  // namespace

void RegisterEvaluate(Command app) {
  auto flags = std::make_shared<EvaluateFlags>();
  Command command = app.Sub("evaluate", "Compare Halqa's scores and the baselines with a truth");
  AddBackendFlags(command, &flags->backend);
  AddTruthFlags(command, flags.get());
  command.Add("--topic", flags->selection.topics, "Judge the search for this topic").Repeated();
  command.Add("--query", flags->selection.query, "Judge the search for these words");
  command.Add("--k", flags->k, "Places that NDCG and precision look at")
      .InRange(1, 100000)
      .ShowDefault();
  command.Switch("--json", flags->json, "Print the figures as JSON");
  command.Footer(
      "Examples:\n"
      "  halqa evaluate --data ./graph --truth views.csv --id-column id --truth-column views "
      "--platform twitch\n"
      "  halqa evaluate --data ./graph --truth t.csv --id-column id --truth-column party --topic "
      "politics\n"
      "  halqa evaluate --data ./graph --gen-truth ./gen/truth.csv\n"
      "Numbers give Spearman, Kendall and NDCG@k with log gain; yes and no give AUC and "
      "precision@k;\n"
      "categories give AMI and ARI of the niches.");
  command.Run([flags] {
    if (flags->gen_truth.empty() && flags->truth.path.empty()) {
      EndWithMissingFlag("--truth or --gen-truth");
    }
    RunOn(flags->backend, [&](const Backend& backend) { return Run(*flags, backend); });
  });
}

}  // namespace halqa::cli
