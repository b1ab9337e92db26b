#include "engine/formats/mapping_reader.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/file.h"
#include "engine/base/run_context.h"
#include "engine/base/status_macros.h"
#include "engine/formats/bound_field.h"
#include "engine/formats/follow_rows.h"
#include "engine/formats/rows.h"

namespace halqa {
namespace {

bool IsAccountFile(const FileSpec& file) {
  return file.record == RecordKind::kAccount || file.record == RecordKind::kList;
}

// A platform given by the caller stands in where the mapping names none.
Mapping WithPlatform(Mapping mapping, const ReadOptions& options) {
  if (options.platform == ReadOptions().platform) return mapping;
  if (mapping.platform.empty()) mapping.platform = options.platform;
  for (FileSpec& file : mapping.files) {
    if (file.platform.empty()) file.platform = options.platform;
  }
  return mapping;
}

std::string KnownNames(const Mapping& mapping) {
  std::vector<std::string> names;
  for (const FileSpec& file : mapping.files)
    names.insert(names.end(), file.match.begin(), file.match.end());
  return absl::StrJoin(names, ", ");
}

class MappingReader {
 public:
  MappingReader(const Mapping& mapping, const ReadOptions& options, RecordVisitor& visitor)
      : mapping_(WithPlatform(mapping, options)),
        session_(options, visitor),
        variables_(options.variables) {}

  absl::StatusOr<ReadStats> Run(const std::vector<std::string>& paths);

 private:
  struct Task {
    const FileSpec* file;
    std::string path;
    std::map<std::string, std::string> captures;
  };
  absl::Status Plan(const std::vector<InputFile>& inputs);
  absl::Status CheckVariables() const;
  absl::StatusOr<std::unique_ptr<RowSource>> OpenRows(const Task& task);
  absl::Status ReadTask(const Task& task);
  absl::Status ReadRows(RowSource& rows);
  absl::Status ReadFollows(RowSource& rows);
  absl::StatusOr<bool> ReadRow(RowSource& rows);
  absl::Status Bind(const std::vector<std::string>& columns);
  absl::Status CheckUnknownColumns(const std::vector<std::string>& columns) const;

  absl::Status TakeRow(const Row& row, uint64_t line);
  absl::Status TakeAccount(const Row& row, uint64_t line);
  absl::Status TakeList(const Row& row);
  absl::Status TakePost(const Row& row, uint64_t line);
  absl::Status TakeFollow(const Row& row);
  absl::Status TakeInteraction(const Row& row);
  absl::Status Keep(AccountRecord record);
  absl::Status FlushJoined();

  const Mapping mapping_;
  ReadSession session_;
  std::map<std::string, std::string> variables_, file_variables_;
  std::vector<Task> tasks_;
  LookupTables tables_;
  absl::flat_hash_map<std::string, size_t> joined_index_;
  std::vector<AccountRecord> joined_;

