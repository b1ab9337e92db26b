#include "engine/formats/mapping.h"

#include <algorithm>
#include <sstream>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/base/toml.h"

namespace halqa {
namespace {

// Fields of each record kind; "x." = any name behind it.
const std::vector<absl::string_view>& KnownFields(RecordKind kind) {
  static const auto& kAccount = *new std::vector<absl::string_view>{"id",
                                                                    "handle",
                                                                    "display_name",
                                                                    "bio",
                                                                    "url",
                                                                    "country",
                                                                    "city",
                                                                    "category",
                                                                    "languages",
                                                                    "hashtags",
                                                                    "lists",
                                                                    "verified",
                                                                    "is_public",
                                                                    "opted_in",
                                                                    "declared_followers",
                                                                    "declared_following",
                                                                    "creator_id",
                                                                    "creator_probability",
                                                                    "creator_evidence",
                                                                    "collected_at",
                                                                    "expires_at",
                                                                    "price.",
                                                                    "attributes."};
  static const auto& kFollow =
      *new std::vector<absl::string_view>{"follower", "followee", "time", "removed"};
  static const auto& kInteraction =
      *new std::vector<absl::string_view>{"actor", "target", "kind",         "count", "time",
                                          "post",  "value",  "value_micros", "sign",  "confidence"};
  static const auto& kPost = *new std::vector<absl::string_view>{
      "id",       "author",     "time",      "text",    "hashtags",
      "language", "media_kind", "sponsored", "metrics."};
  static const auto& kList = *new std::vector<absl::string_view>{"name", "members"};
  switch (kind) {
    case RecordKind::kAccount:
      return kAccount;
    case RecordKind::kFollow:
      return kFollow;
    case RecordKind::kInteraction:
      return kInteraction;
    case RecordKind::kPost:
      return kPost;
    case RecordKind::kList:
      break;
  }
  return kList;
}

std::vector<absl::string_view> RequiredFields(RecordKind kind) {
  switch (kind) {
    case RecordKind::kAccount:
      return {"id"};
    case RecordKind::kFollow:
      return {"follower", "followee"};
    case RecordKind::kInteraction:
      return {"actor", "target", "kind"};
    case RecordKind::kPost:
      return {"id", "author"};
    case RecordKind::kList:
      break;
  }
  return {"name", "members"};
}

bool IsKnownField(RecordKind kind, absl::string_view field) {
  for (absl::string_view known : KnownFields(kind)) {
    const bool open = known.back() == '.';
    if (open ? absl::StartsWith(field, known) && field.size() > known.size() : field == known) {
      return true;
    }
  }
  return false;
}

// Reads tables key by key; what is left over at the end is an unknown key.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string where)
      : table_(table), where_(std::move(where)) {}

  absl::Status Error(absl::string_view key, absl::string_view message) const {
    const toml::node* node = table_.get(key.data() == nullptr ? "" : std::string(key));
    const auto line = node != nullptr ? node->source().begin.line : table_.source().begin.line;
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_MAPPING",
                     absl::StrCat(where_, ":", line, ": ", key, ": ", message),
                     {{"field", std::string(key)}, {"line", absl::StrCat(line)}});
  }

