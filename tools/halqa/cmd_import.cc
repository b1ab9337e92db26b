#include "tools/halqa/cmd_import.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/table.h"
#include "tools/halqa/import_run.h"

namespace halqa::cli {
namespace {

constexpr char kNamedRow[] = "of them named";

std::vector<std::pair<std::string, uint64_t>> Counts(const ImportOutcome& o) {
  const auto& b = o.summary.bulk;
  std::vector<std::pair<std::string, uint64_t>> rows = {
      {"files", o.stats.files},
      {"account rows", o.stats.accounts},
      {"follow rows", o.stats.follows},
      {"interaction rows", o.stats.interactions},
      {"post rows", o.stats.posts},
      {"rejected lines", o.stats.rejected},
      {"self-loops dropped", o.stats.self_loops_dropped},
      {"duplicates merged", o.stats.duplicates_dropped}};
  if (o.summary.was_bulk) {
    rows.insert(rows.end(), {{"accounts", b.accounts},
                             {kNamedRow, b.named_accounts},
                             {"active follows", b.follows},
                             {"interaction buckets", b.interaction_buckets},
                             {"posts kept", b.posts},
                             {"posts of unnamed accounts left out", b.posts_dropped},
                             {"index terms", b.terms}});
  } else {
    rows.insert(rows.end(), {{"batches", o.summary.batches},
                             {"batches stored before", o.summary.duplicate_batches},
                             {"new accounts", o.summary.new_accounts}});
  }
  return rows;
}

void Print(const ImportOutcome& o, bool json) {
  const uint64_t rows = o.stats.accounts + o.stats.follows + o.stats.interactions + o.stats.posts;
  if (json) {
    JsonWriter w;
    w.BeginObject();
    for (auto [name, value] : Counts(o)) {
      std::replace(name.begin(), name.end(), ' ', '_');
      std::replace(name.begin(), name.end(), '-', '_');
      w.Key(name).UInt(value);
    }
    w.Key("seconds")
        .Number(o.seconds)
        .Key("rows_per_second")
        .Number(static_cast<double>(rows) / o.seconds);
    w.Key("peak_bytes").UInt(o.peak_bytes).End();
    std::cout << w.text() << "\n";
    return;
  }
  Table table({{"what"}, {"count", Table::Align::kRight}});
  for (const auto& [name, value] : Counts(o)) {
    if (value > 0 || name == kNamedRow) table.AddRow({name, WithThousands(value)});
  }
  std::cout << table.Render();
  std::cout << absl::StrFormat(
      "%.1f s, %s rows/s, peak memory %s MiB\n", o.seconds,
      WithThousands(static_cast<uint64_t>(static_cast<double>(rows) / o.seconds)),
      WithThousands(o.peak_bytes >> 20));
  if (o.summary.was_bulk && o.summary.bulk.named_accounts == 0) {
    std::cout
        << "No account is named, so a search lists nobody. Named are accounts that opted in, and "
           "public ones with\nenough followers: --name-threshold N says how many, --public "
           "that the ids of these files are public.\n";
  }
  if (o.summary.duplicate_batches == o.summary.batches && o.summary.batches > 0) {
    std::cout << "Everything in these files was stored before; nothing changed (--again imports "
                 "them again).\n";
  }
}

std::string Footer() {
  std::vector<std::string> names;
  for (const auto& [name, description] : MappingNames())
    names.push_back(absl::StrCat("  ", name, ": ", description));
  return absl::StrCat(
      "Examples:\n"
      "  halqa import --data ./graph accounts.csv follows.tsv.zst\n"
      "  halqa import --data ./graph --format ego_twitter DIR --name-threshold 0\n"
      "  halqa import --server 127.0.0.1:7411 --format ndjson --lenient --rejects bad.tsv "
      "records.ndjson.gz\n"
      "Mappings in the program:\n",
      absl::StrJoin(names, "\n"));
}

}  // namespace

void RegisterImport(Command app) {
  auto o = std::make_shared<ImportFlags>();
  Command cmd = app.Sub("import", "Bring files into a data directory or a running server");
  cmd.Add("--data", o->data, "Data directory; a new one is built in one step");
  cmd.Add("--server", o->server, "HOST:PORT of a running halqad");
  cmd.Add("--format", o->format,
          "auto, csv, tsv, ndjson, snap, ldbc, gml, a mapping's name, or a mapping file.toml")
      .ShowDefault();
  cmd.Add("files", o->files, "Files or directories; .gz and .zst are read through").Required();
  cmd.Switch("--lenient", o->lenient, "Go on after a bad line");
  cmd.Add("--rejects", o->rejects,
          "With --lenient: file for refused lines, with number and reason");
  cmd.Add("--platform", o->platform, "Platform of ids in files that name none").ShowDefault();
  cmd.Add("--var", o->variables, "NAME=VALUE for {NAME} in a mapping");
  cmd.Switch("--undirected", o->undirected, "Edges of snap, ldbc and gml files go both ways");
  cmd.Switch("--drop-self-loops", o->drop_self_loops,
             "Leave self-loops out instead of refusing them");
  cmd.Add("--name-threshold", o->name_threshold,
          "New directory: public accounts with fewer followers are not shown by name")
      .ShowDefault();
  cmd.Switch("--public", o->all_public,
             "Ids of these files are public accounts, unless a profile says otherwise");
  cmd.Add("--title", o->title, "New directory: what the data are");
  cmd.Switch("--invented", o->invented, "New directory: mark every answer as invented data");
  cmd.Switch("--again", o->again, "Import files again that were imported before");
  cmd.Add("--source", o->source, "Where the records come from, kept with them");
  cmd.Add("--legal-basis", o->legal_basis, "Legal basis under which they are kept");
  cmd.Add("--collected", o->collected, "When they were collected, where they do not say");
  cmd.Add("--expires", o->expires,
          "When they expire: `halqa imports purge` takes them away from then on");
  cmd.Add("--threads", o->threads, "0 = all cores").ShowDefault();
  cmd.Switch("--json", o->json, "Print the summary as JSON");
  cmd.Footer(Footer());
  cmd.Run([o] {
    auto outcome = RunImport(*o);
    if (!outcome.ok()) EndWith(ReportError(outcome.status()));
    Print(*outcome, o->json);
    if (outcome->stats.rejected > 0) EndWith(kExitPartial);
  });
}

}  // namespace halqa::cli
