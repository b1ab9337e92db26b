#pragma once
// A field of a mapping, tied to the columns of one open file.

#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/records.h"
#include "engine/formats/mapping.h"

namespace halqa {

using Row = std::vector<absl::string_view>;
// table name -> key -> external id
using LookupTables = std::map<std::string, absl::flat_hash_map<std::string, std::string>>;

// What a field is tied to.
struct BindContext {
  const FileSpec* file = nullptr;
  const std::vector<std::string>* columns = nullptr;
  const std::map<std::string, std::string>* variables = nullptr;  // with the captures of the name
  const LookupTables* tables = nullptr;
};

// Position of `name` among `columns`: exact, else without regard to ASCII case; -1 if missing.
int FindColumn(const std::vector<std::string>& columns, absl::string_view name);

// Thread safety: const methods from any thread. The context outlives it.
class BoundField {
 public:
  // Errors: InvalidArgument (MISSING_COLUMN naming what the file has, MISSING_VARIABLE).
  static absl::StatusOr<BoundField> Bind(const FieldSpec& spec, const BindContext& context);

  // False when the file lacks the (optional) column.
  bool present() const { return present_; }
  const FieldSpec& spec() const { return *spec_; }
  // The column, or -1 for constants and texts.
  int column() const { return column_; }

  // The value of one row, trimmed, stripped, replaced and prefixed; "" = not given. The view lives
  // as long as the row and `scratch`.
  absl::string_view Text(const Row& row, std::string* scratch) const;
  // Several values (spec.split), each treated as in Text.
  std::vector<std::string> Texts(const Row& row) const;

  // The external id that the value stands for; `handle` (may be null) gets the handle of a profile.
  // Errors: InvalidArgument (MISSING_ID, NOT_A_PROFILE, UNKNOWN_PLATFORM, UNKNOWN_KEY).
  absl::Status Id(const Row& row, std::string* id, std::string* handle = nullptr) const;
  // The same for one value out of several.
  absl::Status IdOf(absl::string_view value, const Row& row, std::string* id,
                    std::string* handle) const;

  // `error` with the column and the field before its message and the value "field".
  absl::Status Where(const absl::Status& error) const;

 private:
  absl::Status BindText();
  absl::string_view Clean(absl::string_view value, std::string* scratch) const;
  absl::StatusOr<std::string> Platform(const Row& row) const;

  const FieldSpec* spec_ = nullptr;
  const BindContext* context_ = nullptr;
  bool present_ = true;
  int column_ = -1, platform_column_ = -1;
  std::string column_name_;
  std::string constant_, prefix_;
  std::string id_head_;  // "platform:prefix" when it is the same for every row
  std::vector<std::pair<std::string, int>> pieces_;  // of spec.text: words, then a column
};

// Reads one account or post field into its record. REQUIRES: the field is known.
absl::Status SetAccountField(const BoundField& field, const Row& row, const FileSpec& file,
                             AccountRecord* record);
absl::Status SetPostField(const BoundField& field, const Row& row, const FileSpec& file,
                          PostRecord* record);
// Reads one field of an interaction other than the ids. `text` is not empty. REQUIRES: as above.
absl::Status SetInteractionField(const BoundField& field, absl::string_view text,
                                 const FileSpec& file, InteractionRecord* record);
// Fills what `to` does not know yet from `from`; lists are joined, each value once.
void MergeAccount(const AccountRecord& from, AccountRecord* to);
// A count field with its scale.
absl::StatusOr<uint64_t> FieldCount(const BoundField& field, absl::string_view text,
                                    const FileSpec& file);

}  // namespace halqa