  absl::Status Text(absl::string_view key, std::string* out) {
    const toml::node* node = Take(key);
    if (node == nullptr) return absl::OkStatus();
    if (!node->is_string()) return Error(key, "expected a text");
    *out = node->as_string()->get();
    return absl::OkStatus();
  }
  absl::Status Bool(absl::string_view key, bool* out) {
    const toml::node* node = Take(key);
    if (node == nullptr) return absl::OkStatus();
    if (!node->is_boolean()) return Error(key, "expected true or false");
    *out = node->as_boolean()->get();
    return absl::OkStatus();
  }
  // One text or a list of them.
  absl::Status Texts(absl::string_view key, std::vector<std::string>* out) {
    const toml::node* node = Take(key);
    if (node == nullptr) return absl::OkStatus();
    if (node->is_string()) {
      *out = {node->as_string()->get()};
      return absl::OkStatus();
    }
    if (!node->is_array()) return Error(key, "expected a text or a list of texts");
    out->clear();
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_string()) return Error(key, "expected a list of texts");
      out->push_back(item.as_string()->get());
    }
    return absl::OkStatus();
  }
  // A key with one of the given words; `index` keeps its value when the key is missing.
  absl::Status Choice(absl::string_view key, std::initializer_list<absl::string_view> words,
                      int* index) {
    std::string text;
    HALQA_RETURN_IF_ERROR(Text(key, &text));
    if (text.empty()) return absl::OkStatus();
    const auto* it = std::find(words.begin(), words.end(), text);
    if (it == words.end()) {
      return Error(key, absl::StrCat("\"", text, "\" is not one of ", absl::StrJoin(words, ", ")));
    }
    *index = static_cast<int>(it - words.begin());
    return absl::OkStatus();
  }
  const toml::node* Take(absl::string_view key) {
    taken_.insert(std::string(key));
    return table_.get(std::string(key));
  }
  absl::Status NothingElse() const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (!taken_.contains(name)) return Error(name, "unknown key");
    }
    return absl::OkStatus();
  }
  const toml::table& table() const { return table_; }
  const std::string& where() const { return where_; }

 private:
  const toml::table& table_;
  std::string where_;
  absl::flat_hash_set<std::string> taken_;
};

std::string ScalarText(const toml::node& node) {
  if (node.is_string()) return node.as_string()->get();
  if (node.is_boolean()) return node.as_boolean()->get() ? "true" : "false";
  if (node.is_integer()) return absl::StrCat(node.as_integer()->get());
  if (node.is_floating_point()) return absl::StrCat(node.as_floating_point()->get());
  return "";
}

absl::Status ParseFieldTable(const toml::table& table, const std::string& where, FieldSpec* spec) {
  TomlReader in(table, absl::StrCat(where, ": ", spec->field));
  HALQA_RETURN_IF_ERROR(in.Texts("column", &spec->columns));
  HALQA_RETURN_IF_ERROR(in.Bool("optional", &spec->optional));
  if (const toml::node* node = in.Take("value")) spec->value = ScalarText(*node);
  HALQA_RETURN_IF_ERROR(in.Text("text", &spec->text));
  HALQA_RETURN_IF_ERROR(in.Text("split", &spec->split));
  HALQA_RETURN_IF_ERROR(in.Text("strip", &spec->strip));
  HALQA_RETURN_IF_ERROR(in.Text("prefix", &spec->prefix));
  HALQA_RETURN_IF_ERROR(in.Text("platform_column", &spec->platform_column));
  HALQA_RETURN_IF_ERROR(in.Text("lookup", &spec->lookup));
  HALQA_RETURN_IF_ERROR(in.Text("currency", &spec->currency));
  HALQA_RETURN_IF_ERROR(in.Text("as", &spec->as));
  if (!spec->as.empty() && spec->as != "profile" && spec->as != "external") {
    return in.Error("as", "must be \"profile\" or \"external\"");
  }
  if (const toml::node* node = in.Take("scale")) {
    if (!node->is_number()) return in.Error("scale", "expected a number");
    spec->scale = node->value<double>().value_or(1);
  }
  if (const toml::node* node = in.Take("map")) {
    if (!node->is_table()) return in.Error("map", "expected a table");
    for (const auto& [key, value] : *node->as_table()) {
      spec->map[std::string(key.str())] = ScalarText(value);
    }
  }
  HALQA_RETURN_IF_ERROR(in.NothingElse());
  const int sources = (spec->columns.empty() ? 0 : 1) + (spec->value.has_value() ? 1 : 0) +
                      (spec->text.empty() ? 0 : 1);
  if (sources != 1) return in.Error("column", "give exactly one of column, value and text");
  return absl::OkStatus();
}

absl::Status ParseField(const std::string& name, const toml::node& node, const std::string& where,
                        FileSpec* file) {
  FieldSpec spec;
  spec.field = name;
  if (node.is_string()) {
    spec.columns = {node.as_string()->get()};
  } else if (node.is_table()) {
    HALQA_RETURN_IF_ERROR(ParseFieldTable(*node.as_table(), where, &spec));
  } else {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_MAPPING",
                     absl::StrCat(where, ":", node.source().begin.line, ": ", name,
                                  ": expected a column name or a table"),
                     {{"field", name}});
  }
  if (!IsKnownField(file->record, name)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_MAPPING",
                     absl::StrCat(where, ":", node.source().begin.line, ": \"", name,
                                  "\" is no field of this record (there are ",
                                  absl::StrJoin(KnownFields(file->record), ", "), ")"),
                     {{"field", name}});
  }
  file->fields.push_back(std::move(spec));
  return absl::OkStatus();
}

