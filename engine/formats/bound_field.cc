#include "engine/formats/bound_field.h"

#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"

namespace halqa {
namespace {

absl::Status Wrong(absl::string_view reason, absl::string_view field, absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message,
                   {{"field", std::string(field)}});
}

// Puts the variables into `text`. `from` skips "${", which names a column.
absl::StatusOr<std::string> Substitute(absl::string_view text, const BindContext& context,
                                       absl::string_view field) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool open = text[i] == '{' && (i == 0 || text[i - 1] != '$');
    const size_t close = open ? text.find('}', i) : absl::string_view::npos;
    if (close == absl::string_view::npos) {
      out.push_back(text[i]);
      continue;
    }
    const std::string name(text.substr(i + 1, close - i - 1));
    const auto it = context.variables->find(name);
    if (it == context.variables->end()) {
      return Wrong("MISSING_VARIABLE", field,
                   absl::StrCat("the mapping needs a value for {", name, "}"));
    }
    out += it->second;
    i = close;
  }
  return out;
}

absl::Status MissingColumn(const FieldSpec& spec, const BindContext& context) {
  return Wrong(
      "MISSING_COLUMN", spec.field,
      absl::StrCat("no column \"", absl::StrJoin(spec.columns, "\" or \""), "\" for ", spec.field,
                   "; the file has \"", absl::StrJoin(*context.columns, "\", \""), "\""));
}

}  // namespace

int FindColumn(const std::vector<std::string>& columns, absl::string_view name) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return static_cast<int>(i);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (absl::EqualsIgnoreCase(columns[i], name)) return static_cast<int>(i);
  }
  return -1;
}

absl::StatusOr<BoundField> BoundField::Bind(const FieldSpec& spec, const BindContext& context) {
  BoundField f;
  f.spec_ = &spec;
  f.context_ = &context;
  for (const std::string& name : spec.columns) {
    f.column_ = FindColumn(*context.columns, name);
    if (f.column_ >= 0) break;
  }
  if (f.column_ >= 0) f.column_name_ = (*context.columns)[static_cast<size_t>(f.column_)];
  if (!spec.columns.empty() && f.column_ < 0) {
    if (!spec.optional) return MissingColumn(spec, context);
    f.present_ = false;
    return f;
  }
  HALQA_ASSIGN_OR_RETURN(f.prefix_, Substitute(spec.prefix, context, spec.field));
  if (spec.value.has_value()) {
    HALQA_ASSIGN_OR_RETURN(f.constant_, Substitute(*spec.value, context, spec.field));
    std::string scratch;
    f.constant_ = std::string(f.Clean(f.constant_, &scratch));
  }
  if (!spec.platform_column.empty()) {
    f.platform_column_ = FindColumn(*context.columns, spec.platform_column);
  }
  HALQA_RETURN_IF_ERROR(f.BindText());
  if (spec.as.empty() && spec.lookup.empty() && f.platform_column_ < 0) {
    f.id_head_ = absl::StrCat(context.file->platform, ":", f.prefix_);
  }
  return f;
}

absl::Status BoundField::BindText() {
  HALQA_ASSIGN_OR_RETURN(const std::string text, Substitute(spec_->text, *context_, spec_->field));
  for (absl::string_view rest = text; !rest.empty();) {
    const size_t open = rest.find("${");
    const size_t close = open == absl::string_view::npos ? open : rest.find('}', open);
    if (close == absl::string_view::npos) {
      pieces_.emplace_back(std::string(rest), -1);
      break;
    }
    const absl::string_view name = rest.substr(open + 2, close - open - 2);
    const int column = FindColumn(*context_->columns, name);
    if (column < 0) {
      return Wrong("MISSING_COLUMN", spec_->field,
                   absl::StrCat("no column \"", name, "\" for the text of ", spec_->field));
    }
    pieces_.emplace_back(std::string(rest.substr(0, open)), column);
    rest.remove_prefix(close + 1);
  }
  return absl::OkStatus();
}

absl::string_view BoundField::Clean(absl::string_view value, std::string* scratch) const {
  value = TrimBlank(value);
  const std::string& strip = spec_->strip;
  while (!value.empty() && strip.find(value.front()) != std::string::npos) value.remove_prefix(1);
  while (!value.empty() && strip.find(value.back()) != std::string::npos) value.remove_suffix(1);
  if (spec_->map.empty()) return value;
  auto it = spec_->map.find(std::string(value));
  if (it == spec_->map.end() && !value.empty()) it = spec_->map.find("*");
  if (it == spec_->map.end()) return value;
  *scratch = it->second;
  return *scratch;
}