  // Of the file being read.
  const FileSpec* file_ = nullptr;
  BindContext context_;
  std::vector<BoundField> bound_;
  BoundSkips skip_;
  std::optional<FollowParser> follows_;
  int key_column_ = -1;
  std::string from_, to_, post_;
  Row row_;
};

absl::Status MappingReader::Plan(const std::vector<InputFile>& inputs) {
  std::vector<bool> used(inputs.size(), false);
  uint64_t bytes = 0;
  const bool directory = std::any_of(inputs.begin(), inputs.end(),
                                     [](const InputFile& f) { return f.from_directory; });
  for (const bool accounts : {true, false}) {
    for (const FileSpec& file : mapping_.files) {
      if (IsAccountFile(file) != accounts) continue;
      bool any = false;
      for (size_t i = 0; i < inputs.size(); ++i) {
        for (const std::string& pattern : file.match) {
          std::map<std::string, std::string> captures;
          if (!MatchName(pattern, inputs[i].name, &captures)) continue;
          tasks_.push_back({&file, inputs[i].path, std::move(captures)});
          std::error_code error;
          bytes += std::filesystem::file_size(inputs[i].path, error);
          used[i] = any = true;
          break;
        }
      }
      if (!any && file.required && directory) {
        return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_FILE",
                         absl::StrCat("mapping ", mapping_.name, ": no file is called ",
                                      absl::StrJoin(file.match, " or ")),
                         {{"field", file.match.front()}});
      }
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (used[i] || inputs[i].from_directory) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "UNMATCHED_FILE",
                     absl::StrCat(inputs[i].path, ": mapping ", mapping_.name,
                                  " reads only files called ", KnownNames(mapping_)),
                     {{"file", inputs[i].path}});
  }
  session_.set_bytes_total(bytes);
  return absl::OkStatus();
}

absl::Status MappingReader::CheckVariables() const {
  for (const std::string& name : mapping_.variables) {
    if (variables_.count(name) > 0) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_VARIABLE",
                     absl::StrCat("mapping ", mapping_.name, " needs a value for ", name),
                     {{"field", name}});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RowSource>> MappingReader::OpenRows(const Task& task) {
  HALQA_ASSIGN_OR_RETURN(auto source, session_.Open(task.path));
  const FileSpec& file = *task.file;
  if (file.format != "json" && file.format != "ndjson") {
    return MakeCsvRows(std::move(source), file.dialect);
  }
  JsonRowsOptions options;
  options.rows = file.rows;
  options.line_by_line = file.format == "ndjson";
  options.skip_prefix = file.skip_prefix;
  auto want = [&](const std::string& column) {
    auto& all = options.columns;
    if (!column.empty() && std::find(all.begin(), all.end(), column) == all.end()) {
      all.push_back(column);
    }
  };
  for (const FieldSpec& field : file.fields) {
    for (const std::string& column : field.columns) want(column);
    want(field.platform_column);
    for (size_t at = field.text.find("${"); at != std::string::npos;
         at = field.text.find("${", at + 2)) {
      const size_t close = field.text.find('}', at);
      if (close != std::string::npos) want(field.text.substr(at + 2, close - at - 2));
    }
  }
  for (const SkipRule& rule : file.skip) want(rule.column);
  want(file.key);
  return MakeJsonRows(std::move(source), std::move(options));
}

absl::Status MappingReader::CheckUnknownColumns(const std::vector<std::string>& columns) const {
  if (!file_->unknown_columns_are_errors) return absl::OkStatus();
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool used = std::any_of(bound_.begin(), bound_.end(), [&](const BoundField& f) {
      return f.column() == static_cast<int>(i);
    });
    if (used) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_COLUMN",
                     absl::StrCat("nothing is known about column \"", columns[i], "\""),
                     {{"field", columns[i]}});
  }
  return absl::OkStatus();
}

absl::Status MappingReader::Bind(const std::vector<std::string>& columns) {
  context_ = {file_, &columns, &file_variables_, &tables_};
  follows_.reset();
  bound_.clear();
  skip_.clear();
  for (const FieldSpec& field : file_->fields) {
    HALQA_ASSIGN_OR_RETURN(BoundField bound, BoundField::Bind(field, context_));
    if (bound.present()) bound_.push_back(std::move(bound));
  }
  if (file_->record == RecordKind::kFollow) follows_.emplace(*file_, bound_);
  for (const SkipRule& rule : file_->skip)
    skip_.emplace_back(FindColumn(columns, rule.column), &rule);
  key_column_ = file_->key.empty() ? -1 : FindColumn(columns, file_->key);
  if (!file_->key.empty() && key_column_ < 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_COLUMN",
                     absl::StrCat("no column \"", file_->key, "\" for the key"),
                     {{"field", file_->key}});
  }
  return CheckUnknownColumns(columns);
}

absl::Status MappingReader::Keep(AccountRecord record) {
  if (!mapping_.join) return session_.Emit(record);
  HALQA_RETURN_IF_ERROR(ValidateExternalId(record.external_id));
  const auto [it, fresh] = joined_index_.emplace(record.external_id, joined_.size());
  if (fresh) {
    joined_.push_back(std::move(record));
  } else {
    MergeAccount(record, &joined_[it->second]);
  }
  return absl::OkStatus();
}

