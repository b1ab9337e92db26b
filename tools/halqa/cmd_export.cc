#include "tools/halqa/cmd_export.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_sink.h"
#include "engine/formats/gexf_writer.h"
#include "engine/formats/table_writer.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/export_tables.h"
#include "tools/halqa/scores.h"

namespace halqa::cli {
namespace {

constexpr size_t kGexfAccounts = 500;

struct ExportFlags {
  BackendOptions backend;
  Selection selection;
  std::string what = "accounts", format = "auto", output;
  size_t limit = 0;
  bool json = false;
};

TableFormat TableFormatOf(const ExportFlags& flags) {
  if (flags.format == "parquet") return TableFormat::kParquet;
  return flags.format == "csv" ? TableFormat::kCsv : TableFormat::kNdjson;
}

absl::StatusOr<std::vector<ScoreRow>> Accounts(const ExportFlags& flags, ScoreReader& reader,
                                               size_t limit) {
  if (flags.selection.empty()) return reader.All(limit);
  return reader.Search(flags.selection, limit, true);
}

absl::StatusOr<uint64_t> ExportAccounts(const ExportFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto rows, Accounts(flags, reader, flags.limit));
  return WriteAccounts(rows, !flags.selection.empty(), flags.output, TableFormatOf(flags));
}

absl::StatusOr<uint64_t> ExportNiches(const ExportFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto niches, reader.Niches(flags.limit));
  return WriteNiches(niches, flags.output, TableFormatOf(flags));
}

// Calls `edge` for every follow among `rows`.
absl::Status ForEachFollow(
    const std::vector<ScoreRow>& rows, ScoreReader& reader,
    const std::function<absl::Status(const std::string&, const std::string&)>& edge) {
  absl::flat_hash_set<std::string> inside;
  for (const ScoreRow& row : rows) inside.insert(row.external_id);
  ProgressBar bar("follows");
  for (size_t i = 0; i < rows.size(); ++i) {
    bar.Update(static_cast<double>(i) / static_cast<double>(rows.size()));
    HALQA_ASSIGN_OR_RETURN(const auto following, reader.Following(rows[i].external_id));
    for (const std::string& followee : following) {
      if (inside.contains(followee)) HALQA_RETURN_IF_ERROR(edge(rows[i].external_id, followee));
    }
  }
  bar.Done();
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ExportFollows(const ExportFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto rows, Accounts(flags, reader, flags.limit));
  HALQA_ASSIGN_OR_RETURN(const auto file, TableWriter::Create(flags.output, TableFormatOf(flags),
                                                              {{"follower"}, {"followee"}}));
  HALQA_RETURN_IF_ERROR(
      ForEachFollow(rows, reader, [&](const std::string& follower, const std::string& followee) {
        return file->Row({TableCell(follower), TableCell(followee)});
      }));
  HALQA_RETURN_IF_ERROR(file->Close());
  return file->rows();
}

GexfNode NodeOf(const ScoreRow& row, double share) {
  GexfNode node;
  node.id = row.external_id;
  node.label = row.handle.empty() ? row.external_id : "@" + row.handle;
  node.community = row.niche == 0 ? -1 : static_cast<int64_t>(row.niche);
  node.score = share;
  node.attributes = {row.platform, absl::StrCat(row.followers()),
                     row.page_rank ? NumberText(*row.page_rank) : "", absl::StrCat(row.niche),
                     row.niche_label};
  return node;
}

