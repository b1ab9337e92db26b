#include "tools/evaluate/agreement.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/algo/community/quality.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/formats/byte_source.h"
#include "engine/formats/csv.h"

namespace halqa {
namespace {

// The group of each vertex, as a number that means nothing outside.
using Labels = absl::flat_hash_map<std::string, uint32_t>;

absl::StatusOr<std::unique_ptr<CsvReader>> OpenTable(const std::string& path, CsvDialect dialect) {
  HALQA_ASSIGN_OR_RETURN(auto source, ByteSource::Open(path));
  auto reader = std::make_unique<CsvReader>(std::move(source), dialect);
  HALQA_RETURN_IF_ERROR(reader->Open());
  return reader;
}

// A table with the header of `analyze --data`, or without one, blanks or else between columns.
absl::StatusOr<std::unique_ptr<CsvReader>> OpenLabels(const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(auto reader, OpenTable(path, {.header = true}));
  if (!reader->columns().empty() && reader->columns()[0] == "external_id") return reader;
  HALQA_ASSIGN_OR_RETURN(reader, OpenTable(path, {.header = false}));
  if (reader->columns().size() == 1) {
    HALQA_ASSIGN_OR_RETURN(reader, OpenTable(path, {.delimiter = ' ', .header = false}));
  }
  if (reader->columns().size() >= 2) return reader;
  return MakeError(absl::StatusCode::kInvalidArgument, "MISSING_COLUMN",
                   absl::StrCat(path, ": expected a vertex and its group in each line"));
}

absl::StatusOr<Labels> ReadLabels(const std::string& path) {
  HALQA_ASSIGN_OR_RETURN(const auto reader, OpenLabels(path));
  const auto& columns = reader->columns();
  const auto named = std::find(columns.begin(), columns.end(), "group");
  Labels labels, numbers;
  std::vector<absl::string_view> fields;
  while (true) {
    HALQA_ASSIGN_OR_RETURN(const bool more, reader->Next(&fields));
    if (!more) return labels;
    absl::string_view group = fields[1];
    if (named != columns.end()) {
      const absl::string_view name = fields[static_cast<size_t>(named - columns.begin())];
      if (!name.empty()) group = name;
    }
    const auto number = static_cast<uint32_t>(numbers.size());
    const uint32_t label = numbers.try_emplace(std::string(group), number).first->second;
    if (labels.try_emplace(std::string(fields[0]), label).second) continue;
    return MakeError(
        absl::StatusCode::kInvalidArgument, "DUPLICATE_VERTEX",
        absl::StrCat(path, ":", reader->line(), ": vertex '", fields[0], "' stands there twice"));
  }
}

uint32_t Distinct(const std::vector<uint32_t>& labels) {
  return static_cast<uint32_t>(std::set<uint32_t>(labels.begin(), labels.end()).size());
}

}  // namespace

absl::StatusOr<Agreement> CompareLabels(const std::string& first, const std::string& second) {
  HALQA_ASSIGN_OR_RETURN(const Labels a, ReadLabels(first));
  HALQA_ASSIGN_OR_RETURN(const Labels b, ReadLabels(second));
  std::vector<std::pair<uint32_t, uint32_t>> pairs;
  for (const auto& [vertex, label] : a) {
    const auto it = b.find(vertex);
    if (it != b.end()) pairs.emplace_back(label, it->second);
  }
  if (pairs.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NOTHING_JOINED",
                     absl::StrCat(first, " and ", second, " have no vertex in common"));
  }
  // In a fixed order, for sums that do not depend on the hash table.
  std::sort(pairs.begin(), pairs.end());
  std::vector<uint32_t> in_a, in_b;
  for (const auto& [x, y] : pairs) {
    in_a.push_back(x);
    in_b.push_back(y);
  }
  Agreement agreement;
  agreement.both = pairs.size();
  agreement.only_first = a.size() - pairs.size();
  agreement.only_second = b.size() - pairs.size();
  agreement.first_groups = Distinct(in_a);
  agreement.second_groups = Distinct(in_b);
  HALQA_ASSIGN_OR_RETURN(agreement.ami, AdjustedMutualInformation(in_a, in_b));
  HALQA_ASSIGN_OR_RETURN(agreement.ari, AdjustedRandIndex(in_a, in_b));
  return agreement;
}

}  // namespace halqa
