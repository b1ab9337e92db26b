#include "engine/runtime/registry.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/error.h"
#include "engine/base/status_macros.h"
#include "engine/runtime/algorithm_table.h"

namespace halqa {
namespace {

const std::vector<AlgorithmEntry>& Table() {
  static const auto* const kTable = [] {
    auto* table = new std::vector<AlgorithmEntry>();
    for (const auto family : {DegreeAlgorithms, WalkAlgorithms, ComponentAlgorithms,
                              CommunityAlgorithms, StructureAlgorithms, DistanceAlgorithms,
                              SpectralAlgorithms, FlowAlgorithms, AudienceAlgorithms}) {
      for (AlgorithmEntry& entry : family()) table->push_back(std::move(entry));
    }
    std::sort(table->begin(), table->end(), [](const AlgorithmEntry& a, const AlgorithmEntry& b) {
      return a.descriptor.name < b.descriptor.name;
    });
    return table;
  }();
  return *kTable;
}

absl::StatusOr<const AlgorithmEntry*> FindEntry(absl::string_view name) {
  std::vector<std::string> known;
  for (const AlgorithmEntry& entry : Table()) {
    if (entry.descriptor.name == name) return &entry;
    known.push_back(entry.descriptor.name);
  }
  return FieldError(
      "UNKNOWN_ALGORITHM", "algorithm",
      absl::StrCat("no algorithm '", name, "'; there are ", absl::StrJoin(known, ", ")));
}

}  // namespace

absl::string_view ParameterTypeName(ParameterType type) {
  switch (type) {
    case ParameterType::kDouble:
      return "a number";
    case ParameterType::kInteger:
      return "a whole number";
    case ParameterType::kBool:
      return "true or false";
    case ParameterType::kChoice:
      return "a choice";
    case ParameterType::kVertices:
      return "vertices";
  }
  return "";
}

const std::vector<AlgorithmDescriptor>& Algorithms() {
  static const auto* const kAll = [] {
    auto* all = new std::vector<AlgorithmDescriptor>();
    for (const AlgorithmEntry& entry : Table()) all->push_back(entry.descriptor);
    return all;
  }();
  return *kAll;
}

absl::StatusOr<const AlgorithmDescriptor*> FindAlgorithm(absl::string_view name) {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmEntry* entry, FindEntry(name));
  return &entry->descriptor;
}

absl::StatusOr<uint64_t> EstimateAlgorithm(absl::string_view name, const CsrView& view,
                                           const ParameterValues& parameters, int threads) {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmEntry* entry, FindEntry(name));
  HALQA_ASSIGN_OR_RETURN(const Values values, Values::Make(entry->descriptor, parameters));
  Estimate estimate{threads};
  HALQA_RETURN_IF_ERROR(entry->run(view, values, nullptr, &estimate).status());
  return estimate.bytes;
}

absl::StatusOr<AlgorithmResult> RunAlgorithm(absl::string_view name, const CsrView& view,
                                             const ParameterValues& parameters, RunContext& run) {
  HALQA_ASSIGN_OR_RETURN(const AlgorithmEntry* entry, FindEntry(name));
  HALQA_ASSIGN_OR_RETURN(const Values values, Values::Make(entry->descriptor, parameters));
  Estimate estimate{run.threads()};
  HALQA_ASSIGN_OR_RETURN(AlgorithmResult result, entry->run(view, values, &run, &estimate));
  result.algorithm = entry->descriptor.name;
  result.version = entry->descriptor.version;
  result.type = entry->descriptor.value;
  result.estimated_bytes = estimate.bytes;
  return result;
}

absl::StatusOr<std::string> TranslateVertices(
    absl::string_view value,
    const std::function<absl::StatusOr<VertexIndex>(absl::string_view)>& translate) {
  std::vector<std::string> items;
  for (const absl::string_view item : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const size_t equals = item.rfind('=');
    HALQA_ASSIGN_OR_RETURN(const VertexIndex v, translate(item.substr(0, equals)));
    items.push_back(absl::StrCat(
        v, equals == absl::string_view::npos ? absl::string_view() : item.substr(equals)));
  }
  return absl::StrJoin(items, ",");
}

}  // namespace halqa
