#include "tools/halqa/cmd_import.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/formats.h"
#include "engine/formats/values.h"
#include "tools/common/exit_codes.h"
#include "tools/common/json_writer.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"
#include "tools/halqa/import_sinks.h"

namespace halqa::cli {
namespace {

constexpr char kNamedRow[] = "of them named";

struct Options {
  std::string data, server, format = "auto", rejects, platform = "graph", title;
  std::string source, legal_basis, collected, expires;
  std::vector<std::string> files;
  std::vector<std::string> variables;
  bool lenient = false, json = false, undirected = false, drop_self_loops = false, invented = false,
       again = false, all_public = false;
  uint64_t name_threshold = 1000;
  int threads = 0;
};

// Refused lines, as they come: file, line, reason, message, the line itself; tab-separated,
// with \t, \n, \r and \\ escaped.
class RejectsFile {
 public:
  absl::Status Open(const std::string& path) {
    if (path.empty()) return absl::OkStatus();
    path_ = path;
    out_.open(path);
    out_ << "file\tline\treason\tmessage\traw\n";
    if (out_.good()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kPermissionDenied, "FILE_WRITE_FAILED",
                     absl::StrCat(path, ": cannot write"));
  }
  absl::Status Add(const RejectedLine& line) {
    if (out_.is_open()) {
      out_ << line.file << '\t' << line.line << '\t' << line.reason << '\t' << Escaped(line.message)
           << '\t' << Escaped(line.raw) << '\n';
    }
    return absl::OkStatus();
  }
  // What was refused must not get lost on a full disk.
  absl::Status Close() {
    if (!out_.is_open()) return absl::OkStatus();
    out_.close();
    if (out_.good()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kUnavailable, "FILE_WRITE_FAILED",
                     absl::StrCat(path_, ": not all refused lines could be written"));
  }

 private:
  static std::string Escaped(absl::string_view raw) {
    return absl::StrReplaceAll(raw, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}});
  }
  std::string path_;
  std::ofstream out_;
};

ReadOptions MakeReadOptions(const Options& o, RejectsFile* rejects, ProgressBar* bar) {
  ReadOptions read;
  read.lenient = o.lenient;
  read.platform = o.platform;
  read.undirected = o.undirected;
  read.drop_self_loops = o.drop_self_loops;
  read.on_reject = [rejects](const RejectedLine& line) { return rejects->Add(line); };
  read.progress = [bar](uint64_t done, uint64_t total) {
    bar->Update(total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total));
    return absl::OkStatus();
  };
  for (const std::string& v : o.variables) {
    const size_t equals = v.find('=');
    read.variables[v.substr(0, equals)] = equals == std::string::npos ? "" : v.substr(equals + 1);
  }
  return read;
}

bool IsNewDirectory(const std::string& directory) {
  std::error_code error;
  return !std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error);
}

absl::Status CheckHoldsGraph(const std::string& directory) {
  std::error_code error;
  if (std::filesystem::exists(directory + "/rocksdb", error)) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kAlreadyExists, "DIRECTORY_NOT_EMPTY",
      absl::StrCat(directory, " is not empty and holds no graph; give a new directory"),
      {{"directory", directory}});
}

absl::StatusOr<ImportSummary> ImportBulkWithBars(const Options& o, const ImportOrigin& origin,
                                                 const ReadFn& read) {
  auto bar = std::make_unique<ProgressBar>("writing");
  std::string stage;
  ingest::BulkImportOptions options;
  options.settings.name_threshold = o.name_threshold;
  options.settings.invented = o.invented;
  options.settings.title = o.title;
  options.threads = o.threads;
  options.producer = origin.producer;
  options.provenance = origin.provenance;
  options.on_stage = [&](const std::string& name) { stage = name; };
  RunContext run(o.threads);
  run.set_progress([&](double f) { bar->Update(f, stage); });
  auto summary = ImportBulk(o.data, options, read, run);
  if (summary.ok()) bar->Done();
  return summary;
}

struct Outcome {
  ImportSummary summary;
  ReadStats stats;
  double seconds = 0;
  uint64_t peak_bytes = 0;
};

// Reads the files of a command, once or twice.
class Reading {
 public:
  Reading(const Options& o, RejectsFile* rejects) : o_(o), rejects_(rejects) {}

