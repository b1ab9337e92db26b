#include "tools/halqa/import_run.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/values.h"
#include "tools/common/progress_bar.h"
#include "tools/common/table.h"

namespace halqa::cli {
namespace {

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

ReadOptions MakeReadOptions(const ImportFlags& o, RejectsFile* rejects, ProgressBar* bar) {
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

absl::StatusOr<ImportSummary> ImportBulkWithBars(const ImportFlags& o, const ImportOrigin& origin,
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

// Reads the files of a command, once or twice.
class Reading {
 public:
  Reading(const ImportFlags& o, RejectsFile* rejects) : o_(o), rejects_(rejects) {}

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
  const ImportFlags& o_;
  RejectsFile* rejects_;
  ReadStats stats_;
};

std::string ProducerName(const ImportFlags& o, const std::string& content) {
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

absl::StatusOr<Provenance> ProvenanceOf(const ImportFlags& o) {
  Provenance out{o.source, o.legal_basis};
  HALQA_ASSIGN_OR_RETURN(out.collected_at, TimeOf(o.collected, "--collected"));
  HALQA_ASSIGN_OR_RETURN(out.expires_at, TimeOf(o.expires, "--expires"));
  return out;
}

absl::StatusOr<ImportSummary> ImportNew(const ImportFlags& o, const ImportOrigin& origin,
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
absl::StatusOr<ImportSummary> ImportMore(const ImportFlags& o, const ImportOrigin& origin,
                                         Reading* reading) {
  if (o.server.empty()) HALQA_RETURN_IF_ERROR(CheckHoldsGraph(o.data));
  if (!o.lenient) HALQA_RETURN_IF_ERROR(CheckRecords(reading->As("checking")));
  return o.server.empty() ? ImportIntoGraph(o.data, origin, reading->As("storing"))
                          : ImportOverWire(o.server, origin, reading->As("sending"));
}

}  // namespace

absl::StatusOr<ImportOutcome> RunImport(const ImportFlags& o) {
  if (o.data.empty() == o.server.empty()) {
    return FieldError("TARGET_REQUIRED", "--data", "give either --data DIR or --server HOST:PORT");
  }
  const auto start = std::chrono::steady_clock::now();
  RejectsFile rejects;
  HALQA_RETURN_IF_ERROR(rejects.Open(o.rejects));
  ImportOutcome outcome;
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

}  // namespace halqa::cli