absl::Status ParseFields(TomlReader& in, FileSpec* file) {
  const toml::node* fields = in.Take("fields");
  if (fields == nullptr || !fields->is_table()) return in.Error("fields", "expected a table");
  for (const auto& [key, node] : *fields->as_table()) {
    const std::string name(key.str());
    if (name == "attributes" || name == "price" || name == "metrics") {
      if (!node.is_table()) return in.Error(name, "expected a table of names");
      for (const auto& [sub, value] : *node.as_table()) {
        HALQA_RETURN_IF_ERROR(
            ParseField(absl::StrCat(name, ".", std::string(sub.str())), value, in.where(), file));
      }
      continue;
    }
    HALQA_RETURN_IF_ERROR(ParseField(name, node, in.where(), file));
  }
  for (absl::string_view required : RequiredFields(file->record)) {
    const bool there = std::any_of(file->fields.begin(), file->fields.end(),
                                   [&](const FieldSpec& f) { return f.field == required; });
    if (!there) return in.Error("fields", absl::StrCat("\"", required, "\" is missing"));
  }
  return absl::OkStatus();
}

absl::Status ParseDialect(TomlReader& in, FileSpec* file) {
  CsvDialect& d = file->dialect;
  if (file->format == "tsv") d.delimiter = '\t';
  if (file->format == "tsv" || file->format == "snap") d.quote = 0;
  if (file->format == "snap") {
    d.delimiter = ' ';
    d.comment = '#';
    d.header = false;
  }
  std::string text, encoding;
  HALQA_RETURN_IF_ERROR(in.Text("delimiter", &text));
  if (text.size() > 1) return in.Error("delimiter", "expected one character");
  if (!text.empty()) d.delimiter = text[0];
  HALQA_RETURN_IF_ERROR(in.Bool("header", &d.header));
  text.clear();
  HALQA_RETURN_IF_ERROR(in.Text("comment", &text));
  if (!text.empty()) d.comment = text[0];
  bool quotes = d.quote != 0;
  HALQA_RETURN_IF_ERROR(in.Bool("quotes", &quotes));
  d.quote = quotes ? '"' : 0;
  HALQA_RETURN_IF_ERROR(in.Text("encoding", &encoding));
  auto parsed = ParseEncoding(encoding);
  if (!parsed.ok()) return in.Error("encoding", parsed.status().message());
  d.encoding = *parsed;
  text.clear();
  HALQA_RETURN_IF_ERROR(in.Text("decimal", &text));
  if (!text.empty() && text != "," && text != ".") return in.Error("decimal", "must be , or .");
  if (!text.empty()) file->numbers.decimal = text[0];
  int month_first = 0;
  HALQA_RETURN_IF_ERROR(in.Choice("dates", {"day-first", "month-first"}, &month_first));
  file->dates = month_first == 1 ? DateOrder::kMonthFirst : DateOrder::kDayFirst;
  return absl::OkStatus();
}

absl::Status ParseSkip(TomlReader& in, FileSpec* file) {
  const toml::node* node = in.Take("skip");
  if (node == nullptr) return absl::OkStatus();
  if (!node->is_table()) return in.Error("skip", "expected { column = [values] }");
  TomlReader columns(*node->as_table(), absl::StrCat(in.where(), ": skip"));
  for (const auto& [key, value] : *node->as_table()) {
    SkipRule rule{std::string(key.str()), {}};
    HALQA_RETURN_IF_ERROR(columns.Texts(rule.column, &rule.values));
    file->skip.push_back(std::move(rule));
  }
  return absl::OkStatus();
}

