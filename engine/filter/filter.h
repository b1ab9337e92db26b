#pragma once
// Filters: AIP-160 text, checked against a schema, evaluated on rows.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/filter/ast.h"
#include "engine/filter/value.h"

namespace halqa::filter {

// A checked filter. A row matches when the filter is true for it: an unknown signal never equals 0,
// `followers > 1000` is unknown where followers are, and NOT of unknown is unknown; only
// `field:*` ("is known") answers false for it.
//
// Thread safety: immutable; any number of threads may evaluate.
class Filter {
 public:
  // Matches every row.
  Filter() = default;

  // Parses and checks `text`; a blank one matches every row. The language: comparisons
  // `field = != < <= > >= value`, `field:value` (contains, or has the element), `field:*` (is
  // known), bare words (the row's text), '*' at either end of a string value, AND, OR (binds
  // tighter), NOT and '-', parentheses. Errors: InvalidArgument, field "filter", with the byte
  // position: the reasons of Parse; FILTER_UNKNOWN_FIELD (with the known fields),
  // FILTER_BAD_COMPARISON, FILTER_BAD_VALUE (an enum's error names its values).
  static absl::StatusOr<Filter> Compile(absl::string_view text, const Schema& schema);

  // Cost: one Row::Get per comparison reached; AND and OR stop early.
  Tri Evaluate(const Row& row) const;
  bool Matches(const Row& row) const { return Evaluate(row) == Tri::kTrue; }

  // One canonical spelling, "" for the blank filter; equal spellings filter alike.
  std::string ToString() const { return root_ == nullptr ? "" : filter::ToString(*root_); }
  bool empty() const { return root_ == nullptr; }

 private:
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const Schema> schema_;
};

}  // namespace halqa::filter