absl::Status MappingReader::FlushJoined() {
  for (const AccountRecord& record : joined_) HALQA_RETURN_IF_ERROR(session_.Emit(record));
  joined_.clear();
  joined_index_.clear();
  return absl::OkStatus();
}

absl::Status MappingReader::TakeAccount(const Row& row, uint64_t line) {
  AccountRecord record;
  record.provenance.source = mapping_.source;
  record.provenance.legal_basis = mapping_.legal_basis;
  for (const BoundField& field : bound_) {
    if (field.spec().field != "id") {
      HALQA_RETURN_IF_ERROR(field.Where(SetAccountField(field, row, *file_, &record)));
      continue;
    }
    std::string handle;
    HALQA_RETURN_IF_ERROR(field.Where(field.Id(row, &record.external_id, &handle)));
    HALQA_RETURN_IF_ERROR(field.Where(ValidateExternalId(record.external_id)));
    if (!handle.empty() && !record.handle.has_value()) record.handle = handle;
  }
  if (key_column_ >= 0) {
    tables_[file_->table].emplace(row[static_cast<size_t>(key_column_)], record.external_id);
  }
  if (!file_->owner.empty()) {
    variables_[file_->owner] = std::string(NativeIdOf(record.external_id));
  }
  HALQA_ASSIGN_OR_RETURN(const bool first,
                         session_.FirstOfItsName(record.external_id, line, file_->duplicates));
  return first ? Keep(std::move(record)) : absl::OkStatus();
}

absl::Status MappingReader::TakeList(const Row& row) {
  const BoundField* name = nullptr;
  const BoundField* members = nullptr;
  for (const BoundField& field : bound_) {
    (field.spec().field == "name" ? name : members) = &field;
  }
  std::string scratch;
  const std::string list(name->Text(row, &scratch));
  for (const std::string& member : members->Texts(row)) {
    AccountRecord record;
    HALQA_RETURN_IF_ERROR(members->Where(members->IdOf(member, row, &record.external_id, nullptr)));
    record.lists.push_back(list);
    record.provenance.source = mapping_.source;
    record.provenance.legal_basis = mapping_.legal_basis;
    HALQA_RETURN_IF_ERROR(Keep(std::move(record)));
  }
  return absl::OkStatus();
}

absl::Status MappingReader::TakePost(const Row& row, uint64_t line) {
  PostRecord record;
  for (const BoundField& field : bound_) {
    const std::string& name = field.spec().field;
    if (name == "id") {
      HALQA_RETURN_IF_ERROR(field.Where(field.Id(row, &record.external_id)));
    } else if (name == "author") {
      HALQA_RETURN_IF_ERROR(field.Where(field.Id(row, &record.author)));
    } else {
      HALQA_RETURN_IF_ERROR(field.Where(SetPostField(field, row, *file_, &record)));
    }
  }
  HALQA_ASSIGN_OR_RETURN(const bool first,
                         session_.FirstOfItsName(record.external_id, line, file_->duplicates));
  return first ? session_.Emit(record) : absl::OkStatus();
}

absl::Status MappingReader::TakeFollow(const Row& row) {
  FollowRecord record;
  HALQA_RETURN_IF_ERROR(follows_->Parse(row, &from_, &to_, &record));
  return session_.Emit(record, file_->self_loops, file_->undirected);
}

absl::Status MappingReader::TakeInteraction(const Row& row) {
  InteractionRecord record;
  std::string scratch;
  for (const BoundField& field : bound_) {
    const std::string& name = field.spec().field;
    if (name == "actor" || name == "target") {
      HALQA_RETURN_IF_ERROR(field.Where(field.Id(row, name == "actor" ? &from_ : &to_)));
      continue;
    }
    const absl::string_view text = field.Text(row, &scratch);
    if (text.empty()) continue;
    if (name == "post") {
      HALQA_RETURN_IF_ERROR(field.Where(field.Id(row, &post_)));
      record.post = post_;
      continue;
    }
    HALQA_RETURN_IF_ERROR(field.Where(SetInteractionField(field, text, *file_, &record)));
  }
  record.actor = from_;
  record.target = to_;
  return session_.Emit(record, file_->self_loops);
}