absl::Status ParseFile(const toml::table& table, const std::string& where, FileSpec* file) {
  TomlReader in(table, where);
  HALQA_RETURN_IF_ERROR(in.Texts("match", &file->match));
  if (file->match.empty()) return in.Error("match", "expected a file name or pattern");
  int record = -1, format = 0, loops = 0, duplicates = 0, unknown = 0;
  HALQA_RETURN_IF_ERROR(
      in.Choice("record", {"account", "follow", "interaction", "post", "list"}, &record));
  if (record < 0) return in.Error("record", "is missing");
  file->record = static_cast<RecordKind>(record);
  HALQA_RETURN_IF_ERROR(in.Choice("format", {"csv", "tsv", "snap", "ndjson", "json"}, &format));
  constexpr absl::string_view kFormats[] = {"csv", "tsv", "snap", "ndjson", "json"};
  file->format = std::string(kFormats[format]);
  HALQA_RETURN_IF_ERROR(ParseDialect(in, file));
  if (file->format == "ndjson") file->rows = "";
  HALQA_RETURN_IF_ERROR(in.Text("rows", &file->rows));
  HALQA_RETURN_IF_ERROR(in.Bool("skip_prefix", &file->skip_prefix));
  HALQA_RETURN_IF_ERROR(in.Bool("required", &file->required));
  HALQA_RETURN_IF_ERROR(in.Text("platform", &file->platform));
  HALQA_RETURN_IF_ERROR(in.Bool("undirected", &file->undirected));
  HALQA_RETURN_IF_ERROR(in.Choice("self_loops", {"refuse", "drop"}, &loops));
  file->self_loops = loops == 1 ? SelfLoops::kDrop : SelfLoops::kRefuse;
  HALQA_RETURN_IF_ERROR(in.Choice("duplicates", {"refuse", "keep-first", "allow"}, &duplicates));
  file->duplicates = static_cast<Duplicates>(duplicates);
  HALQA_RETURN_IF_ERROR(in.Choice("unknown_columns", {"ignore", "refuse"}, &unknown));
  file->unknown_columns_are_errors = unknown == 1;
  HALQA_RETURN_IF_ERROR(in.Text("table", &file->table));
  HALQA_RETURN_IF_ERROR(in.Text("key", &file->key));
  if (file->table.empty() != file->key.empty()) return in.Error("table", "needs key, and key it");
  HALQA_RETURN_IF_ERROR(in.Text("owner", &file->owner));
  HALQA_RETURN_IF_ERROR(ParseSkip(in, file));
  HALQA_RETURN_IF_ERROR(ParseFields(in, file));
  return in.NothingElse();
}

absl::StatusOr<Mapping> FromTable(const toml::table& table, const std::string& origin) {
  Mapping m;
  TomlReader in(table, origin);
  HALQA_RETURN_IF_ERROR(in.Text("name", &m.name));
  HALQA_RETURN_IF_ERROR(in.Text("description", &m.description));
  HALQA_RETURN_IF_ERROR(in.Text("platform", &m.platform));
  HALQA_RETURN_IF_ERROR(in.Text("source", &m.source));
  HALQA_RETURN_IF_ERROR(in.Text("legal_basis", &m.legal_basis));
  HALQA_RETURN_IF_ERROR(in.Bool("join", &m.join));
  HALQA_RETURN_IF_ERROR(in.Texts("variables", &m.variables));
  const toml::node* files = in.Take("file");
  if (files == nullptr || !files->is_array_of_tables()) {
    return in.Error("file", "expected at least one [[file]]");
  }
  for (const toml::node& node : *files->as_array()) {
    FileSpec file;
    HALQA_RETURN_IF_ERROR(ParseFile(*node.as_table(), origin, &file));
    if (file.platform.empty()) file.platform = m.platform;
    m.files.push_back(std::move(file));
  }
  HALQA_RETURN_IF_ERROR(in.NothingElse());
  return m;
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(absl::string_view toml_text, absl::string_view origin) {
  const toml::parse_result parsed =
      toml::parse(std::string_view(toml_text.data(), toml_text.size()), std::string(origin));
  if (parsed) return FromTable(parsed.table(), std::string(origin));
  const toml::parse_error& error = parsed.error();
  return MakeError(
      absl::StatusCode::kInvalidArgument, "INVALID_MAPPING",
      absl::StrCat(origin, ":", error.source().begin.line, ": ", std::string(error.description())),
      {{"line", absl::StrCat(error.source().begin.line)}});
}

}  // namespace halqa
