#include "tools/halqa/cmd_taxonomy.h"

#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/file.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/graph_topics.h"
#include "engine/text/taxonomy.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"

namespace halqa::cli {
namespace {

struct TaxonomyFlags {
  std::string data, file;
  int threads = 0;
  bool json = false;
};

// Phrases that name several topics, none of them above the other: a search for them asks for all.
std::map<std::string, std::set<std::string>> Shared(const text::Taxonomy& taxonomy) {
  std::map<std::string, std::set<std::string>> shared;
  for (const text::Topic& topic : taxonomy.topics()) {
    for (const text::Synonym& synonym : topic.synonyms) {
      std::set<std::string> ids;
      const auto tokens = text::AnalyzeText(synonym.phrase, {});
      for (const text::TopicHit& hit : taxonomy.Match(tokens)) {
        if (hit.end - hit.begin == tokens.size()) ids.insert(taxonomy.topics()[hit.topic].id);
      }
      if (ids.size() > 1) shared[synonym.phrase] = std::move(ids);
    }
  }
  return shared;
}

std::string AsTable(const text::Taxonomy& taxonomy) {
  std::set<std::string> languages;
  for (const text::Topic& topic : taxonomy.topics()) {
    for (const text::Synonym& synonym : topic.synonyms) languages.insert(synonym.language);
  }
  std::vector<Table::Column> columns = {{"topic"}, {"under"}};
  for (const std::string& language : languages) columns.push_back({language, Table::Align::kRight});
  Table table(std::move(columns));
  for (const text::Topic& topic : taxonomy.topics()) {
    std::map<std::string, uint64_t> counts;
    for (const text::Synonym& synonym : topic.synonyms) ++counts[synonym.language];
    std::vector<std::string> row = {absl::StrCat(topic.id, topic.sensitive ? " (sensitive)" : ""),
                                    absl::StrJoin(topic.parents, ", ")};
    for (const std::string& language : languages) row.push_back(absl::StrCat(counts[language]));
    table.AddRow(std::move(row));
  }
  std::string out = table.Render();
  for (const auto& [phrase, ids] : Shared(taxonomy)) {
    absl::StrAppend(&out, "shared: ", Isolated(phrase), " names ", absl::StrJoin(ids, ", "), "\n");
  }
  absl::StrAppend(&out, taxonomy.topics().size(), " topics, fingerprint ",
                  absl::Hex(taxonomy.fingerprint(), absl::kZeroPad16), "\n");
  return out;
}

std::string AsJson(const text::Taxonomy& taxonomy) {
  JsonWriter json;
  json.BeginObject().Key("fingerprint");
  json.String(absl::StrCat(absl::Hex(taxonomy.fingerprint(), absl::kZeroPad16)));
  json.Key("topics").BeginArray();
  for (const text::Topic& topic : taxonomy.topics()) {
    json.BeginObject().Key("id").String(topic.id).Key("sensitive").Bool(topic.sensitive);
    json.Key("parents").BeginArray();
    for (const std::string& parent : topic.parents) json.String(parent);
    json.End().Key("synonyms").BeginArray();
    for (const text::Synonym& synonym : topic.synonyms) {
      json.BeginObject().Key("language").String(synonym.language);
      json.Key("phrase").String(synonym.phrase).End();
    }
    json.End().End();
  }
  json.End().Key("shared").BeginObject();
  for (const auto& [phrase, ids] : Shared(taxonomy)) {
    json.Key(phrase).BeginArray();
    for (const std::string& id : ids) json.String(id);
    json.End();
  }
  json.End().End();
  return json.text() + "\n";
}

absl::Status Show(const TaxonomyFlags& flags) {
  std::string toml(text::Taxonomy::DefaultToml());
  if (!flags.data.empty()) {
    HALQA_ASSIGN_OR_RETURN(toml, runtime::ReadTaxonomy(flags.data));
  }
  std::fputs(toml.c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Check(const TaxonomyFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const std::string toml, ReadFile(flags.file));
  HALQA_ASSIGN_OR_RETURN(const text::Taxonomy taxonomy, text::Taxonomy::Parse(toml, flags.file));
  std::fputs((flags.json ? AsJson(taxonomy) : AsTable(taxonomy)).c_str(), stdout);
  return absl::OkStatus();
}

absl::Status Change(const TaxonomyFlags& flags, const std::optional<std::string>& toml) {
  ProgressBar bar("index");
  RunContext run(flags.threads);
  run.set_progress([&](double fraction) { bar.Update(fraction, ""); });
  HALQA_RETURN_IF_ERROR(runtime::SetTaxonomy(flags.data, toml, flags.file, run));
  bar.Done();
  std::printf(
      "%s has %s topics now and its index was made anew; rank again to use them:\n"
      "  halqa rank --data %s\n",
      flags.data.c_str(), toml ? "its own" : "the built-in", flags.data.c_str());
  return absl::OkStatus();
}

absl::Status Set(const TaxonomyFlags& flags) {
  HALQA_ASSIGN_OR_RETURN(const std::string toml, ReadFile(flags.file));
  return Change(flags, toml);
}

absl::Status Reset(const TaxonomyFlags& flags) { return Change(flags, std::nullopt); }

void RunAs(Command command, const std::shared_ptr<TaxonomyFlags>& flags,
           absl::Status (*work)(const TaxonomyFlags&)) {
  command.Run([flags, work] {
    const absl::Status status = work(*flags);
    if (!status.ok()) EndWith(ReportError(status));
  });
}

}  // namespace

void RegisterTaxonomy(Command app) {
  Command taxonomy = app.Sub("taxonomy", "The topics that a graph knows, as a file to edit");
  taxonomy.NeedsSub();
  auto flags = std::make_shared<TaxonomyFlags>();
  Command show = taxonomy.Sub("show", "Print the topics of a graph, or the built-in ones");
  show.Add("--data", flags->data, "Data directory");
  show.Footer("Example:\n  halqa taxonomy show > topics.toml");
  RunAs(show, flags, Show);
  Command check = taxonomy.Sub("check", "Say what a file of topics holds, and what is wrong in it");
  check.Add("file", flags->file, "The file").Required();
  check.Switch("--json", flags->json, "Print JSON");
  RunAs(check, flags, Check);
  Command set = taxonomy.Sub("set", "Give a graph topics of its own and make its index anew");
  set.Add("--data", flags->data, "Data directory; no server may have it open").Required();
  set.Add("file", flags->file, "The file").Required();
  set.Add("--threads", flags->threads, "0 = all cores").InRange(0, 4096);
  set.Footer(
      "Example:\n  halqa taxonomy show > topics.toml   # edit it\n"
      "  halqa taxonomy set --data ./graph topics.toml && halqa rank --data ./graph");
  RunAs(set, flags, Set);
  Command reset = taxonomy.Sub("reset", "Give a graph the built-in topics again");
  reset.Add("--data", flags->data, "Data directory; no server may have it open").Required();
  reset.Add("--threads", flags->threads, "0 = all cores").InRange(0, 4096);
  RunAs(reset, flags, Reset);
}

}  // namespace halqa::cli
