#include "engine/formats/formats.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/gml_reader.h"
#include "engine/formats/mapping_reader.h"
#include "engine/formats/ndjson_reader.h"

namespace halqa {
namespace {

FieldSpec Column(absl::string_view field, absl::string_view column) {
  FieldSpec spec;
  spec.field = std::string(field);
  spec.columns = {std::string(column)};
  return spec;
}

// Edge lists without a header: the first two columns, others left alone.
Mapping EdgeListMapping(const ReadOptions& options, absl::string_view edges,
                        absl::string_view vertices) {
  Mapping m;
  m.name = "edge list";
  m.platform = options.platform;
  if (!vertices.empty()) {
    FileSpec& file = m.files.emplace_back();
    file.match = {std::string(vertices)};
    file.record = RecordKind::kAccount;
    file.fields = {Column("id", "1")};
  }
  FileSpec& file = m.files.emplace_back();
  file.match = {std::string(edges)};
  file.record = RecordKind::kFollow;
  file.undirected = options.undirected;
  file.fields = {Column("follower", "1"), Column("followee", "2")};
  for (FileSpec& each : m.files) {
    each.required = false;
    each.platform = options.platform;
    each.dialect.delimiter = ' ';
    each.dialect.quote = 0;
    each.dialect.comment = '#';
    each.dialect.header = false;
  }
  return m;
}

enum class Kind { kNdjson, kTable, kGml, kLdbc, kSnap, kOther };

Kind KindOf(absl::string_view name) {
  absl::ConsumeSuffix(&name, ".zst") || absl::ConsumeSuffix(&name, ".gz");
  if (absl::EndsWith(name, ".ndjson") || absl::EndsWith(name, ".jsonl")) return Kind::kNdjson;
  if (absl::EndsWith(name, ".gml")) return Kind::kGml;
  if (absl::EndsWith(name, ".v") || absl::EndsWith(name, ".e")) return Kind::kLdbc;
  const bool table = absl::EndsWith(name, ".csv") || absl::EndsWith(name, ".tsv");
  for (absl::string_view standard : {"accounts", "follows", "interactions", "posts"}) {
    if (table && absl::StartsWith(name, standard)) return Kind::kTable;
  }
  if (absl::EndsWith(name, ".txt") || absl::EndsWith(name, ".snap")) return Kind::kSnap;
  return Kind::kOther;
}

// Files in the order in which they refer to each other.
int Order(const InputFile& file) {
  if (absl::StartsWith(file.name, "accounts") || absl::EndsWith(file.name, ".v")) return 0;
  if (absl::StartsWith(file.name, "posts")) return 1;
  if (absl::StartsWith(file.name, "interactions")) return 3;
  return 2;
}

void Add(const ReadStats& from, ReadStats* to) {
  to->files += from.files;
  to->accounts += from.accounts;
  to->follows += from.follows;
  to->interactions += from.interactions;
  to->posts += from.posts;
  to->rejected += from.rejected;
  to->self_loops_dropped += from.self_loops_dropped;
  to->duplicates_dropped += from.duplicates_dropped;
  to->rows_skipped += from.rows_skipped;
}

class AutoReader {
 public:
  AutoReader(const ReadOptions& options, RecordVisitor& visitor)
      : options_(options), visitor_(visitor) {}

  absl::StatusOr<ReadStats> Read(Kind forced, const std::vector<std::string>& paths) {
    HALQA_ASSIGN_OR_RETURN(std::vector<InputFile> inputs, ListInputs(paths));
    const bool any = forced != Kind::kOther;
    inputs.erase(std::remove_if(inputs.begin(), inputs.end(),
                                [&](const InputFile& f) {
                                  const Kind kind = KindOf(f.name);
                                  const bool fits = any ? kind == forced : kind <= Kind::kLdbc;
                                  return f.from_directory && !fits;
                                }),
                 inputs.end());
    if (inputs.empty()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "UNMATCHED_FILE",
                       "the directory holds no file of a known kind");
    }
    std::stable_sort(inputs.begin(), inputs.end(),
                     [](const InputFile& a, const InputFile& b) { return Order(a) < Order(b); });
    for (const InputFile& file : inputs) total_ += Size(file);
    for (const InputFile& file : inputs) {
      HALQA_RETURN_IF_ERROR(ReadOne(any ? forced : KindOf(file.name), file));
      done_ += Size(file);
    }
    return stats_;
  }

 private:
  static uint64_t Size(const InputFile& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file.path, error);
    return error ? 0 : size;
  }

  absl::Status ReadOne(Kind kind, const InputFile& file) {
    ReadOptions options = options_;
    if (options_.progress) {
      options.progress = [this](uint64_t bytes, uint64_t) {
        return options_.progress(done_ + bytes, total_);
      };
    }
    switch (kind) {
      case Kind::kNdjson:
      case Kind::kGml: {
        ReadSession session(options, visitor_);
        HALQA_RETURN_IF_ERROR(kind == Kind::kGml ? ReadGmlFile(file.path, session)
                                                 : ReadNdjsonFile(file.path, session));
        Add(session.stats(), &stats_);
        return absl::OkStatus();
      }
      case Kind::kTable: {
        HALQA_ASSIGN_OR_RETURN(const Mapping mapping, LoadMapping("standard"));
        return Map(mapping, file, options);
      }
      case Kind::kSnap:
        return Map(EdgeListMapping(options, "*", ""), file, options);
      case Kind::kLdbc:
        return Map(EdgeListMapping(options, "*.e*", "*.v*"), file, options);
      case Kind::kOther:
        break;
    }
    return MakeError(absl::StatusCode::kInvalidArgument, "UNMATCHED_FILE",
                     absl::StrCat(file.path, ": its name does not tell its format"),
                     {{"file", file.path}});
  }

  absl::Status Map(const Mapping& mapping, const InputFile& file, const ReadOptions& options) {
    HALQA_ASSIGN_OR_RETURN(const ReadStats stats,
                           ReadWithMapping(mapping, {file.path}, options, visitor_));
    Add(stats, &stats_);
    return absl::OkStatus();
  }

  const ReadOptions& options_;
  RecordVisitor& visitor_;
  ReadStats stats_;
  uint64_t done_ = 0, total_ = 0;
};

}  // namespace

absl::StatusOr<ReadStats> ReadRecords(const std::string& format,
                                      const std::vector<std::string>& paths,
                                      const ReadOptions& options, RecordVisitor& visitor) {
  AutoReader reader(options, visitor);
  if (format == "auto") return reader.Read(Kind::kOther, paths);
  if (format == "csv" || format == "tsv") return reader.Read(Kind::kTable, paths);
  if (format == "ndjson") return reader.Read(Kind::kNdjson, paths);
  if (format == "snap") return reader.Read(Kind::kSnap, paths);
  if (format == "ldbc") return reader.Read(Kind::kLdbc, paths);
  if (format == "gml") return reader.Read(Kind::kGml, paths);
  HALQA_ASSIGN_OR_RETURN(const Mapping mapping, LoadMapping(format));
  return ReadWithMapping(mapping, paths, options, visitor);
}

std::vector<std::pair<std::string, std::string>> MappingNames() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const EmbeddedMapping& embedded : EmbeddedMappings()) {
    const auto mapping = ParseMapping(embedded.toml, embedded.name);
    names.emplace_back(embedded.name, mapping.ok() ? mapping->description : "");
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace halqa