absl::StatusOr<uint64_t> ExportPicture(const ExportFlags& flags, ScoreReader& reader) {
  const size_t limit = flags.limit == 0 ? kGexfAccounts : flags.limit;
  HALQA_ASSIGN_OR_RETURN(const auto rows, Accounts(flags, reader, limit));
  const bool searched = !flags.selection.empty();
  auto score = [&](const ScoreRow& row) {
    return searched ? row.score : row.page_rank.value_or(0);
  };
  double most = 0;
  for (const ScoreRow& row : rows) most = std::max(most, score(row));
  HALQA_ASSIGN_OR_RETURN(auto sink, ByteSink::Create(flags.output));
  GexfWriter writer(std::move(sink));
  HALQA_RETURN_IF_ERROR(
      writer.Begin(searched ? "Halqa: follows among the results of a search"
                            : "Halqa: follows among the accounts with the highest PageRank",
                   {{"platform"},
                    {"followers", GexfAttribute::Type::kWhole},
                    {"page_rank", GexfAttribute::Type::kNumber},
                    {"niche", GexfAttribute::Type::kWhole},
                    {"niche_label"}}));
  for (const ScoreRow& row : rows) {
    HALQA_RETURN_IF_ERROR(writer.Node(NodeOf(row, most > 0 ? score(row) / most : 0)));
  }
  HALQA_RETURN_IF_ERROR(writer.BeginEdges());
  HALQA_RETURN_IF_ERROR(
      ForEachFollow(rows, reader, [&](const std::string& follower, const std::string& followee) {
        return writer.Edge({follower, followee, 1});
      }));
  HALQA_RETURN_IF_ERROR(writer.Close());
  return rows.size();
}

// By the ending of the file's name, before .gz or .zst; CSV where it tells nothing.
std::string FormatOf(absl::string_view path) {
  if (!absl::ConsumeSuffix(&path, ".gz")) absl::ConsumeSuffix(&path, ".zst");
  if (absl::EndsWith(path, ".ndjson") || absl::EndsWith(path, ".jsonl")) return "ndjson";
  if (absl::EndsWith(path, ".parquet")) return "parquet";
  return absl::EndsWith(path, ".gexf") ? "gexf" : "csv";
}

absl::Status Export(ExportFlags flags, const Backend& backend) {
  if (flags.format == "auto") flags.format = FormatOf(flags.output);
  ScoreReader reader(backend);
  absl::StatusOr<uint64_t> rows = 0;
  if (flags.format == "gexf") {
    if (flags.what != "accounts") {
      return FieldError("BAD_FORMAT", "format",
                        "gexf is a picture of accounts; use --what accounts");
    }
    rows = ExportPicture(flags, reader);
  } else if (flags.what == "accounts") {
    rows = ExportAccounts(flags, reader);
  } else if (flags.what == "niches") {
    rows = ExportNiches(flags, reader);
  } else {
    rows = ExportFollows(flags, reader);
  }
  if (!rows.ok()) return rows.status();
  if (flags.json) {
    JsonWriter json;
    json.BeginObject().Key("output").String(flags.output).Key("what").String(flags.what);
    std::printf("%s\n", json.Key("rows").UInt(*rows).End().text().c_str());
  } else {
    std::printf("%s: %s %s\n", flags.output.c_str(), WithThousands(*rows).c_str(),
                flags.what.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void RegisterExport(Command app) {
  auto flags = std::make_shared<ExportFlags>();
  Command command = app.Sub("export", "Write scored accounts, niches or follows to a file");
  AddBackendFlags(command, &flags->backend);
  command.Add("--what", flags->what, "accounts, niches or follows")
      .OneOf({"accounts", "niches", "follows"})
      .ShowDefault();
  command.Add("--format", flags->format, "auto (by the file's name), csv, ndjson, parquet or gexf")
      .OneOf({"auto", "csv", "ndjson", "parquet", "gexf"})
      .ShowDefault();
  command.Add("--output", flags->output, "File; .gz and .zst are compressed").Required();
  command.Add("--topic", flags->selection.topics, "Only the results for this topic").Repeated();
  command.Add("--query", flags->selection.query, "Only the results for these words");
  command.Add("--filter", flags->selection.filter,
              "Only accounts that match; alone = of everybody");
  command.Add("--limit", flags->limit, "Most accounts; 0 = all, 500 for gexf");
  command.Switch("--json", flags->json, "Print a JSON summary");
  command.Footer(
      "Examples:\n"
      "  halqa export --data ./graph --output accounts.csv\n"
      "  halqa export --server 127.0.0.1:7411 --topic food --format gexf --output food.gexf\n"
      "  halqa export --data ./graph --what follows --topic food --limit 200 --output f.csv.zst\n"
      "Follows are those among the exported accounts. All accounts, without --topic or --query, "
      "can\n"
      "only be read from --data: a server does not list them.");
  command.Run([flags] {
    RunOn(flags->backend, [&](const Backend& backend) { return Export(*flags, backend); });
  });
}

}  // namespace halqa::cli