  // `label` is for the progress bar.
  ReadFn As(const std::string& label) {
    return [this, label](RecordVisitor& visitor) -> absl::Status {
      ProgressBar bar(label);
      PublicVisitor announcer(visitor);
      RecordVisitor& first = o_.all_public ? announcer : visitor;
      HALQA_ASSIGN_OR_RETURN(
          stats_, ReadRecords(o_.format, o_.files, MakeReadOptions(o_, rejects_, &bar), first));
      bar.Done(absl::StrCat(WithThousands(stats_.follows), " follows, ",
                            WithThousands(stats_.interactions), " interactions"));
      return absl::OkStatus();
    };
  }
  const ReadStats& stats() const { return stats_; }
  uint64_t rows() const {
    return stats_.accounts + stats_.follows + stats_.interactions + stats_.posts;
  }

 private:
  const Options& o_;
  RejectsFile* rejects_;
  ReadStats stats_;
};

std::string ProducerName(const Options& o, const std::string& content) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return o.again ? absl::StrCat(content, "-", absl::Hex(now)) : content;
}

// A time of a flag, 0 where it was not given.
absl::StatusOr<UnixSeconds> TimeOf(const std::string& text, absl::string_view flag) {
  if (text.empty()) return UnixSeconds{0};
  const auto time = ParseTime(text);
  if (!time.ok()) return Annotate(time.status(), flag);
  return *time;
}

absl::StatusOr<Provenance> ProvenanceOf(const Options& o) {
  Provenance out{o.source, o.legal_basis};
  HALQA_ASSIGN_OR_RETURN(out.collected_at, TimeOf(o.collected, "--collected"));
  HALQA_ASSIGN_OR_RETURN(out.expires_at, TimeOf(o.expires, "--expires"));
  return out;
}

absl::StatusOr<ImportSummary> ImportNew(const Options& o, const ImportOrigin& origin,
                                        Reading* reading) {
  const ReadFn read = [&](RecordVisitor& visitor) -> absl::Status {
    HALQA_RETURN_IF_ERROR(reading->As("reading")(visitor));
    if (reading->rows() > 0) return absl::OkStatus();
    return MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_TO_IMPORT",
                     "the files hold no record; nothing was made");
  };
  return ImportBulkWithBars(o, origin, read);
}

// A strict import is checked as a whole before the first batch is sent: a bad line at the end
// leaves nothing behind.
absl::StatusOr<ImportSummary> ImportMore(const Options& o, const ImportOrigin& origin,
                                         Reading* reading) {
  if (o.server.empty()) HALQA_RETURN_IF_ERROR(CheckHoldsGraph(o.data));
  if (!o.lenient) HALQA_RETURN_IF_ERROR(CheckRecords(reading->As("checking")));
  return o.server.empty() ? ImportIntoGraph(o.data, origin, reading->As("storing"))
                          : ImportOverWire(o.server, origin, reading->As("sending"));
}

absl::StatusOr<Outcome> Run(const Options& o) {
  if (o.data.empty() == o.server.empty()) {
    return FieldError("TARGET_REQUIRED", "--data", "give either --data DIR or --server HOST:PORT");
  }
  const auto start = std::chrono::steady_clock::now();
  RejectsFile rejects;
  HALQA_RETURN_IF_ERROR(rejects.Open(o.rejects));
  Outcome outcome;
  Reading reading(o, &rejects);
  const std::string how =
      absl::StrCat(o.format, "/", o.platform, "/", o.undirected, o.drop_self_loops, o.all_public,
                   "/", absl::StrJoin(o.variables, ","));
  HALQA_ASSIGN_OR_RETURN(const std::string content, ProducerOf(o.files, how));
  HALQA_ASSIGN_OR_RETURN(const Provenance provenance, ProvenanceOf(o));
  const ImportOrigin origin{ProducerName(o, content), provenance};
  const bool fresh = !o.data.empty() && IsNewDirectory(o.data);
  HALQA_ASSIGN_OR_RETURN(outcome.summary,
                         fresh ? ImportNew(o, origin, &reading) : ImportMore(o, origin, &reading));
  HALQA_RETURN_IF_ERROR(rejects.Close());
  outcome.stats = reading.stats();
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  outcome.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return outcome;
}

std::vector<std::pair<std::string, uint64_t>> Counts(const Outcome& o) {
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

void Print(const Outcome& o, bool json) {
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
  auto o = std::make_shared<Options>();
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
    auto outcome = Run(*o);
    if (!outcome.ok()) EndWith(ReportError(outcome.status()));
    Print(*outcome, o->json);
    if (outcome->stats.rejected > 0) EndWith(kExitPartial);
  });
}

}  // namespace halqa::cli
