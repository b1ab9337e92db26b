#include "tools/halqa/cmd_nightly.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"
#include "tools/halqa/nightly.h"

namespace halqa::cli {
namespace {

void Print(const NightlyOutcome& o, bool as_json) {
  if (as_json) {
    JsonWriter json;
    json.BeginObject().Key("generation").UInt(o.generation).Key("export").String(o.directory);
    json.Key("rejected_lines").UInt(o.rejected).Key("resumed").BeginArray();
    for (const std::string& stage : o.resumed) json.String(stage);
    json.End().Key("seconds").BeginObject();
    for (const auto& [stage, seconds] : o.stages) json.Key(stage).Number(seconds);
    std::printf("%s\n", json.End().End().text().c_str());
    return;
  }
  if (!o.resumed.empty())
    std::printf("An earlier run had finished: %s\n", absl::StrJoin(o.resumed, ", ").c_str());
  Table table({{"stage"}, {"seconds", Table::Align::kRight}});
  for (const auto& [stage, seconds] : o.stages)
    table.AddRow({stage, absl::StrFormat("%.1f", seconds)});
  std::printf("%s", table.Render().c_str());
  std::printf("Generation %u in %s\n", o.generation, o.directory.c_str());
  if (o.rejected > 0)
    std::printf("%s lines were refused; --rejects FILE says which\n",
                WithThousands(o.rejected).c_str());
}

int ExitOf(const absl::Status& status) {
  const int code = ReportError(status);
  return ErrorReason(status) == "GRAPH_SHRANK" ? kExitRefused : code;
}

}  // namespace

void RegisterNightly(Command app) {
  auto f = std::make_shared<NightlyFlags>();
  Command cmd = app.Sub("nightly", "The night's work: import, ranking and niches, export");
  cmd.Add("--data", f->import.data, "Data directory; no server may have it open").Required();
  cmd.Add("--output", f->output, "Where exports go, a directory per generation").Required();
  cmd.Add("files", f->import.files, "Files or directories to import; none = rank what is there");
  cmd.Add("--format", f->import.format, "Of the files, as for halqa import").ShowDefault();
  cmd.Add("--platform", f->import.platform, "Platform of ids in files that name none")
      .ShowDefault();
  cmd.Switch("--lenient", f->import.lenient, "Go on after a bad line; exit code 3 then");
  cmd.Add("--rejects", f->import.rejects, "With --lenient: file for refused lines");
  cmd.Add("--name-threshold", f->import.name_threshold,
          "New directory: public accounts with fewer followers are not shown by name")
      .ShowDefault();
  cmd.Switch("--invented", f->import.invented, "New directory: mark every answer as invented data");
  cmd.Add("--export", f->formats, "parquet, csv or ndjson, may be repeated")
      .Repeated()
      .ShowDefault();
  cmd.Add("--param", f->parameters, "NAME=VALUE of the ranking, may be repeated").Repeated();
  cmd.Add("--shrink-max", f->shrink_max,
          "Publish nothing when accounts, follows or arcs fell by more than this share; 1 = never "
          "refuse")
      .ShowDefault();
  cmd.Add("--keep", f->keep, "Generations and exports kept").InRange(1, 8).ShowDefault();
  cmd.Add("--threads", f->threads, "0 = all cores").ShowDefault();
  cmd.Add("--memory-max", f->memory_max, "Refuse when the ranking needs more bytes, 0 = no limit")
      .Bytes();
  cmd.Switch("--json", f->json, "Print the summary as JSON");
  cmd.Footer(
      "Examples:\n"
      "  halqa nightly --data ./graph --output ./exports new/*.ndjson.zst\n"
      "  halqa nightly --data ./graph --output ./exports --export csv --shrink-max 1\n"
      "Killed and started again with the same flags and files, it goes on after the last finished\n"
      "stage. Exit codes: 0 done; 1 failed; 2 wrong flags or input; 3 done, lines were refused;\n"
      "4 the graph shrank, nothing was published; 130 cancelled.");
  cmd.Run([f] {
    const auto outcome = RunNightly(*f);
    if (!outcome.ok()) EndWith(ExitOf(outcome.status()));
    Print(*outcome, f->json);
    if (outcome->rejected > 0) EndWith(kExitPartial);
  });
}

}  // namespace halqa::cli
