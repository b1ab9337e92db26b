#pragma once
// Column mappings: which file of a set holds which records, and which column which field. Written
// in TOML; docs/FORMATS.md has the language.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/formats/csv.h"
#include "engine/formats/session.h"
#include "engine/formats/values.h"

namespace halqa {

// Where the value of one field comes from and how it is changed.
struct FieldSpec {
  std::string field;                 // "declared_followers", "attributes.views", "price.story"
  std::vector<std::string> columns;  // the first that the file has; empty when `value` is set
  bool optional = false;             // the file may lack all of them
  std::optional<std::string>
      value;           // a constant; {name} = a variable or a capture of the file name
  std::string text;    // a text with ${column} in it
  std::string split;   // separator of several values (" " = blanks)
  std::string strip;   // characters taken off both ends of each value
  std::string prefix;  // put before each value (ids: behind the platform)
  std::map<std::string, std::string> map;  // replacement of whole values; "*" = any other
  std::string as;                          // "" | "profile" | "external" for ids
  std::string platform_column;             // ids: column that names the platform
  std::string lookup;                      // ids: name of a table made by another file's `key`
  std::string currency;                    // prices
  double scale = 1;                        // counts are multiplied by it
};

struct SkipRule {
  std::string column;
  std::vector<std::string> values;
};

enum class RecordKind { kAccount, kFollow, kInteraction, kPost, kList };

struct FileSpec {
  std::vector<std::string> match;  // patterns of the file name: *, ? and {capture}
  RecordKind record = RecordKind::kAccount;
  std::string format = "csv";  // csv | tsv | snap | ndjson | json
  CsvDialect dialect;
  std::string rows = "*";  // json: where the rows are
  bool skip_prefix = false;
  bool required = true;  // a directory without this file is an error
  std::string platform;  // default: the mapping's
  NumberStyle numbers;
  DateOrder dates = DateOrder::kDayFirst;
  bool undirected = false;
  SelfLoops self_loops = SelfLoops::kRefuse;
  Duplicates duplicates = Duplicates::kRefuse;
  bool unknown_columns_are_errors = false;
  std::string table, key;  // makes a table from column `key` to the account's id
  std::string owner;       // the id of this file's (only) account becomes this variable
  std::vector<SkipRule> skip;
  std::vector<FieldSpec> fields;
};

struct Mapping {
  std::string name, description;
  std::string platform;
  std::string source, legal_basis;
  bool join = false;                   // account files describe the same accounts: one record each
  std::vector<std::string> variables;  // {name}s that must be given
  std::vector<FileSpec> files;
};

// Reads a mapping. `origin` names the text in messages. Errors: InvalidArgument (INVALID_MAPPING)
// with the place in the text; the value "field" names the wrong key.
absl::StatusOr<Mapping> ParseMapping(absl::string_view toml, absl::string_view origin);

// The mappings that are part of the program.
struct EmbeddedMapping {
  absl::string_view name, toml;
};
absl::Span<const EmbeddedMapping> EmbeddedMappings();

// An embedded mapping by name, or a mapping file by path. Errors: NotFound (UNKNOWN_FORMAT) naming
// the ones there are.
absl::StatusOr<Mapping> LoadMapping(const std::string& name_or_path);

// True when `name` fits `pattern` (* any text, ? one character, {x} one or more characters). The
// captures are put into `captures`.
bool MatchName(absl::string_view pattern, absl::string_view name,
               std::map<std::string, std::string>* captures);

}  // namespace halqa