absl::Status MappingReader::TakeRow(const Row& row, uint64_t line) {
  switch (file_->record) {
    case RecordKind::kAccount:
      return TakeAccount(row, line);
    case RecordKind::kFollow:
      return TakeFollow(row);
    case RecordKind::kInteraction:
      return TakeInteraction(row);
    case RecordKind::kPost:
      return TakePost(row, line);
    case RecordKind::kList:
      break;
  }
  return TakeList(row);
}

// False at the end.
absl::StatusOr<bool> MappingReader::ReadRow(RowSource& rows) {
  HALQA_RETURN_IF_ERROR(session_.Tick(rows.source()));
  const auto more = rows.Next(&row_);
  if (!more.ok()) {
    HALQA_RETURN_IF_ERROR(session_.Refuse(more.status(), rows.line(), rows.raw()));
    return true;
  }
  if (!*more) return false;
  if (IsSkipped(row_, skip_)) {
    ++session_.stats().rows_skipped;
    return true;
  }
  const absl::Status taken = TakeRow(row_, rows.line());
  if (!taken.ok()) HALQA_RETURN_IF_ERROR(session_.Refuse(taken, rows.line(), rows.raw()));
  return true;
}

absl::Status MappingReader::ReadRows(RowSource& rows) {
  for (;;) {
    HALQA_ASSIGN_OR_RETURN(const bool more, ReadRow(rows));
    if (!more) return absl::OkStatus();
  }
}

// Pieces without quotes are read on all threads; around a quote the reader goes row by row.
absl::Status MappingReader::ReadFollows(RowSource& rows) {
  constexpr int kRowsBeforeNextTry = 4096;
  const int threads = RunContext(session_.options().threads).threads();
  FollowChunks chunks({&rows, file_, &*follows_, &skip_}, &session_, threads);
  for (;;) {
    HALQA_RETURN_IF_ERROR(chunks.TakeAll());
    for (int i = 0; i < kRowsBeforeNextTry; ++i) {
      HALQA_ASSIGN_OR_RETURN(const bool more, ReadRow(rows));
      if (!more) return absl::OkStatus();
    }
  }
}

absl::Status MappingReader::ReadTask(const Task& task) {
  file_ = task.file;
  HALQA_ASSIGN_OR_RETURN(auto rows, OpenRows(task));
  file_variables_ = variables_;
  for (const auto& [name, value] : task.captures) file_variables_[name] = value;
  absl::Status opened = rows->Open();
  if (opened.ok() && !rows->columns().empty()) opened = Bind(rows->columns());
  if (!opened.ok()) {
    // A wrong header is never one bad line.
    const bool line = ErrorDetails(opened).count("line") > 0;
    return WithDetail(Annotate(opened, absl::StrCat(task.path, line ? "" : ":1")), "file",
                      task.path);
  }
  HALQA_RETURN_IF_ERROR(follows_ && rows->dialect() != nullptr ? ReadFollows(*rows)
                                                               : ReadRows(*rows));
  session_.FinishFile(rows->source());
  return absl::OkStatus();
}

absl::StatusOr<ReadStats> MappingReader::Run(const std::vector<std::string>& paths) {
  HALQA_ASSIGN_OR_RETURN(const std::vector<InputFile> inputs, ListInputs(paths));
  HALQA_RETURN_IF_ERROR(Plan(inputs));
  HALQA_RETURN_IF_ERROR(CheckVariables());
  bool flushed = false;
  for (const Task& task : tasks_) {
    if (!flushed && !IsAccountFile(*task.file)) {
      HALQA_RETURN_IF_ERROR(FlushJoined());
      flushed = true;
    }
    HALQA_RETURN_IF_ERROR(ReadTask(task));
  }
  HALQA_RETURN_IF_ERROR(FlushJoined());
  return session_.stats();
}

}  // namespace

absl::StatusOr<ReadStats> ReadWithMapping(const Mapping& mapping,
                                          const std::vector<std::string>& paths,
                                          const ReadOptions& options, RecordVisitor& visitor) {
  return MappingReader(mapping, options, visitor).Run(paths);
}

}  // namespace halqa