absl::string_view BoundField::Text(const Row& row, std::string* scratch) const {
  if (!present_) return "";
  if (column_ >= 0) {
    const absl::string_view value = Clean(row[static_cast<size_t>(column_)], scratch);
    if (prefix_.empty() || value.empty()) return value;
    *scratch = absl::StrCat(prefix_, value);
    return *scratch;
  }
  if (pieces_.empty()) return constant_;
  scratch->clear();
  for (const auto& [words, column] : pieces_) {
    absl::StrAppend(scratch, words);
    if (column >= 0) absl::StrAppend(scratch, TrimBlank(row[static_cast<size_t>(column)]));
  }
  return *scratch;
}

std::vector<std::string> BoundField::Texts(const Row& row) const {
  std::vector<std::string> values;
  if (!present_) return values;
  std::string scratch;
  if (column_ < 0 || spec_->split.empty()) {
    const absl::string_view one = Text(row, &scratch);
    if (!one.empty()) values.emplace_back(one);
    return values;
  }
  const absl::string_view all = row[static_cast<size_t>(column_)];
  auto add = [&](absl::string_view part) {
    const absl::string_view value = Clean(part, &scratch);
    if (!value.empty()) values.push_back(absl::StrCat(prefix_, value));
  };
  if (spec_->split == " ") {
    for (absl::string_view part : absl::StrSplit(all, absl::ByAnyChar(" \t"))) add(part);
  } else {
    for (absl::string_view part : absl::StrSplit(all, spec_->split)) add(part);
  }
  return values;
}

absl::StatusOr<std::string> BoundField::Platform(const Row& row) const {
  if (platform_column_ >= 0) {
    const absl::string_view name = TrimBlank(row[static_cast<size_t>(platform_column_)]);
    if (!name.empty()) return ParsePlatform(name);
  }
  return context_->file->platform;
}

absl::Status BoundField::IdOf(absl::string_view value, const Row& row, std::string* id,
                              std::string* handle) const {
  if (value.empty()) return Wrong("MISSING_ID", spec_->field, "is empty");
  if (!id_head_.empty()) {  // Texts and Text have put the prefix already
    id->assign(context_->file->platform);
    id->push_back(':');
    id->append(value.data(), value.size());
    return absl::OkStatus();
  }
  if (spec_->as == "external") {
    id->assign(value.data(), value.size());
    return absl::OkStatus();
  }
  if (!spec_->lookup.empty()) {
    const auto table = context_->tables->find(spec_->lookup);
    const auto* entries = table == context_->tables->end() ? nullptr : &table->second;
    const auto it = entries == nullptr ? decltype(entries->end()){} : entries->find(value);
    if (entries == nullptr || it == entries->end()) {
      return Wrong("UNKNOWN_KEY", spec_->field,
                   absl::StrCat("\"", value, "\" is not in the table ", spec_->lookup));
    }
    *id = it->second;
    return absl::OkStatus();
  }
  HALQA_ASSIGN_OR_RETURN(const std::string platform, Platform(row));
  if (spec_->as == "profile") {
    HALQA_ASSIGN_OR_RETURN(const Profile profile, ParseProfile(value, platform));
    *id = profile.ExternalId();
    if (handle != nullptr) *handle = profile.handle;
    return absl::OkStatus();
  }
  *id = absl::StrCat(platform, ":", value);
  return absl::OkStatus();
}

absl::Status BoundField::Id(const Row& row, std::string* id, std::string* handle) const {
  if (column_ >= 0 && prefix_.empty() && spec_->map.empty()) {  // most edge files
    return IdOf(Clean(row[static_cast<size_t>(column_)], nullptr), row, id, handle);
  }
  std::string scratch;
  return IdOf(Text(row, &scratch), row, id, handle);
}

absl::Status BoundField::Where(const absl::Status& error) const {
  if (error.ok()) return error;
  const absl::string_view field = spec_->field;
  const std::string where = column_name_.empty() ? std::string(field)
                            : column_name_ == field
                                ? absl::StrCat("column \"", column_name_, "\"")
                                : absl::StrCat("column \"", column_name_, "\" (", field, ")");
  return WithDetail(Annotate(error, where), "field", column_name_.empty() ? field : column_name_);
}

absl::StatusOr<uint64_t> FieldCount(const BoundField& field, absl::string_view text,
                                    const FileSpec& file) {
  if (field.spec().scale == 1) return ParseCount(text, file.numbers);
  HALQA_ASSIGN_OR_RETURN(const double value, ParseNumber(text, file.numbers));
  const double scaled = std::round(value * field.spec().scale);
  if (!(scaled >= 0 && scaled < 9e18)) {
    return Wrong("NOT_A_COUNT", field.spec().field, absl::StrCat("\"", text, "\" is no count"));
  }
  return static_cast<uint64_t>(scaled);
}

}  // namespace halqa
