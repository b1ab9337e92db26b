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
#include "engine/formats/csv_writer.h"
#include "engine/formats/gexf_writer.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/backend.h"
#include "tools/halqa/facts.h"
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

// One cell: text, a number, or not known.
struct Cell {
  std::string text;
  bool number = false;
};
Cell Text(absl::string_view text) { return {std::string(text), false}; }
Cell Number(double value) {
  JsonWriter json;
  return {json.Number(value).text(), true};
}
Cell Whole(uint64_t value) { return {absl::StrCat(value), true}; }
Cell Unknown() { return {}; }
Cell Known(const std::optional<double>& value) { return value ? Number(*value) : Unknown(); }

// A table on its way into a CSV or NDJSON file; cells that are not known are empty or left out.
class TableFile {
 public:
  static absl::StatusOr<std::unique_ptr<TableFile>> Open(const ExportFlags& flags,
                                                         std::vector<std::string> columns) {
    HALQA_ASSIGN_OR_RETURN(auto sink, ByteSink::Create(flags.output));
    std::unique_ptr<TableFile> file(new TableFile);
    if (flags.format == "csv") {
      file->csv_ = std::make_unique<CsvWriter>(std::move(sink), columns);
    } else {
      file->ndjson_ = std::move(sink);
    }
    file->columns_ = std::move(columns);
    return file;
  }
  absl::Status Row(const std::vector<Cell>& cells) {
    ++rows_;
    if (csv_ == nullptr) return JsonRow(cells);
    std::vector<std::string> texts;
    for (const Cell& cell : cells) texts.push_back(cell.text);
    return csv_->Row(texts);
  }
  absl::Status Close() { return csv_ != nullptr ? csv_->Close() : ndjson_->Close(); }
  uint64_t rows() const { return rows_; }

 private:
  TableFile() = default;
  absl::Status JsonRow(const std::vector<Cell>& cells) {
    JsonWriter json;
    json.BeginObject();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].text.empty()) continue;
      json.Key(columns_[i]);
      if (cells[i].number) {
        json.Raw(cells[i].text);
      } else {
        json.String(cells[i].text);
      }
    }
    return ndjson_->Write(json.End().text() + "\n");
  }
  std::unique_ptr<CsvWriter> csv_;
  std::unique_ptr<ByteSink> ndjson_;
  std::vector<std::string> columns_;
  uint64_t rows_ = 0;
};

absl::StatusOr<std::vector<ScoreRow>> Accounts(const ExportFlags& flags, ScoreReader& reader,
                                               size_t limit) {
  if (flags.selection.empty()) return reader.All(limit);
  return reader.Search(flags.selection, limit, true);
}

// "food=0.0012 travel=0.0003".
std::string TopicsText(const ScoreRow& row) {
  return absl::StrJoin(row.topics, " ", [](std::string* out, const auto& topic) {
    absl::StrAppend(out, topic.first, "=", Number(topic.second).text);
  });
}

absl::StatusOr<uint64_t> ExportAccounts(const ExportFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto rows, Accounts(flags, reader, flags.limit));
  const bool searched = !flags.selection.empty();
  std::vector<std::string> columns = {
      "external_id",     "handle",    "platform",    "declared_followers",
      "known_followers", "page_rank", "core_number", "weighted_in_degree",
      "expected_reach",  "niche",     "niche_label", "topic_authority"};
  if (searched) columns.insert(columns.end(), {"rank", "score"});
  HALQA_ASSIGN_OR_RETURN(const auto file, TableFile::Open(flags, columns));
  for (const ScoreRow& row : rows) {
    std::vector<Cell> cells = {Text(row.external_id),
                               Text(row.handle),
                               Text(row.platform),
                               row.declared_followers ? Whole(*row.declared_followers) : Unknown(),
                               Whole(row.known_followers),
                               Known(row.page_rank),
                               Known(row.core_number),
                               Known(row.weighted_in_degree),
                               Known(row.expected_reach),
                               row.niche == 0 ? Unknown() : Whole(row.niche),
                               Text(row.niche_label),
                               Text(TopicsText(row))};
    if (searched) cells.insert(cells.end(), {Whole(row.rank), Number(row.score)});
    HALQA_RETURN_IF_ERROR(file->Row(cells));
  }
  HALQA_RETURN_IF_ERROR(file->Close());
  return file->rows();
}

absl::StatusOr<uint64_t> ExportNiches(const ExportFlags& flags, ScoreReader& reader) {
  HALQA_ASSIGN_OR_RETURN(const auto niches, reader.Niches(flags.limit));
  HALQA_ASSIGN_OR_RETURN(const auto file,
                         TableFile::Open(flags, {"niche", "labels", "accounts", "insularity",
                                                 "topic_shares", "top_accounts"}));
  for (const v1::Niche& n : niches) {
    const std::string shares =
        absl::StrJoin(Sorted(n.topic_shares()), " ", [](std::string* out, const auto& share) {
          absl::StrAppend(out, share.first, "=", Number(share.second).text);
        });
    const std::string top = absl::StrJoin(
        n.top_accounts(), " ",
        [](std::string* out, const v1::Account& a) { absl::StrAppend(out, a.external_id()); });
    HALQA_RETURN_IF_ERROR(
        file->Row({Whole(n.id()), Text(absl::StrJoin(n.labels(), " ")), Whole(n.size()),
                   Number(n.insularity()), Text(shares), Text(top)}));
  }
  HALQA_RETURN_IF_ERROR(file->Close());
  return file->rows();
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
  HALQA_ASSIGN_OR_RETURN(const auto file, TableFile::Open(flags, {"follower", "followee"}));
  HALQA_RETURN_IF_ERROR(
      ForEachFollow(rows, reader, [&](const std::string& follower, const std::string& followee) {
        return file->Row({Text(follower), Text(followee)});
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
  node.attributes = {row.platform, absl::StrCat(row.followers()), Known(row.page_rank).text,
                     absl::StrCat(row.niche), row.niche_label};
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
  command.Add("--format", flags->format, "auto (by the file's name), csv, ndjson or gexf")
      .OneOf({"auto", "csv", "ndjson", "gexf"})
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
